"""Residual networks (He et al. 2015) as trunks."""

import keras

from mtvision.trunks.applications import application_trunk, by_name
from mtvision.trunks.caffe_preprocessing import CaffePreprocessing


def ResNet50(weights=None, *, image_shape=(None, None, 3), name="resnet50"):
    """ResNet50: the ends of its four stages (256, 512, 1024, 2048 channels).

    Args:
        weights: None (random), `"imagenet"`, or the path of a weights file
            of this trunk or of the network without its top.
        image_shape: Tuple (H, W, 3), at least 32 pixels; None for a height
            or width that may vary.
        name: Name of the trunk.

    Returns:
        A `Trunk`; it takes RGB images with values 0 to 255.

    Raises:
        ValueError: If the shape is not channels-last RGB or the file missing.

    Example:

    >>> trunk = ResNet50(image_shape=(64, 64, 3)).freeze(until="P4")
    >>> tuple(trunk.output["P5"].shape)
    (None, 2, 2, 2048)

    Reference: He et al., Deep Residual Learning for Image Recognition, 2015.
    """
    return application_trunk(
        keras.applications.ResNet50,
        by_name(
            P2="conv2_block3_out", P3="conv3_block4_out", P4="conv4_block6_out"
        ),
        preprocessing=CaffePreprocessing(dtype="float32"),
        weights=weights,
        image_shape=image_shape,
        name=name,
    )


def ResNet101(weights=None, *, image_shape=(None, None, 3), name="resnet101"):
    """ResNet101: as `ResNet50`, with 23 blocks in its third stage.

    Args:
        weights: None (random), `"imagenet"`, or the path of a weights file
            of this trunk or of the network without its top.
        image_shape: Tuple (H, W, 3), at least 32 pixels; None for a height
            or width that may vary.
        name: Name of the trunk.

    Returns:
        A `Trunk`; it takes RGB images with values 0 to 255.

    Raises:
        ValueError: If the shape is not channels-last RGB or the file missing.

    Example (takes seconds):

    >>> trunk = ResNet101()  # doctest: +SKIP

    Reference: He et al., Deep Residual Learning for Image Recognition, 2015.
    """
    return application_trunk(
        keras.applications.ResNet101,
        by_name(
            P2="conv2_block3_out", P3="conv3_block4_out", P4="conv4_block23_out"
        ),
        preprocessing=CaffePreprocessing(dtype="float32"),
        weights=weights,
        image_shape=image_shape,
        name=name,
    )
