"""VGG (Simonyan and Zisserman 2014) as a trunk."""

import keras

from mtvision.trunks.applications import application_trunk, by_name
from mtvision.trunks.caffe_preprocessing import CaffePreprocessing

# The last convolutions before their poolings, and the last pooling.
LEVELS = {
    "P0": "block1_conv2",
    "P1": "block2_conv2",
    "P2": "block3_conv3",
    "P3": "block4_conv3",
    "P4": "block5_conv3",
}


def VGG16(
    weights=None,
    *,
    finest="P2",
    image_shape=(None, None, 3),
    name="vgg16",
):
    """VGG16: 13 plain 3x3 convolutions.

    Levels P0 to P4 are the last convolutions before their pooling (64, 128,
    256, 512, 512 channels), P5 is the last pooling (512).

    Args:
        weights: None (random), `"imagenet"`, or the path of a weights file
            of this trunk or of the network without its top.
        finest: Name of the first level that it gives: `"P0"`, of the image's
            size, for networks that mirror it, such as SegNet.
        image_shape: Tuple (H, W, 3), at least 32 pixels; None for a height
            or width that may vary.
        name: Name of the trunk.

    Returns:
        A `Trunk`; it takes RGB images with values 0 to 255.

    Raises:
        ValueError: If the shape is not channels-last RGB, the file missing or
            the level unknown.

    Example:

    >>> trunk = VGG16(image_shape=(64, 64, 3))
    >>> tuple(trunk.output["P5"].shape)
    (None, 2, 2, 512)

    Reference: Simonyan and Zisserman, Very Deep Convolutional Networks for
    Large-Scale Image Recognition, 2014.
    """
    if finest not in LEVELS:
        raise ValueError(
            f"Expected finest to be one of {tuple(LEVELS)}, received "
            f"{finest!r}."
        )
    levels = {k: layer for k, layer in LEVELS.items() if k >= finest}
    return application_trunk(
        keras.applications.VGG16,
        by_name(**levels),
        preprocessing=CaffePreprocessing(dtype="float32"),
        weights=weights,
        image_shape=image_shape,
        name=name,
    )
