"""R-FCN: regions that are classified by votes, without layers of their own."""

import keras
from keras import layers

from mtvision.models.assembly import model_of, require_trunk, task_output
from mtvision.models.faster_rcnn import faster_rcnn_losses
from mtvision.models.region_parts import (
    propose,
    propose_again,
    pyramid_of,
    region_inputs,
    symbolic_image,
)
from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride
from mtvision.tasks import (
    DecodeRegions,
    PositionSensitiveBoxesHead,
    PositionSensitiveClassesHead,
)
from mtvision.trunks import ResNet50

HEADS = {
    "classes": PositionSensitiveClassesHead,
    "boxes": PositionSensitiveBoxesHead,
}


def RFCN(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    heads=None,
    num_regions=128,
    num_proposals=0,
    num_candidates=1000,
    levels=("P4",),
    filters=256,
    score_filters=1024,
    bins=7,
    align=False,
    class_boxes=False,
    anchors=None,
    name="rfcn",
):
    """R-FCN, with as many more tasks on its map as wanted.

    Proposes regions as Faster R-CNN, and classifies each by what its cells
    read from maps that know their place in an object. All layers are
    convolutions on the whole image, so that many regions cost little. Its
    four losses are four outputs, `rpn_objectness`, `rpn_boxes`, `classes`
    and `boxes`, which read the same truth.

    Args:
        num_classes: C.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `ResNet50` with random weights.
        heads: Dict from further tasks to layers that are called on the dict
            of the one map, or `None`.
        num_regions: R, regions that are proposed for each image.
        num_proposals: P, boxes that join them while training, as in
            `FasterRCNN`: 0 for none.
        num_candidates: Anchors that enter the suppression.
        levels: The trunk's level to use. Of several, joined by a
            `FeaturePyramid`, the finest is used. Layers of the trunk behind
            the coarsest, P5 of `ResNet50`, are not trained, and Keras warns
            of it.
        filters: Channels of the pyramid, if there is one, and of the
            proposals' convolution.
        score_filters: Channels of the 1x1 convolution that the maps of
            scores are made of.
        bins: k, cells along each side of a region.
        align: Whether cells are sampled at exact places, not rounded to
            whole pixels of the map as in the paper: for small objects.
        class_boxes: Whether each class has a box of its own.
        anchors: `GridAnchors`, by default nine a cell, of 8, 16 and 32
            cells.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If the image is smaller than the stride of the coarsest
            level, or the trunk lacks a level.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = RFCN(3, image_size=64, trunk=trunk, levels=("P3",), bins=3,
    ...              filters=8, score_filters=16, num_regions=20)
    >>> {task: tuple(x.shape[1:]) for task, x in model.output.items()}
    {'rpn_objectness': (576, 5), 'rpn_boxes': (576, 8), \
'classes': (20, 8), 'boxes': (20, 8)}
    >>> model.compile("adam", **rfcn_losses())

    Reference:
        Dai et al., R-FCN, 2016, whose P4 is made of the trunk's last level
        without its stride, and whose losses take the hardest regions.
    """
    trunk = require_trunk(ResNet50() if trunk is None else trunk)
    inputs = region_inputs(image_size, num_proposals, levels, trunk=trunk)
    require_count(score_filters, 1, "score_filters")
    level = min(levels, key=level_stride)
    pyramid = pyramid_of(
        trunk(inputs["image"]), levels, filters, outputs=(level,)
    )
    outputs, regions = propose(
        inputs,
        pyramid,
        filters=filters,
        anchors=anchors,
        num_regions=num_regions,
        num_candidates=num_candidates,
    )
    features = layers.Conv2D(
        score_filters,
        1,
        activation="relu",
        kernel_initializer="he_normal",
        name="score_features",
    )(pyramid[level])
    numbers = {
        "classes": num_classes,
        "boxes": num_classes if class_boxes else None,
    }
    for task, head in HEADS.items():
        head = head(
            numbers[task], bins=bins, level=level, align=align, name=task
        )
        outputs[task] = head(features, regions)
    if not num_proposals:
        inputs = inputs["image"]
    return model_of(inputs, pyramid, outputs, heads, name)


def rfcn_losses(**options):
    """Losses of `RFCN`, to be splatted into `compile`.

    Args:
        **options: Arguments of `faster_rcnn_losses`, whose four they are.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> list(rfcn_losses()["loss"])
    ['rpn_objectness', 'rpn_boxes', 'classes', 'boxes']
    """
    return faster_rcnn_losses(**options)


def rfcn_detector(model, *, num_regions=None, max_detections=100, **options):
    """A model from images to lists of detections.

    Args:
        model: A trained `RFCN`.
        num_regions: R, or `None` for as many as in training.
        max_detections: D.
        **options: Further arguments of `DecodeRegions`.

    Returns:
        `keras.Model` from images, without `"proposals"`, to the dict of
        `"boxes"` (B, D, 4), `"scores"` and `"classes"` (B, D).

    Raises:
        ValueError: If the model has no such outputs.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = RFCN(3, image_size=64, trunk=trunk, levels=("P3",), bins=3,
    ...              filters=8, score_filters=16, num_regions=20)
    >>> detector = rfcn_detector(model, max_detections=10)
    >>> tuple(detector.output["boxes"].shape)
    (None, 10, 4)
    """
    for task, head in HEADS.items():
        task_output(model, task, head)
    regions = propose_again(model, num_regions=num_regions)
    features = model.get_layer("score_features").output
    rows = [model.get_layer(task)(features, regions) for task in HEADS]
    image = symbolic_image(model)
    decode = DecodeRegions(max_detections=max_detections, **options)
    found = decode(rows, image)
    return keras.Model(image, found, name=f"{model.name}_detector")
