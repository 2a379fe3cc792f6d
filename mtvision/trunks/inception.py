"""Inception networks (Szegedy et al. 2015, 2016) as trunks."""

import keras

from mtvision.trunks.applications import (
    application_trunk,
    by_name,
    symmetric_rescaling,
)


def InceptionV3(
    weights=None, *, image_shape=(None, None, 3), name="inception_v3"
):
    """InceptionV3: the end of its stem and of its three stages.

    The levels have 192, 288, 768 and 2048 channels. Its unpadded
    convolutions make them a few pixels smaller than their stride says.

    Args:
        weights: None (random), `"imagenet"`, or the path of a weights file
            of this trunk or of the network without its top.
        image_shape: Tuple (H, W, 3), at least 75 pixels; None for a height
            or width that may vary.
        name: Name of the trunk.

    Returns:
        A `Trunk`; it takes RGB images with values 0 to 255.

    Raises:
        ValueError: If the shape is not channels-last RGB or the file missing.

    Example:

    >>> trunk = InceptionV3(image_shape=(128, 128, 3))
    >>> tuple(trunk.output["P2"].shape)
    (None, 28, 28, 192)

    Reference: Szegedy et al., Rethinking the Inception Architecture for
    Computer Vision, 2015.
    """
    return application_trunk(
        keras.applications.InceptionV3,
        _levels(P3="mixed2", P4="mixed7"),
        preprocessing=symmetric_rescaling(),
        weights=weights,
        image_shape=image_shape,
        name=name,
    )


def InceptionResNetV2(
    weights=None, *, image_shape=(None, None, 3), name="inception_resnet_v2"
):
    """InceptionResNetV2: the end of its stem and of its three stages.

    The levels have 192, 320, 1088 and 1536 channels. Its unpadded
    convolutions make them a few pixels smaller than their stride says.

    Args:
        weights: None (random), `"imagenet"`, or the path of a weights file
            of this trunk or of the network without its top.
        image_shape: Tuple (H, W, 3), at least 75 pixels; None for a height
            or width that may vary.
        name: Name of the trunk.

    Returns:
        A `Trunk`; it takes RGB images with values 0 to 255.

    Raises:
        ValueError: If the shape is not channels-last RGB or the file missing.

    Example (takes seconds):

    >>> trunk = InceptionResNetV2()  # doctest: +SKIP

    Reference: Szegedy et al., Inception-v4, Inception-ResNet and the Impact
    of Residual Connections on Learning, 2016.
    """
    return application_trunk(
        keras.applications.InceptionResNetV2,
        _levels(P3="block35_10_ac", P4="block17_20_ac"),
        preprocessing=symmetric_rescaling(),
        weights=weights,
        image_shape=image_shape,
        name=name,
    )


def _levels(**names):
    """Adds P2, the stem before its second pooling, which Keras left unnamed."""

    def levels(model):
        pools = (keras.layers.MaxPooling2D,)
        pools = [layer for layer in model.layers if isinstance(layer, pools)]
        return {"P2": pools[1].input, **by_name(**names)(model)}

    return levels
