"""From maps of extreme points and centres to detections."""

import keras
from keras import layers, ops

from mtvision.ops.boxes import clip_boxes
from mtvision.ops.detections import (
    detections_spec,
    reject_empty,
    take_detections,
    take_rows,
)
from mtvision.ops.edge_aggregation import aggregate_edges
from mtvision.ops.extreme_grouping import (
    Peaks,
    group_extremes,
    suppress_ghosts,
)
from mtvision.ops.heat_maps import top_peaks
from mtvision.ops.map_cells import cell_size, split_cells
from mtvision.ops.option_checks import (
    require_above_zero,
    require_count,
    require_not_negative,
    require_within,
)
from mtvision.ops.soft_suppression import soft_non_max_suppression

# Of top, left, bottom and right: along the edge that each lies on.
_AXES = 2, 1, 2, 1


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeExtremes(layers.Layer):
    """Groups peaks of four extreme points around a peak of a centre.

    Scores are gathered along edges, the best peaks of each kind are taken,
    every four of one class that has a high centre in its middle becomes a
    box, boxes that span several others are made weaker, and soft
    suppression thins out the rest.

    Args:
        max_detections: D, detections an image.
        num_peaks: K, points of each kind that take part; the time grows with
            K ** 4, memory with K ** 3.
        num_groups: Boxes that suppression looks at.
        peak_threshold: Points of a lower score take no part.
        center_threshold: The least score of the centre.
        edge_weight: Weight of the scores along an edge; 0 for none.
        ghost_ratio: A box is halved in its score if the boxes inside of it
            have more than this many times its score; `None` for never.
        sigma: Of soft suppression by a Gaussian: larger leaves more.

    Call:
        maps: List of the heat map of extreme points (B, h, w, 4 C + 4), that
            of centres (B, h, w, C + 4), and the offsets (B, h, w, 8 + 4).
        image: Tensor (B, H, W, 3), optional: boxes are cut at its border.

    Returns:
        Dict of `"boxes"` (B, D, 4), xyxy in pixels; `"scores"` (B, D); and
        `"classes"` (B, D), int32, by falling score. Padding has class -1.

    Raises:
        ValueError: If the maps are not three, or an option is out of range.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((1, 8, 8, 4))}
    >>> maps = [
    ...     mtv.tasks.HeatMapHead(3, points=4)(pyramid),
    ...     mtv.tasks.HeatMapHead(3)(pyramid),
    ...     mtv.tasks.PointValuesHead(8)(pyramid),
    ... ]
    >>> found = DecodeExtremes(max_detections=5, num_peaks=4)(maps)
    >>> tuple(found["boxes"].shape)
    (1, 5, 4)

    Reference:
        Zhou et al., Bottom-up Object Detection by Grouping Extreme and
        Center Points, 2019.
    """

    def __init__(
        self,
        *,
        max_detections=100,
        num_peaks=40,
        num_groups=1000,
        peak_threshold=0.1,
        center_threshold=0.1,
        edge_weight=0.1,
        ghost_ratio=3.0,
        sigma=0.5,
        **kwargs,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_count(max_detections, 1, "max_detections")
        require_count(num_peaks, 1, "num_peaks")
        require_count(num_groups, 1, "num_groups")
        require_within(peak_threshold, 0, 1, "peak_threshold")
        require_within(center_threshold, 0, 1, "center_threshold")
        require_not_negative(edge_weight, "edge_weight")
        if ghost_ratio is not None:
            require_not_negative(ghost_ratio, "ghost_ratio")
        require_above_zero(sigma, "sigma")
        self.max_detections = max_detections
        self.num_peaks = num_peaks
        self.num_groups = num_groups
        self.peak_threshold = peak_threshold
        self.center_threshold = center_threshold
        self.edge_weight = edge_weight
        self.ghost_ratio = ghost_ratio
        self.sigma = sigma

    def call(self, maps, image=None):
        """Returns the detections."""
        _require_three(maps)
        (logits, cells), (centers, _), (offsets, _) = map(split_cells, maps)
        boxes, scores, classes = group_extremes(
            self._peaks(ops.sigmoid(logits), offsets),
            ops.sigmoid(centers),
            num_groups=self.num_groups,
            peak_threshold=self.peak_threshold,
            center_threshold=self.center_threshold,
        )
        boxes = boxes * ops.tile(cell_size(cells), 2)
        if image is not None:
            boxes = clip_boxes(boxes, *ops.shape(image)[1:3])
        return self._choose(boxes, scores, classes)

    def compute_output_spec(self, maps, image=None):
        """Returns the shapes and dtypes of the detections."""
        _require_three(maps)
        return detections_spec(maps[0].shape[0], self.max_detections)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "max_detections": self.max_detections,
            "num_peaks": self.num_peaks,
            "num_groups": self.num_groups,
            "peak_threshold": self.peak_threshold,
            "center_threshold": self.center_threshold,
            "edge_weight": self.edge_weight,
            "ghost_ratio": self.ghost_ratio,
            "sigma": self.sigma,
        }

    def _peaks(self, heat, offsets):
        """The best points of each of the four kinds."""
        num_classes = heat.shape[-1] // 4
        width = ops.shape(heat)[2]
        flat = ops.reshape(offsets, (ops.shape(offsets)[0], -1, 8))
        peaks = []
        for kind, axis in enumerate(_AXES):
            own = heat[..., kind * num_classes : (kind + 1) * num_classes]
            own = aggregate_edges(own, axis=axis, weight=self.edge_weight)
            scores, places, classes = top_peaks(own, self.num_peaks)
            exact = take_rows(flat, places)
            columns, rows = places % width, places // width
            peaks.append(
                Peaks(
                    ops.minimum(scores, 1.0),
                    columns,
                    rows,
                    ops.cast(columns, "float32") + exact[..., 2 * kind],
                    ops.cast(rows, "float32") + exact[..., 2 * kind + 1],
                    classes,
                )
            )
        return peaks

    def _choose(self, boxes, scores, classes):
        chosen, scores = soft_non_max_suppression(
            boxes,
            reject_empty(boxes, scores),
            max_outputs=self.max_detections,
            method="gaussian",
            sigma=self.sigma,
            classes=classes,
        )
        rows = ops.maximum(chosen, 0)
        boxes = take_rows(boxes, rows)
        classes = ops.take_along_axis(classes, rows, axis=1)
        if self.ghost_ratio is not None:
            scores = suppress_ghosts(
                boxes, scores, classes, ratio=self.ghost_ratio
            )
        best, order = ops.top_k(scores, self.max_detections)
        order = ops.where(best > 0, ops.cast(order, "int32"), -1)
        return take_detections(boxes, scores, classes, order)


def _require_three(maps):
    if not isinstance(maps, list | tuple) or len(maps) != 3:
        raise ValueError(
            "DecodeExtremes expects a list of three maps: heat maps of "
            f"extreme points, of centres, and offsets; received {maps!r}."
        )
