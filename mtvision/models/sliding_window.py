"""Sliding windows: a classifier of windows at all places and scales."""

import keras

from mtvision.models.assembly import model_of, task_output, with_losses
from mtvision.models.windows import window_features
from mtvision.tasks import DecodeWindows, WindowClassesLoss, WindowHead


def SlidingWindow(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    task="boxes",
    window=32,
    scales=(1.0, 0.71, 0.5, 0.35),
    hidden=64,
    dropout=0.0,
    name="sliding_window",
):
    """A classifier of square windows that slides over an image.

    It runs as convolutions over the image at several scales, which gives for
    each window what the classifier gives for that window alone. Trained on
    images with boxes, every window is a sample; trained on crops of the size
    of a window, each crop is one. A trunk whose layers pad does not suit it,
    as then a window within the image differs from that window alone.

    Args:
        num_classes: C; the background is one more.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to one map, without
            padding, unlike the other trunks; by default `WindowNet`.
        heads: Dict from further tasks to layers that are called on what the
            trunk gives for the image at the first of the scales, `{"P2":
            map}` of `WindowNet`, or `None`. Without padding the map is a
            little smaller than the image.
        task: Name of the output.
        window: Side of a window in pixels.
        scales: What the image is resized by; 0.5 finds objects of two
            windows' size. No scale gets smaller than a window.
        hidden: Channels of the classifier's layer before the last.
        dropout: Share of them that is dropped in training.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If the image is smaller than a window, or the trunk does
            not suit the window.

    Example:

    >>> model = SlidingWindow(3, image_size=64, scales=(1.0, 0.5))
    >>> tuple(model.output["boxes"].shape)
    (None, 82, 8)
    >>> model.compile("adam", **sliding_window_losses())

    Reference:
        Sermanet et al., OverFeat, 2013, for the dense evaluation.
    """
    image, pyramid, features, geometry = window_features(
        image_size, trunk, window, scales
    )
    head = WindowHead(
        num_classes, hidden=hidden, dropout=dropout, name=task, **geometry
    )
    outputs = {task: head(features, image)}
    return model_of(image, pyramid, outputs, heads, name)


def sliding_window_losses(
    *, task="boxes", losses=None, loss_weights=None, **options
):
    """Losses of `SlidingWindow`, to be splatted into `compile`.

    Args:
        task: Name of the output.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by task, 1 where it says nothing else.
        **options: Arguments of `WindowClassesLoss`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> sliding_window_losses()["loss_weights"]
    {'boxes': 1.0}
    """
    own = {task: WindowClassesLoss(**options)}
    return with_losses(own, {task: 1.0}, losses, loss_weights)


def sliding_window_detector(
    model, *, task="boxes", max_detections=100, **options
):
    """A model from images to lists of detections.

    Args:
        model: A trained `SlidingWindow`.
        task: Name of its output.
        max_detections: D.
        **options: Further arguments of `DecodeWindows`.

    Returns:
        `keras.Model` from the same inputs to the dict of `"boxes"`
        (B, D, 4), `"scores"` and `"classes"` (B, D).

    Raises:
        ValueError: If the model has no such output, or one of another recipe.

    Example:

    >>> model = SlidingWindow(3, image_size=64, scales=(1.0, 0.5))
    >>> detector = sliding_window_detector(model, max_detections=20)
    >>> tuple(detector.output["boxes"].shape)
    (None, 20, 4)
    """
    decode = DecodeWindows(max_detections=max_detections, **options)
    outputs = decode(task_output(model, task, WindowHead), model.inputs[0])
    return keras.Model(model.input, outputs, name=f"{model.name}_detector")
