"""Warping: the picture of each region, in one size for all."""

import numpy as np
from keras import ops

from mtvision.ops import region_checks as checks
from mtvision.ops.boxes import finite_boxes
from mtvision.ops.option_checks import require_count
from mtvision.ops.roi_align import roi_align


def warp_regions(
    images, boxes, output_size, *, context=0, fill=0.0, sampling_ratio=2
):
    """Cuts out each region, and stretches it to one size.

    With `context`, more than the region is cut out: of its picture, that
    many pixels at each side are its surroundings, whatever the region's
    size. What lies more than a pixel outside of the image has a value of its
    own.

    Args:
        images: Tensor (B, H, W, C) of floats.
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.
        output_size: Pixels, a number or (height, width).
        context: Pixels of the picture at each side that are beyond the
            region.
        fill: Value outside of the image: one number, or one a channel.
        sampling_ratio: Samples along each side of a pixel of the picture, of
            which it is the mean; each is bilinear.

    Returns:
        Tensor (B, R, h, w, C), of the dtype of `images`. No gradient flows
        to the boxes.

    Raises:
        ValueError: If a shape or an option is wrong.

    Example:

    >>> image = keras.ops.reshape(keras.ops.arange(16.0), (1, 4, 4, 1))
    >>> warped = warp_regions(image, np.array([[[1.0, 1.0, 3.0, 3.0]]]), 2)
    >>> [float(x) for x in keras.ops.reshape(warped, (-1,))]
    [5.0, 6.0, 9.0, 10.0]

    Reference:
        Girshick et al., R-CNN, 2014, whose context is 16 pixels of 227, and
        whose `fill` is the mean of its data.
    """
    size = checks.standardize_size("warp_regions", output_size)
    check_context("warp_regions", context, size)
    images = ops.convert_to_tensor(images)
    check_fill("warp_regions", fill, images.shape)
    fill = ops.cast(fill, images.dtype)
    pictures = roi_align(
        # Outside of what it is given, it has zeros.
        images - fill,
        enlarge_boxes(boxes, context, size),
        size,
        sampling_ratio=sampling_ratio,
    )
    return pictures + fill


def enlarge_boxes(boxes, context, size):
    """Boxes with so much more that it becomes `context` pixels of a picture.

    Args:
        boxes: Tensor (..., 4), xyxy.
        context: Pixels at each side of the picture.
        size: (height, width) of the picture.

    Returns:
        Tensor (..., 4), float32.

    Example:

    >>> [float(x) for x in enlarge_boxes([10.0, 10.0, 20.0, 30.0], 2, (8, 8))]
    [5.0, 0.0, 25.0, 40.0]
    """
    boxes = finite_boxes(boxes)
    height, width = size
    low, high = boxes[..., :2], boxes[..., 2:]
    share = [context / (width - 2 * context), context / (height - 2 * context)]
    more = (high - low) * ops.convert_to_tensor(share, "float32")
    return ops.concatenate([low - more, high + more], axis=-1)


def check_context(name, context, size):
    """Raises unless some pixels are left for the region itself.

    Args:
        name: What asks, for the message.
        context: Pixels at each side.
        size: (height, width) of the picture.

    Raises:
        ValueError: If there are none, or it is no whole number.

    Example:

    >>> check_context("a layer", 16, (227, 227))
    """
    require_count(context, 0, "context")
    if 2 * context >= min(size):
        raise ValueError(
            f"{name} expects context as less than half of the picture's side, "
            f"received context={context} for {size[0]} x {size[1]} pixels."
        )


def check_fill(name, fill, images_shape):
    """Raises unless there is one value for all channels, or one for each.

    Args:
        name: What asks, for the message.
        fill: A number, or a tuple of them.
        images_shape: Shape (B, H, W, C).

    Raises:
        ValueError: If there are others.

    Example:

    >>> check_fill("a layer", (124.0, 117.0, 104.0), (None, 32, 32, 3))
    """
    if np.size(fill) not in (1, images_shape[-1]):
        raise ValueError(
            f"{name} fills {np.size(fill)} channels, received images of shape "
            f"{tuple(images_shape)}. Pass fill as one number, or one a channel."
        )
