"""OverFeat: classes and boxes of windows, on shared features."""

import keras

from mtvision.models.assembly import model_of, task_output, with_losses
from mtvision.models.windows import window_features
from mtvision.tasks import (
    MergeWindows,
    WindowBoxesLoss,
    WindowBoxHead,
    WindowClassesLoss,
    WindowHead,
)

PHASES = ("classes", "boxes", "both")


def OverFeat(
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
    name="overfeat",
):
    """OverFeat: a classifier and a finder of boxes slide over an image.

    Two outputs, each a task with its own loss: `"boxes_classes"`, what each
    window shows, and `"boxes_sides"`, where in the window it lies. Both read
    the same truth of objects and the same features. As in the paper the
    features are trained with the classifier, and stay as they are while the
    finder of boxes is trained:

    ```python
    trunk = mtv.trunks.WindowNet()
    model = OverFeat(20, trunk=trunk)
    model.compile("adam", **overfeat_losses(train="classes"))
    model.fit(train)
    trunk.freeze()
    model.compile("adam", **overfeat_losses(train="boxes"))
    model.fit(train)
    ```

    A trunk whose layers pad does not suit it, as then a window within the
    image differs from that window alone.

    Args:
        num_classes: C; the background is one more.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to one map, without
            padding, unlike the other trunks; by default `WindowNet`.
        heads: Dict from further tasks to layers that are called on what the
            trunk gives for the image at the first of the scales, `{"P2":
            map}` of `WindowNet`, or `None`. Without padding the map is a
            little smaller than the image.
        task: What the names of the outputs begin with.
        window: Side of a window in pixels.
        scales: What the image is resized by; 0.5 finds objects of two
            windows' size. No scale gets smaller than a window.
        hidden: Channels of the heads' layers before the last.
        dropout: Share of them that is dropped in training.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If the image is smaller than a window, or the trunk does
            not suit the window.

    Example:

    >>> model = OverFeat(3, image_size=64, scales=(1.0, 0.5))
    >>> model.task_names
    ['boxes_classes', 'boxes_sides']
    >>> model.compile("adam", **overfeat_losses())

    Reference:
        Sermanet et al., OverFeat, 2013. Its last pooling is not shifted
        here: windows are as far apart as the trunk's stride.
    """
    image, pyramid, features, geometry = window_features(
        image_size, trunk, window, scales
    )
    options = {"hidden": hidden, "dropout": dropout, **geometry}
    classes, sides = _names(task)
    outputs = {
        classes: WindowHead(num_classes, name=classes, **options)(
            features, image
        ),
        sides: WindowBoxHead(name=sides, **options)(features, image),
    }
    return model_of(image, pyramid, outputs, heads, name)


def overfeat_losses(
    *, task="boxes", train="both", losses=None, loss_weights=None, **options
):
    """Losses of `OverFeat`, to be splatted into `compile`.

    Args:
        task: What the names of the outputs begin with.
        train: `"classes"` or `"boxes"`, which of the two heads is trained,
            or `"both"` at once.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by output, 1 where it says nothing else.
        **options: Arguments of both `WindowClassesLoss` and
            `WindowBoxesLoss`: `high`, `low`, `normalize_by`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Raises:
        ValueError: If `train` is none of these.

    Example:

    >>> overfeat_losses(train="classes")["loss"]["boxes_sides"] is None
    True
    """
    if train not in PHASES:
        raise ValueError(f"Expected train among {PHASES}, received {train!r}.")
    own = dict(
        zip(
            _names(task),
            (WindowClassesLoss(**options), WindowBoxesLoss(**options)),
        )
    )
    for name, phase in zip(_names(task), PHASES):
        if train not in (phase, "both"):
            own[name] = None
    arguments = with_losses(own, {}, losses, loss_weights)
    weights = arguments["loss_weights"]
    trained = [name for name, loss in arguments["loss"].items() if loss]
    return {**arguments, "loss_weights": {n: weights[n] for n in trained}}


def overfeat_detector(model, *, task="boxes", max_detections=100, **options):
    """A model from images to lists of detections.

    Args:
        model: A trained `OverFeat`.
        task: What the names of its outputs begin with.
        max_detections: D.
        **options: Further arguments of `MergeWindows`.

    Returns:
        `keras.Model` from the same inputs to the dict of `"boxes"`
        (B, D, 4), `"scores"` and `"classes"` (B, D). A score is a sum of
        probabilities and may be above 1.

    Raises:
        ValueError: If the model has no such outputs.

    Example:

    >>> model = OverFeat(3, image_size=64, scales=(1.0, 0.5))
    >>> detector = overfeat_detector(model, max_detections=20)
    >>> tuple(detector.output["boxes"].shape)
    (None, 20, 4)
    """
    decode = MergeWindows(max_detections=max_detections, **options)
    kinds = (WindowHead, WindowBoxHead)
    rows = [task_output(model, *pair) for pair in zip(_names(task), kinds)]
    outputs = decode(rows, model.inputs[0])
    return keras.Model(model.input, outputs, name=f"{model.name}_detector")


def _names(task):
    return [f"{task}_classes", f"{task}_sides"]
