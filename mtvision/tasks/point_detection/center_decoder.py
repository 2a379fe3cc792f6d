"""From maps of centres to detections."""

import keras
from keras import layers, ops

from mtvision.ops.boxes import clip_boxes
from mtvision.ops.detections import (
    detections_spec,
    suppress,
    take_detections,
    take_rows,
)
from mtvision.ops.heat_maps import top_peaks
from mtvision.ops.map_cells import cell_size, split_cells
from mtvision.ops.option_checks import require_count, require_within


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeCenters(layers.Layer):
    """Takes boxes from the peaks of centre heat maps.

    A peak is a cell that is as high as those around it. Its probability is
    the score; the numbers in its cell are the offset of the centre and the
    size of the box, which below 0 counts as 0, so that there is no detection.
    Peaks take the place of non-maximum suppression, which
    may still be asked for.

    Args:
        max_detections: D, detections an image.
        score_threshold: Detections of a lower score are left out.
        iou_threshold: Overlap above which the weaker of two boxes of a class
            goes; `None` for no suppression, as in the paper.

    Call:
        maps: List of the heat map (B, h, w, C + 4), the sizes (B, h, w, 6)
            and the offsets (B, h, w, 6).
        image: Tensor (B, H, W, 3), optional: boxes are cut at its border.

    Returns:
        Dict of `"boxes"` (B, D, 4), xyxy in pixels; `"scores"` (B, D); and
        `"classes"` (B, D), int32, by falling score. Padding has class -1.

    Raises:
        ValueError: If the maps are not three, or an option is out of range.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((1, 8, 8, 4))}
    >>> heat = mtv.tasks.HeatMapHead(3)(pyramid)
    >>> sizes = mtv.tasks.PointValuesHead(2)(pyramid)
    >>> offsets = mtv.tasks.PointValuesHead(2)(pyramid)
    >>> found = DecodeCenters(max_detections=5)([heat, sizes, offsets])
    >>> tuple(found["boxes"].shape)
    (1, 5, 4)

    Reference:
        Zhou et al., Objects as Points, 2019.
    """

    def __init__(
        self,
        *,
        max_detections=100,
        score_threshold=0.0,
        iou_threshold=None,
        **kwargs,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_count(max_detections, 1, "max_detections")
        require_within(score_threshold, 0, 1, "score_threshold")
        require_within(iou_threshold, 0, 1, "iou_threshold", or_none=True)
        self.max_detections = max_detections
        self.score_threshold = score_threshold
        self.iou_threshold = iou_threshold

    def call(self, maps, image=None):
        """Returns the detections."""
        _require_three(maps)
        heat, sizes, offsets = maps
        logits, cells = split_cells(heat)
        scores, places, classes = top_peaks(
            ops.sigmoid(logits), self.max_detections
        )
        step = cell_size(cells)
        size = ops.relu(_at(sizes, places)) * step
        center = _rows(cells, places)[..., :2] + _at(offsets, places) * step
        boxes = ops.concatenate([center - size / 2, center + size / 2], -1)
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
            "score_threshold": self.score_threshold,
            "iou_threshold": self.iou_threshold,
        }

    def _choose(self, boxes, scores, classes):
        if self.iou_threshold is not None:
            return suppress(
                boxes,
                # No peak has a score of 0, which is below any threshold.
                ops.where(scores > 0, scores, float("-inf")),
                classes,
                max_detections=self.max_detections,
                iou_threshold=self.iou_threshold,
                score_threshold=self.score_threshold,
            )
        order = ops.arange(self.max_detections, dtype="int32")[None]
        order = order + ops.zeros_like(classes[:, :1])
        last = ops.shape(scores)[1] - 1
        best = ops.take_along_axis(scores, ops.minimum(order, last), axis=1)
        kept = (best > 0) & (best >= self.score_threshold) & (order <= last)
        return take_detections(
            boxes, scores, classes, ops.where(kept, order, -1)
        )


def _rows(maps, places):
    flat = ops.reshape(maps, (ops.shape(maps)[0], -1, maps.shape[-1]))
    return take_rows(flat, places)


def _at(maps, places):
    return _rows(split_cells(maps)[0], places)


def _require_three(maps):
    if not isinstance(maps, list | tuple) or len(maps) != 3:
        raise ValueError(
            "DecodeCenters expects a list of three maps: heat map, sizes "
            f"and offsets; received {maps!r}."
        )
