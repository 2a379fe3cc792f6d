"""From the rows of masks to masks in the image."""

import keras
from keras import layers, ops

from mtvision.ops.detections import same_spec
from mtvision.ops.mask_pasting import paste_masks
from mtvision.ops.option_checks import require_within
from mtvision.tasks.region_masks.columns import split


@keras.saving.register_keras_serializable(package="mtvision")
class DecodeRegionMasks(layers.Layer):
    """Draws the masks of detections into the image.

    The head is called on the boxes of the detections, pooled anew; of its
    masks that of the detection's class is taken. No gradient flows.

    Args:
        threshold: Probability above which a pixel is inside.
        aligned: As in `RegionMasksLoss`.

    Call:
        rows: Tensor (B, D, S + 1, S, C) of `RegionMasksHead`, one row for
            each detection.
        detections: Dict of `"boxes"` (B, D, 4), `"classes"` (B, D), -1 in
            padding, and others, as `DecodeRegions` gives it.
        image: Tensor (B, H, W, ...), whose size is read.

    Returns:
        The detections, with `"masks"` (B, D, H, W), uint8, 1 inside; zeros in
        rows of padding.

    Raises:
        ValueError: If an option is out of range or the rows do not fit.

    Example:

    >>> found = {"boxes": np.array([[[1, 1, 3, 3]]]),
    ...          "classes": np.array([[0]])}
    >>> rows = np.full((1, 1, 4, 2, 1), 9.0)  # S is 2
    >>> decode = DecodeRegionMasks()
    >>> masks = decode(rows, found, np.zeros((1, 4, 5, 3)))["masks"]
    >>> [[int(x) for x in row] for row in masks[0, 0]]
    [[0, 0, 0, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 0, 0]]

    Reference:
        He et al., Mask R-CNN, 2017.
    """

    def __init__(self, *, threshold=0.5, aligned=True, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_within(threshold, 0, 1, "threshold")
        self.threshold = threshold
        self.aligned = aligned

    def call(self, rows, detections, image):
        """Returns the detections with masks."""
        rows = ops.stop_gradient(ops.cast(rows, "float32"))
        masks, _ = split(rows, self.name)
        classes = ops.cast(detections["classes"], "int32")
        own = classes if masks.shape[-1] > 1 else ops.minimum(classes, 0)
        own = ops.maximum(own, 0)[..., None, None, None]
        # Also where the class is known only at run time.
        numbers = ops.arange(masks.shape[-1], dtype="int32")
        masks = ops.sum(ops.where(own == numbers, masks, 0.0), axis=-1)
        pasted = paste_masks(
            ops.sigmoid(masks),
            detections["boxes"],
            ops.shape(image)[1:3],
            aligned=self.aligned,
        )
        inside = ops.logical_and(
            pasted > self.threshold, classes[..., None, None] >= 0
        )
        return {**detections, "masks": ops.cast(inside, "uint8")}

    def compute_output_spec(self, rows, detections, image):
        """Returns the shapes and dtypes of the detections."""
        shape = (*rows.shape[:2], *image.shape[1:3])
        masks = keras.KerasTensor(shape, "uint8")
        return {**same_spec(detections), "masks": masks}

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "threshold": self.threshold,
            "aligned": self.aligned,
        }
