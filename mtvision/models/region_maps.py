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
# The one of `PanopticFPN` that reads no objects.
SEMANTIC = "semantic"


def with_region_maps(base, heads, *, num_regions=32, bins=14, name=None):
    """A `FasterRCNN` with more heads on its regions.

    The heads share one pooling, finer than that of the classes. They train on
    the best of the proposed regions, as maps are dear, and on all boxes that
    join the proposals.

    `mask_rcnn_detector` and `keypoint_rcnn_detector` read the outputs `masks`
    and `keypoints`, and `region_targets` knows what they learn from. Outputs
    of other names are for the user to decode, and are to be named to
    `region_targets`.

    Args:
        base: Model of `FasterRCNN`, or one that was built on it, but not by
            this function.
        heads: Dict from tasks to layers, which are called on the pooled
            regions (B, N, h, h, D) and the regions (B, N, 4).
        num_regions: Regions by falling objectness, at most all R.
        bins: h, cells along each side of a pooled region.
        name: Name of the model, by default that of `base`.

    Returns:
        `MultiTaskModel`, not compiled, with the layers of `base`.

    Raises:
        ValueError: If a task has the name of an output of `base`, or `base`
            has such heads already.

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
    if POOLED in [layer.name for layer in base.layers]:
        raise ValueError(
            "Expected base without heads on maps of regions, received "
            f"{base.name!r}, which has some. Give all of them at once, to "
            "with_region_maps(FasterRCNN(...), heads)."
        )
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

    Raises:
        ValueError: If there are options of an output which the model lacks.
    """
    for task, options in (("masks", masks), ("keypoints", keypoints)):
        if options and task not in model.output:
            raise ValueError(
                f"Received {task}={options!r}, but {model.name!r} has no such "
                f"output. Expected options of {sorted(model.output)}; leave "
                "these out."
            )
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
            also `"crowd"` and, by which key points are scored, `"area"`.
        targets: Dict of what the model's further tasks read, or `None`; the
            value is `None` for one that is not to be trained.

    Returns:
        Dict from task to fields.

    Raises:
        ValueError: If it is not said what an output of the model reads.

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
    if SEMANTIC in model.output:
        own[SEMANTIC] = SEMANTIC
    own |= targets or {}
    unknown = [task for task in model.output if task not in own]
    if unknown:
        raise ValueError(
            f"Expected to know what all outputs of {model.name!r} read; of "
            f"{unknown} it is not known. Say it: region_targets(model, "
            f"targets={{{unknown[0]!r}: FIELDS}}), with None for a task that "
            "is not to be trained."
        )
    return {task: fields for task, fields in own.items() if fields is not None}


def _best_and_joined(regions, number, propose):
    """The first regions, and those behind the R that were proposed."""
    if number == propose.num_regions:
        return regions
    best = regions[:, :number]
    if regions.shape[1] == propose.num_regions:
        return best
    return ops.concatenate([best, regions[:, propose.num_regions :]], axis=1)
