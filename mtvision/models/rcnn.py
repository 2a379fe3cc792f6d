"""R-CNN: the picture of each region through a trunk of its own."""

from mtvision.layers import RegionTrunk, WarpRegions
from mtvision.models.assembly import require_trunk, with_losses
from mtvision.models.linear_detector import linear_detector
from mtvision.models.region_parts import given_regions
from mtvision.tasks import RegionClassesHead, RegionClassesLoss, RegionTower
from mtvision.training import MultiTaskModel
from mtvision.trunks import VGG16


def RCNN(
    num_classes,
    *,
    image_size=None,
    trunk=None,
    num_proposals=None,
    region_size=224,
    context=16,
    level="P5",
    units=1024,
    dropout=0.0,
    task="classes",
    name="rcnn",
):
    """R-CNN, the slow one: each region is warped and looked at alone.

    Its inputs are a dict of `"image"` and `"proposals"` (B, R, 4), xyxy in
    pixels, zeros in padding: regions that another method proposes, such as
    `mtvision.data.selective_search`. With a field of them in the data:
    `Batches(source, targets, inputs={"image": "image", "proposals":
    "proposal_boxes"}, max_objects={"boxes": 20, "proposal_boxes": 300})`.

    It is trained to classify the regions, as other models by `fit`; then
    `rcnn_detector` fits linear models to its features. With
    `num_proposals=None` the training may take fewer proposals than the
    detector. Without a map of the whole image, there are no further tasks.

    Args:
        num_classes: C.
        image_size: Pixels, `(H, W)`, or `None` for images of any size.
        trunk: A layer or model from images (B, H, W, 3) to a dict of maps;
            by default `VGG16` with random weights.
        num_proposals: R, or `None` for any number.
        region_size: Pixels of the picture of a region; at least a cell of
            the trunk's `level`.
        context: Pixels of the picture at each side that are beyond the
            region.
        level: The trunk's map that is taken. Later layers of the trunk are
            not trained, and Keras warns of it.
        units: Outputs of each of the two dense layers; 4096 in the paper.
        dropout: Share of them that is dropped in training; 0.5 in the paper.
        task: Name of the output.
        name: Name of the model.

    Returns:
        `MultiTaskModel`, not compiled, from images with values 0 to 255.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = RCNN(3, image_size=64, trunk=trunk, num_proposals=20,
    ...              region_size=32, context=4, units=16)
    >>> tuple(model.output["classes"].shape)
    (None, 20, 8)
    >>> model.compile("adam", **rcnn_losses())

    Reference:
        Girshick et al., Rich Feature Hierarchies for Accurate Object
        Detection and Semantic Segmentation, 2014.
    """
    inputs, regions = given_regions(image_size, num_proposals)
    trunk = require_trunk(VGG16() if trunk is None else trunk)
    warp = WarpRegions(region_size, context=context, name="pictures")
    pictures = warp(inputs["image"], regions)
    pooled = RegionTrunk(trunk, level=level, name="pooled")(pictures, regions)
    tower = RegionTower(units, dropout=dropout, name="region_features")
    head = RegionClassesHead(num_classes, name=task)
    outputs = {task: head(tower(pooled), regions)}
    return MultiTaskModel(inputs, outputs, name=name)


def rcnn_losses(*, task="classes", losses=None, loss_weights=None, **options):
    """Losses of `RCNN`, to be splatted into `compile`.

    Args:
        task: Name of the output.
        losses: Dict of the losses of further tasks, or `None`.
        loss_weights: Dict of weights by task, 1 where it says nothing else.
        **options: Arguments of `RegionClassesLoss`.

    Returns:
        `{"loss": {...}, "loss_weights": {...}}`.

    Example:

    >>> rcnn_losses()["loss_weights"]
    {'classes': 1.0}
    """
    own = {task: RegionClassesLoss(**options)}
    return with_losses(own, {}, losses, loss_weights)


def rcnn_detector(
    model,
    data=None,
    *,
    task="classes",
    max_detections=100,
    iou_threshold=0.3,
    svms=None,
    ridges=None,
    **options,
):
    """A model from images and proposals to lists of detections.

    To the features of the regions in `data`, as the trained model gives
    them, it fits a linear support vector machine for each class, with the
    objects of the truth as positives, regions that overlap none of the class
    by 0.3 as negatives, and hard ones of these looked for; and a ridge
    regression for each class, from what the trunk gives of regions that
    overlap an object by more than 0.6, to the deltas that lead to its box.
    Both are linear, so they become the weights of two dense layers: the
    detector is one model, which is saved as any other. Its scores are
    sigmoids of the margins. All features are held in memory.

    Args:
        model: A trained `RCNN` or `SPPNet`.
        data: Batches of `(inputs, truth, sample_weights)`, as the model is
            trained on, best without `augment`; or `None` for a detector of
            the model's own classes, which moves no box.
        task: Name of the model's output, and of the truth in `data`.
        max_detections: D.
        iou_threshold: Boxes of one class that overlap more are duplicates.
        svms: Dict of the arguments `penalty` (the paper's C, 0.001), `first`
            (negatives to begin with, 5000), `rounds` (of looking for hard
            ones, 10) and `seed`, or `None`.
        ridges: Dict of the argument `penalty` (the paper's lambda, 1000), or
            `None`.
        **options: Further arguments of `DecodeRegions`.

    Returns:
        `keras.Model` from the dict of `"image"` and `"proposals"` to the
        dict of `"boxes"` (B, D, 4), `"scores"` and `"classes"` (B, D).

    Raises:
        ValueError: If the model has no such output; if the data has no label
            or a fault, which is looked for as by `fit`; if an option is out
            of range, or needs data.

    Example:

    >>> trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    >>> model = RCNN(3, image_size=64, trunk=trunk, num_proposals=20,
    ...              region_size=32, context=4, units=16)
    >>> detector = rcnn_detector(model, max_detections=10)
    >>> tuple(detector.output["boxes"].shape)
    (None, 10, 4)

    Reference:
        Girshick et al., R-CNN, 2014. Unlike there, a negative that has
        become easy stays among the others.
    """
    return linear_detector(
        model,
        data,
        task=task,
        svms=svms,
        ridges=ridges,
        max_detections=max_detections,
        iou_threshold=iou_threshold,
        **options,
    )
