"""Masks of regions at their place in the image."""

from keras import ops

from mtvision.ops.boxes import box_area, finite_boxes
from mtvision.ops.option_checks import require_count
from mtvision.ops.shapes import require_rank
from mtvision.ops.windows import as_map_size


def paste_masks(masks, boxes, image_size, *, padding=1, aligned=False):
    """Draws the mask of each box into an image.

    A mask gets a frame of zeros and its box grows by as much; then it is
    resized, linearly along both axes. What lies outside of the image is cut
    off.

    Args:
        masks: Tensor (B, D, S, S), floating point, such as probabilities.
        boxes: Tensor (B, D, 4), xyxy in pixels of the image.
        image_size: H and W; numbers or scalar tensors.
        padding: Width of the frame, in pixels of the mask.
        aligned: Whether the mask lies in its box as it is. If not, the box is
            first rounded to whole pixels, the last one included, as in the
            first implementations; so it lies up to half a pixel off.

    Returns:
        Tensor (B, D, H, W), float32; zeros for a box without area or with a
        coordinate that is NaN or infinite.

    Raises:
        ValueError: If ranks or sizes are wrong.

    Example:

    >>> masks = np.ones((1, 1, 4, 4))
    >>> boxes = np.array([[[1.0, 1.0, 3.0, 3.0]]])
    >>> pasted = paste_masks(masks, boxes, (4, 5), aligned=True)[0, 0]
    >>> [round(float(v), 2) for v in pasted[2]]
    [0.0, 1.0, 1.0, 0.0, 0.0]

    Reference:
        He et al., Mask R-CNN, 2017. Not aligned, equal to torchvision's
        `paste_masks_in_image`, but for boxes without area: there, they get
        a pixel.
    """
    require_count(padding, 0, "padding")
    masks = ops.cast(masks, "float32")
    require_rank(masks.shape, 4, "masks (B, D, S, S)")
    boxes = finite_boxes(boxes)
    require_rank(boxes.shape, 3, "boxes (B, D, 4)")
    size = masks.shape[-1]
    low, high = _grown(boxes, 1 + 2 * padding / size)
    if not aligned:
        low, high = _towards_zero(low), _towards_zero(high) + 1
    weights = [
        _axis_weights(low[..., axis], high[..., axis], length, size, padding)
        for axis, length in zip((1, 0), _lengths(image_size))
    ]
    has_area = (box_area(boxes) > 0)[..., None, None]
    rows = ops.where(has_area, weights[0], 0.0)
    pasted = ops.einsum("bdhs,bdst->bdht", rows, masks)
    return ops.einsum("bdwt,bdht->bdhw", weights[1], pasted)


def _lengths(image_size):
    if all(isinstance(length, int) for length in image_size):
        return as_map_size(image_size, "image_size")
    return image_size


def _grown(boxes, scale):
    """Corners (..., 2) of boxes that grow about their centre."""
    low, high = boxes[..., :2], boxes[..., 2:]
    center, half = (high + low) * 0.5, (high - low) * 0.5 * scale
    return center - half, center + half


def _towards_zero(x):
    return ops.sign(x) * ops.floor(ops.abs(x))


def _axis_weights(low, high, length, size, padding):
    """What each pixel of a mask counts in each of the image: (B, D, L, S)."""
    low, high = (x[..., None, None] for x in (low, high))
    new, old = ops.maximum(high - low, 1e-6), size + 2 * padding
    pixels = ops.reshape(ops.arange(length, dtype="float32"), (-1, 1)) + 0.5
    pixels = pixels - low
    position = pixels * (old / new) - 0.5
    position = ops.clip(position, 0.0, old - 1.0)
    taps = ops.arange(size, dtype="float32") + padding
    share = ops.maximum(1 - ops.abs(position - taps), 0.0)
    inside = ops.logical_and(pixels >= 0, pixels < new)
    return ops.where(inside, share, 0.0)
