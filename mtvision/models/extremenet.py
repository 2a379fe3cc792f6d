"""ExtremeNet: boxes from four extreme points and a centre."""

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
    DecodeExtremes,
    ExtremeHeatMapLoss,
    ExtremeOffsetLoss,
    HeatMapHead,
    PointValuesHead,
)
from mtvision.trunks import ResNet50


def ExtremeNet(
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
    name="extremenet",
):
    """ExtremeNet, with as many more tasks on its pyramid as wanted.

    Three outputs, each a task with its own loss: `"boxes_extremes"`, where
    the top, left, bottom and right points of objects are; `"boxes_centers"`,
    where their centres are; `"boxes_offsets"`, where in their cells the
    extreme points lie. All read the same truth: objects with their masks, or
    with extreme points.

    The maps have a stride of 4 pixels, from a feature pyramid on any trunk;
    the paper's trunk is an hourglass network of 104 layers.

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
    >>> model = ExtremeNet(3, image_size=64, trunk=trunk, filters=8, hidden=8)
    >>> model.task_names
    ['boxes_centers', 'boxes_extremes', 'boxes_offsets']
    >>> model.compile("adam", **extremenet_losses())

    Reference:
        Zhou et al., Bottom-up Object Detection by Grouping Extreme and
        Center Points, 2019.
    """
    image = image_input(image_size, "P5", "another trunk")
    trunk = require_trunk(ResNet50() if trunk is None else trunk)
    # Further heads may read all levels; the detector reads one.
    levels = None if heads else (level,)
    neck = FeaturePyramid(filters, outputs=levels, name="pyramid")
    pyramid = neck(trunk(image))
    options = {"level": level, "hidden": hidden}
    extremes, centers, offsets = _names(task)
    outputs = {
        extremes: HeatMapHead(
            num_classes, points=4, prior=prior, name=extremes, **options
        )(pyramid),
        centers: HeatMapHead(num_classes, prior=prior, name=centers, **options)(
            pyramid
        ),
        offsets: PointValuesHead(8, name=offsets, **options)(pyramid),
    }
    return model_of(image, pyramid, outputs, heads, name)


def extremenet_losses(
    *,
    task="boxes",
    losses=None,
    loss_weights=None,
    normalize_by="image",
    **options,
):
    """Losses of `ExtremeNet`, to be splatted into `compile`.

    Args:
        task: What the names of the outputs begin with.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by output, 1 where it says nothing else.
        normalize_by: `"image"` or `"batch"`: whose objects the sums are
            divided by.
        **options: Further arguments of `ExtremeHeatMapLoss` and
            `CenterHeatMapLoss`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> sorted(extremenet_losses()["loss"])
    ['boxes_centers', 'boxes_extremes', 'boxes_offsets']
    """
    extremes, centers, offsets = _names(task)
    own = {
        extremes: ExtremeHeatMapLoss(normalize_by=normalize_by, **options),
        centers: CenterHeatMapLoss(normalize_by=normalize_by, **options),
        offsets: ExtremeOffsetLoss(normalize_by=normalize_by),
    }
    return with_losses(own, {}, losses, loss_weights)


def extremenet_detector(model, *, task="boxes", max_detections=100, **options):
    """A model from images to lists of detections.

    Args:
        model: A trained `ExtremeNet`.
        task: What the names of its outputs begin with.
        max_detections: D.
        **options: Further arguments of `DecodeExtremes`.

    Returns:
        `keras.Model` from the same inputs to the dict of `"boxes"`
        (B, D, 4), `"scores"` and `"classes"` (B, D).

    Raises:
        ValueError: If the model has no such outputs.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = ExtremeNet(3, image_size=64, trunk=trunk, filters=8, hidden=8)
    >>> detector = extremenet_detector(model, max_detections=20, num_peaks=8)
    >>> tuple(detector.output["boxes"].shape)
    (None, 20, 4)
    """
    decode = DecodeExtremes(max_detections=max_detections, **options)
    kinds = (HeatMapHead, HeatMapHead, PointValuesHead)
    maps = [task_output(model, *pair) for pair in zip(_names(task), kinds)]
    outputs = decode(maps, model.inputs[0])
    return keras.Model(model.input, outputs, name=f"{model.name}_detector")


def _names(task):
    return [f"{task}_{part}" for part in ("extremes", "centers", "offsets")]
