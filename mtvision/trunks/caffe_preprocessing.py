"""What ResNet and VGG networks of Caffe's lineage expect of an image."""

import keras
from keras import ops

# Means of ImageNet's training images: blue, green, red (Simonyan 2014).
IMAGENET_MEANS = (103.939, 116.779, 123.68)


@keras.saving.register_keras_serializable(package="mtvision")
class CaffePreprocessing(keras.layers.Layer):
    """Turns RGB images into centred BGR images.

    The same as `keras.applications.resnet.preprocess_input`, as a layer.
    Give it `dtype="float32"` under mixed precision.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        image: RGB images (B, H, W, 3), values 0 to 255.

    Returns:
        BGR images (B, H, W, 3) less ImageNet's means.

    Example:

    >>> image = keras.ops.zeros((1, 2, 2, 3))
    >>> [round(float(v), 3) for v in CaffePreprocessing()(image)[0, 0, 0]]
    [-103.939, -116.779, -123.68]
    """

    def call(self, image):
        """Returns the centred BGR images."""
        return ops.flip(image, axis=-1) - ops.cast(IMAGENET_MEANS, image.dtype)

    def compute_output_shape(self, input_shape):
        """Returns the shape of the images, which stays."""
        return input_shape
