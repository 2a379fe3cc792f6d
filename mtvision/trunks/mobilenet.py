"""MobileNets (Sandler et al. 2018, Howard et al. 2019) as trunks."""

import keras

from mtvision.trunks.applications import (
    application_trunk,
    by_name,
    symmetric_rescaling,
)


def MobileNetV2(
    weights=None, *, image_shape=(None, None, 3), name="mobilenet_v2"
):
    """MobileNetV2: the narrow ends of its stages, and its last map.

    The levels have 24, 32, 96 and 1280 channels.

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

    >>> trunk = MobileNetV2(image_shape=(64, 64, 3))
    >>> tuple(trunk.output["P2"].shape)
    (None, 16, 16, 24)

    Reference: Sandler et al., MobileNetV2: Inverted Residuals and Linear
    Bottlenecks, 2018.
    """
    return application_trunk(
        keras.applications.MobileNetV2,
        by_name(P2="block_2_add", P3="block_5_add", P4="block_12_add"),
        preprocessing=symmetric_rescaling(),
        weights=weights,
        image_shape=image_shape,
        name=name,
    )


def MobileNetV3Small(
    weights=None, *, image_shape=(None, None, 3), name="mobilenet_v3_small"
):
    """MobileNetV3Small: the narrow ends of its stages, and its last map.

    The levels have 16, 24, 48 and 576 channels.

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

    >>> trunk = MobileNetV3Small(image_shape=(64, 64, 3))
    >>> tuple(trunk.output["P5"].shape)
    (None, 2, 2, 576)

    Reference: Howard et al., Searching for MobileNetV3, 2019.
    """
    return application_trunk(
        keras.applications.MobileNetV3Small,
        by_name(
            P2="expanded_conv_project_bn",
            P3="expanded_conv_2_add",
            P4="expanded_conv_7_add",
        ),
        preprocessing=None,
        weights=weights,
        image_shape=image_shape,
        name=name,
    )


def MobileNetV3Large(
    weights=None, *, image_shape=(None, None, 3), name="mobilenet_v3_large"
):
    """MobileNetV3Large: the narrow ends of its stages, and its last map.

    The levels have 24, 40, 112 and 960 channels.

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

    >>> trunk = MobileNetV3Large()  # doctest: +SKIP

    Reference: Howard et al., Searching for MobileNetV3, 2019.
    """
    return application_trunk(
        keras.applications.MobileNetV3Large,
        by_name(
            P2="expanded_conv_2_add",
            P3="expanded_conv_5_add",
            P4="expanded_conv_11_add",
        ),
        preprocessing=None,
        weights=weights,
        image_shape=image_shape,
        name=name,
    )
