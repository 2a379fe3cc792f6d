"""From the rows of anchors to the regions that are looked at."""

import keras
from keras import layers, ops

from mtvision.ops.box_deltas import decode_boxes
from mtvision.ops.boxes import clip_boxes, empty_small_boxes, finite_boxes
from mtvision.ops.detections import suppress, take_rows, top_candidates
from mtvision.ops.level_maps import choose_levels, map_shapes
from mtvision.ops.option_checks import (
    require_count,
    require_not_negative,
    require_within,
)
from mtvision.tasks.region_proposals.columns import BOXES, OBJECTNESS, split


@keras.saving.register_keras_serializable(package="mtvision")
class ProposeRegions(layers.Layer):
    """Takes the anchors that are most likely objects, without duplicates.

    The best `num_candidates` anchors of each level are moved onto their
    objects and cut at the border of the image; those that get too small go,
    and non-maximum suppression, level by level, leaves the best. No gradient
    flows: the regions are places, not predictions.

    Boxes from elsewhere may join: an input `proposals` of the model, of the
    boxes of the truth while training, as in the papers, and of zeros
    otherwise; or of another method. They come last and are not suppressed.

    Args:
        num_regions: R, regions an image, whatever comes.
        num_candidates: Anchors of a level that enter the suppression.
        iou_threshold: Overlap above which the weaker of two goes.
        min_size: Smallest side of a region, in pixels.
        delta_weights: As in `ProposalBoxesLoss`.

    Call:
        objectness: Rows (B, A, 1 + 4) of `ProposalObjectnessHead`.
        boxes: Rows (B, A, 4 + 4) of `ProposalBoxesHead`.
        image: Tensor (B, H, W, ...), of which the size is read.
        maps: Dict of the maps that the heads took, of which the sizes are
            read. `None` if there is one level only, or if all levels are to
            count as one.
        proposals: `None`, or tensor (B, P, 4), xyxy in pixels, with zeros in
            rows of padding.

    Returns:
        Tensor (B, R, 4), or (B, R + P, 4) with `proposals`, xyxy in pixels,
        float32, by falling objectness; zeros in rows of padding, in place
        of boxes with NaN or wholly outside of the image, too.

    Raises:
        ValueError: If an option is out of range, or the maps do not fit the
            rows.

    Example:

    >>> anchor, far = [2.0, 2.0, 9.0, 9.0], [20.0, 20.0, 29.0, 29.0]
    >>> objectness = np.array([[[1.0, *anchor], [0.0, *anchor], [2.0, *far]]])
    >>> boxes = np.array([[[0.0] * 4 + a for a in (anchor, anchor, far)]])
    >>> propose = ProposeRegions(num_regions=3)
    >>> regions = propose(objectness, boxes, np.zeros((1, 32, 32, 3)))
    >>> [[round(float(x)) for x in region] for region in regions[0]]
    [[20, 20, 29, 29], [2, 2, 9, 9], [0, 0, 0, 0]]

    Reference:
        Ren et al., Faster R-CNN, 2015; on a pyramid: Lin et al., Feature
        Pyramid Networks for Object Detection, 2017. Equal to torchvision's
        `RegionProposalNetwork`, which takes 2000 candidates and regions in
        training, 1000 otherwise.
    """

    # NaN makes a box no region: `predict` takes it.
    takes_nan = True

    def __init__(
        self,
        *,
        num_regions=1000,
        num_candidates=1000,
        iou_threshold=0.7,
        min_size=1e-3,
        delta_weights=(1.0, 1.0, 1.0, 1.0),
        **kwargs,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_count(num_regions, 1, "num_regions")
        require_count(num_candidates, 1, "num_candidates")
        require_within(iou_threshold, 0, 1, "iou_threshold")
        require_not_negative(min_size, "min_size")
        self.num_regions = num_regions
        self.num_candidates = num_candidates
        self.iou_threshold = iou_threshold
        self.min_size = min_size
        self.delta_weights = tuple(delta_weights)

    def call(self, objectness, boxes, image, maps=None, proposals=None):
        """Returns the regions."""
        size = ops.shape(image)[1:3]
        logits, _ = split(objectness, OBJECTNESS, self.name)
        deltas, anchors = split(boxes, BOXES, self.name)
        table = ops.concatenate([deltas, anchors], axis=-1)
        table, logits = ops.stop_gradient(table), ops.stop_gradient(logits)
        scores, places, levels = self._candidates(logits, maps)
        deltas, anchors = ops.split(take_rows(table, places), 2, axis=-1)
        found = decode_boxes(deltas, anchors, weights=self.delta_weights)
        found = self._cut(found, size)
        regions = suppress(
            found,
            scores,
            levels,
            max_detections=self.num_regions,
            iou_threshold=self.iou_threshold,
        )["boxes"]
        if proposals is None:
            return regions
        further = self._cut(finite_boxes(proposals), size)
        return ops.concatenate([regions, ops.stop_gradient(further)], axis=1)

    def compute_output_spec(
        self, objectness, boxes, image, maps=None, proposals=None
    ):
        """Returns the shape and dtype of the regions."""
        number = self.num_regions
        if proposals is not None:
            further = proposals.shape[1]
            number = None if further is None else number + further
        shape = (objectness.shape[0], number, 4)
        return keras.KerasTensor(shape, "float32")

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_regions": self.num_regions,
            "num_candidates": self.num_candidates,
            "iou_threshold": self.iou_threshold,
            "min_size": self.min_size,
            "delta_weights": self.delta_weights,
        }

    def _candidates(self, logits, maps):
        """The best of each level: scores, places and levels, each (B, N)."""
        parts = []
        for level, (start, stop) in enumerate(_parts(logits, maps, self.name)):
            scores, places, _ = top_candidates(
                logits[:, start:stop], self.num_candidates
            )
            levels = ops.full_like(places, level)
            parts.append((scores, places + start, levels))
        return [ops.concatenate(part, axis=1) for part in zip(*parts)]

    def _cut(self, boxes, size):
        """Boxes within the image, zeros where they are too small."""
        return empty_small_boxes(clip_boxes(boxes, *size), self.min_size)


def _parts(logits, maps, name):
    """Where the rows of each level start and stop."""
    if maps is None:
        return [(0, logits.shape[1])]
    number = ops.shape(logits)[1]
    shapes = map_shapes(maps, choose_levels(maps, None, name))
    cells = [height * width for height, width in shapes.values()]
    sizes = [number // sum(cells) * count for count in cells]
    if isinstance(number, int) and sum(sizes) != number:
        raise ValueError(
            f"{name} received {number} anchors, which are not as many for "
            f"each cell of maps of sizes {shapes}. Expected the maps that the "
            "heads took: those of ProposalTower."
        )
    stops = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return list(zip([0, *stops[:-1]], stops))
