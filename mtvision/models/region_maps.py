"""Heads that draw maps of regions, on a Faster R-CNN."""

from keras import ops

from mtvision.layers import MultilevelRoIAlign
from mtvision.models.assembly import require_new_tasks
from mtvision.models.faster_rcnn import maps_of
from mtvision.ops.option_checks import require_count
from mtvision.tasks import DecodeRegionKeypoints, DecodeRegionMasks
from mtvision.training import MultiTaskModel

POOLED = "pooled_maps"
OBJECTS = ("boxes", "classes")
# Fields that tasks of a region model read beside those of objects.
OF_TASKS = {
    "rpn_objectness": (),
    "rpn_boxes": (),
    "classes": (),
    "boxes": (),
    "masks": ("masks",),
    "keypoints": ("keypoints",),
    "captions": ("phrases",),
}


def with_region_maps(base, heads, *, num_regions=32, bins=14, name=None):
    """A `FasterRCNN` with more heads on its regions.

    The heads share one pooling, finer than that of the classes. They train on
    the best of the proposed regions, as maps are dear, and on all boxes that
    join the proposals.

    Args:
        base: Model of `FasterRCNN`, or one that was built on it.
        heads: Dict from tasks to layers, which are called on the pooled
            regions (B, N, h, h, D) and the regions (B, N, 4).
        num_regions: Regions by falling objectness, at most all R.
        bins: h, cells along each side of a pooled region.
        name: Name of the model, by default that of `base`.

    Returns:
        `MultiTaskModel`, not compiled, with the layers of `base`.

    Raises:
        ValueError: If a task has the name of an output of `base`.

    Example:

    >>> base = mtv.models.FasterRCNN(
    ...     3, image_size=64, trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)),
    ...     filters=8, units=16)
    >>> head = mtv.tasks.RegionMasksHead(3, filters=8, depth=1)
    >>> model = with_region_maps(base, {"outline": head}, num_regions=5)
    >>> tuple(model.output["outline"].shape)
    (None, 5, 29, 28, 3)
    """
    require_count(num_regions, 1, "num_regions")
    require_new_tasks(heads, base.output)
    propose = base.get_layer("regions")
    regions = _best_and_joined(
        propose.output, min(num_regions, propose.num_regions), propose
    )
    # Of the same levels; pixel centres at half-integers.
    config = base.get_layer("pooled").get_config()
    config |= {"name": POOLED, "output_size": bins, "aligned": True}
    pooled = MultilevelRoIAlign.from_config(config)(maps_of(base), regions)
    further = {task: head(pooled, regions) for task, head in heads.items()}
    name = base.name if name is None else name
    return MultiTaskModel(base.input, {**base.output, **further}, name=name)


def add_maps(model, pyramid, found, image, *, masks=None, keypoints=None):
    """Masks and key points of detections, as far as the model gives them.

    The heads are called on the boxes that were found, pooled anew.

    Args:
        model: A trained model of `with_region_maps`.
        pyramid: Dict of symbolic maps, as `detect_regions` gives it.
        found: Dict of symbolic detections.
        image: Symbolic image.
        masks: Dict of arguments of `DecodeRegionMasks`, or `None`.
        keypoints: Dict of arguments of `DecodeRegionKeypoints`, or `None`.

    Returns:
        `found`, with what the decoders add.
    """
    pool = model.get_layer(POOLED)
    boxes = found["boxes"]
    pooled = pool(pyramid, boxes)
    if "masks" in model.output:
        rows = model.get_layer("masks")(pooled, boxes)
        found = DecodeRegionMasks(**masks or {})(rows, found, image)
    if "keypoints" in model.output:
        rows = model.get_layer("keypoints")(pooled, boxes)
        found = DecodeRegionKeypoints(**keypoints or {})(rows, found)
    return found


def region_targets(model, *, objects=OBJECTS, targets=None):
    """Which fields of a sample the tasks of a region model read.

    For `mtvision.data.Batches`, so that they are stated once.

    Args:
        model: A `FasterRCNN`, `MaskRCNN`, `KeypointRCNN`, `PanopticFPN` or
            `DenseCaptioning`.
        objects: Fields that all tasks of objects read; with COCO's files
            also `"crowd"`.
        targets: Dict of what the model's further tasks read, or `None`.

    Returns:
        Dict from task to fields.

    Example:

    >>> model = mtv.models.FasterRCNN(
    ...     3, image_size=64, trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)),
    ...     filters=8, units=16)
    >>> region_targets(model)["classes"]
    {'boxes': 'boxes', 'classes': 'classes'}
    """
    own = {
        task: {field: field for field in (*objects, *further)}
        for task, further in OF_TASKS.items()
        if task in model.output
    }
    return {**own, **(targets or {})}


def _best_and_joined(regions, number, propose):
    """The first regions, and those behind the R that were proposed."""
    if number == propose.num_regions:
        return regions
    best = regions[:, :number]
    if regions.shape[1] == propose.num_regions:
        return best
    return ops.concatenate([best, regions[:, propose.num_regions :]], axis=1)
