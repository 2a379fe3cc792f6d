"""PatchNet: each pixel is classified by the patch around it."""

import keras
import numpy as np
from keras import layers

from mtvision.models.assembly import image_input, require_trunk
from mtvision.models.segmentation import require_task, segmentation_model
from mtvision.ops.option_checks import require_count
from mtvision.tasks import SegmentationHead
from mtvision.trunks import DilatedNet


def PatchNet(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    pixel_heads=None,
    task="semantic",
    name="patch_net",
):
    """A classifier of patches that runs over whole images as convolutions.

    It gives a pixel what `patch_classifier` gives for the patch around it.
    What neighbouring patches share is computed once, which `slide_patches`
    does not. Beyond the image all is black.

    Args:
        num_classes: C; 1 for a logit of class 1 against class 0.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to `{"P0": map}`,
            without padding and strides; by default `DilatedNet`, with patches
            of 31 pixels.
        heads: Dict from further tasks to layers that are called on the map,
            or `None`.
        pixel_heads: Dict from further tasks to layers that are called on the
            map and the image, or `None`. With `filters=None, depth=0` they
            stay classifiers of patches.
        task: Name of the output.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255 to
        logits (B, H, W, C).

    Raises:
        ValueError: If the trunk pads or has strides, or two tasks have one
            name.

    Example:

    >>> trunk = mtv.trunks.DilatedNet((4, 4, 8))
    >>> model = PatchNet(3, trunk=trunk)
    >>> image = 255 * np.random.default_rng(0).random((1, 9, 8, 3))
    >>> logits = model.predict(image, verbose=0)["semantic"]
    >>> slid = slide_patches(model, image)
    >>> logits.shape, bool(np.allclose(logits, slid, atol=1e-4))
    ((1, 9, 8, 3), True)

    Reference:
        Ciresan et al., Deep Neural Networks Segment Neuronal Membranes, 2012,
        for the patches; Long et al., Fully Convolutional Networks, 2015.
    """
    require_task(task)
    image = image_input(image_size)
    trunk = require_trunk(DilatedNet() if trunk is None else trunk)
    side = patch_side(trunk)
    padded = layers.ZeroPadding2D(side // 2, name="border")(image)
    features = trunk(padded)
    head = SegmentationHead(num_classes, filters=None, depth=0, name=task)
    return segmentation_model(
        image,
        features,
        features,
        head,
        heads=heads,
        pixel_heads=pixel_heads,
        name=name,
    )


def patch_side(trunk):
    """Pixels of a side of the patch that one pixel of a trunk's map sees.

    Args:
        trunk: A layer or model from images to `{"P0": map}`.

    Returns:
        An odd integer.

    Raises:
        ValueError: If the map shrinks otherwise than by a border.

    Example:

    >>> patch_side(mtv.trunks.DilatedNet((4, 4, 8)))
    7
    """
    probes = (256, 257)
    maps = [trunk.compute_output_shape((None, n, n, 3)) for n in probes]
    if not all(isinstance(m, dict) and list(m) == ["P0"] for m in maps):
        raise ValueError(
            "Expected a trunk with the level P0 alone, received one with "
            f"{maps[0]!r}."
        )
    lost = [n - m["P0"][1] for n, m in zip(probes, maps)]
    if lost[0] != lost[1] or lost[0] % 2 or lost[0] == 0:
        raise ValueError(
            "Expected a trunk without padding and strides, whose map is "
            "smaller than the image by an even number of pixels; it is "
            f"smaller by {lost[0]} and {lost[1]} for images of {probes} "
            "pixels."
        )
    return lost[0] + 1


def patch_classifier(model, *, task="semantic"):
    """The classifier of single patches within a `PatchNet`.

    It shares the weights, so that one may train on patches and run on images.

    Args:
        model: A `PatchNet`.
        task: Name of its output.

    Returns:
        `keras.Model` from patches (B, S, S, 3), S odd, to logits (B, C).

    Raises:
        ValueError: If the model is no `PatchNet` with such an output.

    Example:

    >>> model = PatchNet(3, trunk=mtv.trunks.DilatedNet((4, 4, 8)))
    >>> patches = patch_classifier(model)
    >>> patches.input_shape, patches.output_shape
    ((None, 7, 7, 3), (None, 3))
    """
    trunk, head = _parts(model, task)
    side = patch_side(trunk)
    patches = keras.Input((side, side, 3), name="patch")
    logits = layers.Flatten(name="logits")(head(trunk(patches), None))
    return keras.Model(patches, logits, name=f"{model.name}_patches")


def slide_patches(model, images, *, task="semantic", batch_size=1024):
    """Classifies the patch around each pixel, one by one.

    The slow way to what the model gives at once, for comparison.

    Args:
        model: A `PatchNet`.
        images: Array (B, H, W, 3), values 0 to 255.
        task: Name of its output.
        batch_size: Patches at a time.

    Returns:
        Array (B, H, W, C), logits.

    Raises:
        ValueError: If the model is no `PatchNet` with such an output, or
            these are no images.

    Example:

    >>> model = PatchNet(3, trunk=mtv.trunks.DilatedNet((4, 4, 8)))
    >>> images = np.full((1, 9, 8, 3), 128.0)
    >>> at_once = model.predict(images, verbose=0)["semantic"]
    >>> bool(np.allclose(slide_patches(model, images), at_once, atol=1e-5))
    True
    """
    require_count(batch_size, 1, "batch_size")
    shape = np.shape(images)
    if len(shape) != 4 or shape[-1] != 3 or 0 in shape:
        raise ValueError(
            "Expected images (B, H, W, 3), at least one, received the shape "
            f"{shape}. A single image needs an axis: image[None]; repeat a "
            "grey channel three times."
        )
    classifier = patch_classifier(model, task=task)
    side = classifier.input_shape[1]
    border = ((0, 0), (side // 2,) * 2, (side // 2,) * 2, (0, 0))
    padded = np.pad(np.asarray(images, "float32"), border)
    views = np.lib.stride_tricks.sliding_window_view(
        padded, (side, side), axis=(1, 2)
    )
    places = np.indices(views.shape[:3]).reshape(3, -1).T
    found = [
        classifier.predict_on_batch(
            np.moveaxis(views[tuple(places[k : k + batch_size].T)], 1, -1)
        )
        for k in range(0, len(places), batch_size)
    ]
    return np.concatenate(found).reshape(*views.shape[:3], -1)


def _parts(model, task):
    """The trunk and the head of a model."""
    parts = {layer.name: layer for layer in model.layers}
    if "border" not in parts or task not in parts:
        raise ValueError(
            f"Expected a PatchNet with the output {task!r}, received "
            f"{model.name!r} with {sorted(model.output)}."
        )
    # The trunk is what is called on the padded image.
    trunk = next(
        entry["name"]
        for entry in model.get_config()["layers"]
        if "border" in keras.tree.flatten(entry["inbound_nodes"])
    )
    return parts[trunk], parts[task]
