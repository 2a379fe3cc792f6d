"""The convolution that trunks of our own are made of."""

from keras import layers


def convolution(
    x,
    filters,
    name,
    *,
    kernel=3,
    strides=1,
    padding="same",
    dilation=1,
    normalization=True,
    activation=layers.ReLU,
):
    """A convolution, BatchNorm and an activation.

    BatchNorm has a momentum of 0.9, so that its moving statistics follow a
    training of few steps. Without it the convolution has a bias.

    Args:
        x: Symbolic maps (B, H, W, C).
        filters: Channels of the result.
        name: What the names of the layers begin with.
        kernel: Side of the kernel.
        strides: Pixels from window to window.
        padding: `"same"` or `"valid"`.
        dilation: Pixels from one number of the kernel to the next.
        normalization: Whether there is BatchNorm.
        activation: Function that makes the last layer of its name, or `None`.

    Returns:
        Symbolic maps.

    Example:

    >>> x = convolution(keras.Input((9, 9, 3)), 8, "stem", strides=2)
    >>> tuple(x.shape)
    (None, 5, 5, 8)
    """
    x = layers.Conv2D(
        filters,
        kernel,
        strides=strides,
        padding=padding,
        dilation_rate=dilation,
        use_bias=not normalization,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    if normalization:
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return x if activation is None else activation(name=f"{name}_relu")(x)
