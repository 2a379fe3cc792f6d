"""From YOLO v1's grids to detections."""

import keras
from keras import layers, ops

from mtvision.ops.boxes import clip_boxes
from mtvision.ops.detections import suppress, take_rows, top_candidates
from mtvision.ops.image_sizes import read_image_size
from mtvision.ops.option_checks import require_count, require_within
from mtvision.tasks.yolo_v1.boxes import cells_of_image, to_pixels
from mtvision.tasks.yolo_v1.columns import split


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeYOLOv1(layers.Layer):
    """Scores every box for every class, and suppresses what overlaps.

    The score is the paper's class-specific confidence, the cell's
    probability of the class times the box's confidence, both cut to 0 to 1,
    as they come from linear layers.

    Args:
        image_size: Size in pixels of the images that the model is built for:
            one number or (H, W).
        boxes_per_cell: K, as in the head.
        max_detections: D.
        score_threshold: Boxes of this score or less are left out.
        iou_threshold: Boxes of a class that overlap a better one by more are
            left out.
        num_candidates: How many pairs of box and class enter the
            suppression, at most.

    Call:
        grids: Tensor (B, S, S, 5 K + C) of `YOLOv1Head`.
        image: Optional, the images (B, H, W, 3). Their size is checked.

    Returns:
        Dict of `"boxes"` (B, D, 4), xyxy in pixels, within the image;
        `"scores"` (B, D); `"classes"` (B, D), int32, -1 for padding; by
        falling score.

    Raises:
        ValueError: If an option is out of range, the columns do not fit, or
            images have another size.

    Example:

    >>> decode = DecodeYOLOv1(448, max_detections=10)
    >>> found = decode(np.zeros((1, 7, 7, 30), "float32"))
    >>> tuple(found["boxes"].shape), int(found["classes"][0, 0])
    ((1, 10, 4), -1)

    Reference:
        Redmon et al., You Only Look Once, 2016.
    """

    def __init__(
        self,
        image_size,
        *,
        boxes_per_cell=2,
        max_detections=100,
        score_threshold=0.01,
        iou_threshold=0.5,
        num_candidates=1000,
        **kwargs,
    ):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_count(boxes_per_cell, 1, "boxes_per_cell")
        require_count(max_detections, 1, "max_detections")
        require_within(score_threshold, 0, 1, "score_threshold", or_none=True)
        require_within(iou_threshold, 0, 1, "iou_threshold")
        require_count(num_candidates, 1, "num_candidates")
        self.image_size = read_image_size(image_size)
        self.boxes_per_cell = boxes_per_cell
        self.max_detections = max_detections
        self.score_threshold = score_threshold
        self.iou_threshold = iou_threshold
        self.num_candidates = num_candidates

    def call(self, grids, image=None):
        """Returns the detections."""
        self._require_size(image)
        grid = split(ops.cast(grids, "float32"), self.boxes_per_cell)
        cells = cells_of_image(self.image_size, grids.shape[1])
        boxes = to_pixels(grid.centres, grid.roots, cells, self.image_size)
        boxes = ops.reshape(boxes, (-1, boxes.shape[1] * boxes.shape[2], 4))
        classes = ops.clip(ops.expand_dims(grid.classes, 2), 0.0, 1.0)
        confidences = ops.clip(grid.confidences, 0.0, 1.0)
        scores = ops.expand_dims(confidences, -1) * classes
        scores = ops.reshape(scores, (-1, boxes.shape[1], grid.num_classes))
        scores, places, labels = top_candidates(scores, self.num_candidates)
        return suppress(
            take_rows(clip_boxes(boxes, *self.image_size), places),
            scores,
            labels,
            max_detections=self.max_detections,
            iou_threshold=self.iou_threshold,
            score_threshold=self.score_threshold,
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "image_size": self.image_size,
            "boxes_per_cell": self.boxes_per_cell,
            "max_detections": self.max_detections,
            "score_threshold": self.score_threshold,
            "iou_threshold": self.iou_threshold,
            "num_candidates": self.num_candidates,
        }

    def _require_size(self, image):
        size = self.image_size if image is None else tuple(image.shape[1:3])
        pairs = zip(size, self.image_size)
        if any(a != b for a, b in pairs if a is not None):
            raise ValueError(
                f"{self.name} was told image_size={self.image_size}, but the "
                f"images have (H, W) = {size}. Give it the size that the "
                "model is built for."
            )
