"""VGG (Simonyan and Zisserman 2014) as a trunk."""

import keras

from mtvision.trunks.applications import application_trunk, by_name
from mtvision.trunks.caffe_preprocessing import CaffePreprocessing


def VGG16(weights=None, *, image_shape=(None, None, 3), name="vgg16"):
    """VGG16: 13 plain 3x3 convolutions.

    Levels P2 to P4 are the last convolutions before their pooling (256, 512,
    512 channels), P5 is the last pooling (512).

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

    >>> trunk = VGG16(image_shape=(64, 64, 3))
    >>> tuple(trunk.output["P5"].shape)
    (None, 2, 2, 512)

    Reference: Simonyan and Zisserman, Very Deep Convolutional Networks for
    Large-Scale Image Recognition, 2014.
    """
    return application_trunk(
        keras.applications.VGG16,
        by_name(P2="block3_conv3", P3="block4_conv3", P4="block5_conv3"),
        preprocessing=CaffePreprocessing(dtype="float32"),
        weights=weights,
        image_shape=image_shape,
        name=name,
    )
