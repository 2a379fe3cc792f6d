"""Regions that come with the image."""

import keras
from keras import layers, ops

from mtvision.ops.boxes import clip_boxes, empty_small_boxes, finite_boxes
from mtvision.ops.option_checks import require_not_negative
from mtvision.ops.shapes import require_rank


@keras.saving.register_keras_serializable(package="mtvision")
class GivenRegions(layers.Layer):
    """Makes regions of proposals that a model is given as an input.

    They are cut at the border of the image; those that get too small, or
    hold a NaN, become padding. Where R is 0, there is one row of padding, so
    that nobody has to deal with no regions at all. No gradient flows.

    Args:
        min_size: Smallest side of a region, in pixels.

    Call:
        proposals: Tensor (B, R, 4), xyxy in pixels, with zeros in rows of
            padding.
        image: Tensor (B, H, W, C), of which the size is read.

    Returns:
        Tensor (B, max(R, 1), 4), float32, zeros in rows of padding.

    Raises:
        ValueError: If `min_size` is negative, or the shapes do not fit.

    Example:

    >>> proposals = np.array([[[-4.0, 2, 6, 8], [40, 40, 50, 50]]])
    >>> regions = GivenRegions()(proposals, np.zeros((1, 32, 32, 3)))
    >>> [[int(x) for x in region] for region in regions[0]]
    [[0, 2, 6, 8], [0, 0, 0, 0]]

    Reference:
        Girshick, Fast R-CNN, 2015.
    """

    # NaN makes a box no region: `predict` takes it.
    takes_nan = True

    def __init__(self, *, min_size=1e-3, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs, "autocast": False})
        require_not_negative(min_size, "min_size")
        self.min_size = min_size

    def build(self, proposals_shape, image_shape):
        """Checks the shapes; there are no weights."""
        require_rank(proposals_shape, 3, "proposals (B, R, 4)")
        require_rank(image_shape, 4, "images (B, H, W, C)")

    def call(self, proposals, image):
        """Returns the regions."""
        proposals = _with_a_row(proposals)
        boxes = clip_boxes(finite_boxes(proposals), *ops.shape(image)[1:3])
        return ops.stop_gradient(empty_small_boxes(boxes, self.min_size))

    def compute_output_spec(self, proposals, image):
        """Returns the shape and dtype of the regions."""
        batch, number, *last = proposals.shape
        number = 1 if number == 0 else number
        return keras.KerasTensor((batch, number, *last), "float32")

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "min_size": self.min_size}


def _with_a_row(boxes):
    """Boxes, or one row of zeros for each image if there are none."""
    batch, number, size = ops.shape(boxes)
    if isinstance(number, int) and number:
        return boxes
    # A tensor where TensorFlow does not know it.
    lacking = 1 if isinstance(number, int) else ops.maximum(1 - number, 0)
    zeros = ops.zeros((batch, lacking, size), boxes.dtype)
    return ops.concatenate([boxes, zeros], axis=1)
