"""Head that finds the box of the object in a window."""

import keras

from mtvision.tasks.window_detection.window_layer import WindowLayer


@keras.saving.register_keras_serializable(package="mtvision")
class WindowBoxHead(WindowLayer):
    """Says for every window of an image where the object in it lies.

    One box for all classes, which the paper found better than one a class.

    Args:
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
        Rows (B, A, 4 + 4), float32, of all windows of all scales: x1, y1, x2,
        y2 of the box in halves of the window from its centre, and the window
        in pixels.

    Raises:
        ValueError: If an option is out of range or the scales do not fit.

    Example:

    >>> head = WindowBoxHead(window=32, stride=4, kernel_size=6)
    >>> image = keras.ops.ones((2, 40, 48, 3))
    >>> features = [keras.ops.ones((2, 8, 10, 5))]
    >>> tuple(head(features, image).shape)
    (2, 15, 8)

    Reference:
        Sermanet et al., OverFeat, 2013.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("WindowBoxesLoss",)

    def __init__(
        self,
        *,
        window,
        stride,
        kernel_size,
        scales=(1.0,),
        hidden=64,
        dropout=0.0,
        **kwargs,
    ):
        super().__init__(
            4,
            window=window,
            stride=stride,
            kernel_size=kernel_size,
            scales=scales,
            hidden=hidden,
            dropout=dropout,
            **kwargs,
        )
