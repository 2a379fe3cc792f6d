"""Head that classifies windows."""

import keras

from mtvision.ops.option_checks import require_count
from mtvision.tasks.window_detection.window_layer import WindowLayer


@keras.saving.register_keras_serializable(package="mtvision")
class WindowHead(WindowLayer):
    """Says of every window of an image which object it shows, if any.

    It is a classifier of single windows, run as a convolution: on a large
    image it gives for each window what it gives for that window alone, if
    the trunk pads nothing.

    Args:
        num_classes: C.
        window: Side of a window in pixels of the scaled image.
        stride: Pixels from window to window.
        kernel_size: Side of the map that the trunk gives for one window.
        scales: Scales of the images, as for `ScaledImages`.
        hidden: Channels of the layer in between.
        dropout: Share of them that is dropped in training.

    Call:
        features: List of maps (B, h, w, D), one a scale.
        image: Tensor (B, H, W, 3), whose size is read.

    Returns:
        Rows (B, A, C + 1 + 4), float32, of all windows of all scales: logits
        of the classes and of the background, and the window in pixels.

    Raises:
        ValueError: If an option is out of range or the scales do not fit.

    Example:

    >>> head = WindowHead(3, window=32, stride=4, kernel_size=6)
    >>> image = keras.ops.ones((2, 40, 48, 3))
    >>> features = [keras.ops.ones((2, 8, 10, 5))]
    >>> tuple(head(features, image).shape)
    (2, 15, 8)

    Reference:
        Sermanet et al., OverFeat, 2013.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("WindowClassesLoss",)

    def __init__(
        self,
        num_classes,
        *,
        window,
        stride,
        kernel_size,
        scales=(1.0,),
        hidden=64,
        dropout=0.0,
        **kwargs,
    ):
        require_count(num_classes, 1, "num_classes")
        super().__init__(
            num_classes + 1,
            window=window,
            stride=stride,
            kernel_size=kernel_size,
            scales=scales,
            hidden=hidden,
            dropout=dropout,
            **kwargs,
        )
        self.num_classes = num_classes

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "num_classes": self.num_classes}
