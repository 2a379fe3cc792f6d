"""One image at several scales."""

import keras
from keras import layers, ops

from mtvision.ops.option_checks import require_count
from mtvision.ops.resizing import resize_bilinear
from mtvision.tasks.window_detection.scales import require_scales, scaled_size


@keras.saving.register_keras_serializable(package="mtvision")
class ScaledImages(layers.Layer):
    """Resizes an image, so that windows of one size see objects of several.

    Args:
        scales: Numbers above 0; at 0.5 a window sees objects of twice its
            size.
        window: Side of a window in pixels; no image gets smaller.

    Call:
        image: Tensor (B, H, W, C).

    Returns:
        List of tensors (B, h, w, C), float32, one for each scale.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> images = ScaledImages((1.0, 0.5))(keras.ops.ones((1, 80, 100, 3)))
    >>> [tuple(x.shape[1:3]) for x in images]
    [(80, 100), (40, 50)]
    """

    def __init__(self, scales=(1.0,), *, window=32, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        require_count(window, 1, "window")
        self.scales = require_scales(scales)
        self.window = window

    def call(self, image):
        """Returns the images."""
        return [self._resized(image, scale) for scale in self.scales]

    def compute_output_shape(self, input_shape):
        """Returns their shapes."""
        batch, *sizes, channels = input_shape
        shapes = []
        for scale in self.scales:
            scaled = [
                None if n is None else scaled_size(n, scale, self.window)
                for n in sizes
            ]
            shapes.append((batch, *scaled, channels))
        return shapes

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "scales": self.scales,
            "window": self.window,
        }

    def _resized(self, image, scale):
        sizes = ops.shape(image)[1:3]
        scaled = [scaled_size(n, scale, self.window) for n in sizes]
        if scale == 1 and isinstance(scaled[0], int) and scaled == list(sizes):
            return ops.cast(image, "float32")
        image = ops.cast(image, "float32")
        return resize_bilinear(image, scaled, antialias=scale < 1)
