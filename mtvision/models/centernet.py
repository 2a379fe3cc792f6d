"""CenterNet: objects as points in a heat map."""

import keras

from mtvision.models.assembly import (
    image_input,
    model_of,
    require_trunk,
    task_output,
    with_losses,
)
from mtvision.necks import FeaturePyramid
from mtvision.tasks import (
    CenterHeatMapLoss,
    CenterOffsetLoss,
    CenterSizeLoss,
    DecodeCenters,
    HeatMapHead,
    PointValuesHead,
)
from mtvision.trunks import ResNet50

# As in the paper.
SIZE_WEIGHT = 0.1


def CenterNet(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    task="boxes",
    level="P2",
    filters=64,
    hidden=64,
    prior=0.1,
    name="centernet",
):
    """CenterNet, with as many more tasks on its pyramid as wanted.

    Three outputs, each a task with its own loss: `"boxes_heat_map"`, where
    centres are; `"boxes_size"`, the sizes of boxes; `"boxes_offset"`, where
    in their cells the centres lie. All read the same truth of objects.

    The maps have a stride of 4 pixels. The paper enlarges the trunk's last
    map by transposed convolutions; here a feature pyramid does, which takes
    any trunk and leaves its levels to further tasks.

    Args:
        num_classes: C.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `ResNet50` with random weights.
        heads: Dict from further tasks to layers that are called on the
            pyramid, or `None`.
        task: What the names of the outputs begin with.
        level: Level of the pyramid that the maps are made of.
        filters: Channels of the pyramid.
        hidden: Channels within the heads.
        prior: Probability of every class before training.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If the image is smaller than 32 pixels, the stride of P5.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = CenterNet(3, image_size=64, trunk=trunk, filters=8, hidden=8)
    >>> model.task_names
    ['boxes_heat_map', 'boxes_offset', 'boxes_size']
    >>> model.compile("adam", **centernet_losses())

    Reference:
        Zhou et al., Objects as Points, 2019.
    """
    image = image_input(image_size, "P5", "another trunk")
    trunk = require_trunk(ResNet50() if trunk is None else trunk)
    # Further heads may read all levels; the detector reads one.
    levels = None if heads else (level,)
    neck = FeaturePyramid(filters, outputs=levels, name="pyramid")
    pyramid = neck(trunk(image))
    options = {"level": level, "hidden": hidden}
    heat_map, size, offset = _names(task)
    outputs = {
        heat_map: HeatMapHead(
            num_classes, prior=prior, name=heat_map, **options
        )(pyramid),
        size: PointValuesHead(2, name=size, **options)(pyramid),
        offset: PointValuesHead(2, name=offset, **options)(pyramid),
    }
    return model_of(image, pyramid, outputs, heads, name)


def centernet_losses(
    *,
    task="boxes",
    losses=None,
    loss_weights=None,
    normalize_by="image",
    **options,
):
    """Losses of `CenterNet`, to be splatted into `compile`.

    Args:
        task: What the names of the outputs begin with.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by output; by default 0.1 for sizes
            and 1 for all else.
        normalize_by: `"image"` or `"batch"`: whose objects the sums are
            divided by.
        **options: Further arguments of `CenterHeatMapLoss`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> centernet_losses()["loss_weights"]["boxes_size"]
    0.1
    """
    heat_map, size, offset = _names(task)
    own = {
        heat_map: CenterHeatMapLoss(normalize_by=normalize_by, **options),
        size: CenterSizeLoss(normalize_by=normalize_by),
        offset: CenterOffsetLoss(normalize_by=normalize_by),
    }
    return with_losses(own, {size: SIZE_WEIGHT}, losses, loss_weights)


def centernet_detector(model, *, task="boxes", max_detections=100, **options):
    """A model from images to lists of detections.

    Args:
        model: A trained `CenterNet`.
        task: What the names of its outputs begin with.
        max_detections: D.
        **options: Further arguments of `DecodeCenters`.

    Returns:
        `keras.Model` from the same inputs to the dict of `"boxes"`
        (B, D, 4), `"scores"` and `"classes"` (B, D).

    Raises:
        ValueError: If the model has no such outputs.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = CenterNet(3, image_size=64, trunk=trunk, filters=8, hidden=8)
    >>> detector = centernet_detector(model, max_detections=20)
    >>> tuple(detector.output["boxes"].shape)
    (None, 20, 4)
    """
    decode = DecodeCenters(max_detections=max_detections, **options)
    kinds = (HeatMapHead, PointValuesHead, PointValuesHead)
    maps = [task_output(model, *pair) for pair in zip(_names(task), kinds)]
    outputs = decode(maps, model.inputs[0])
    return keras.Model(model.input, outputs, name=f"{model.name}_detector")


def _names(task):
    return [f"{task}_{part}" for part in ("heat_map", "size", "offset")]
