"""Transposed convolution of maps as a layer, sized as in PyTorch."""

import keras

from mtvision.layers.transposed_conv import TransposedConv


@keras.saving.register_keras_serializable(package="mtvision")
class TransposedConv2D(TransposedConv):
    """Enlarges maps by a learnt kernel, with the sizes of PyTorch.

    See `mtvision.ops.transposed_convolution`. Each axis of H pixels becomes
    `(H - 1) * strides - 2 * padding + dilation_rate * (kernel_size - 1) +
    output_padding + 1` long. The weights have the shapes of those of
    `keras.layers.Conv2DTranspose`; those of a `torch.nn.ConvTranspose2d` are
    set by
    `layer.set_weights([weight.permute(2, 3, 1, 0).numpy(), bias.numpy()])`.

    Args:
        filters: Channels of the result, F.
        kernel_size: Height and width of the kernel, or one number for both.
        strides: Steps between the stamps of two pixels, likewise.
        padding: Pixels cut off each border, likewise.
        output_padding: Pixels put back below and on the right, likewise.
        dilation_rate: Steps between the pixels of the kernel, likewise.
        activation: Function of the result.
        use_bias: Whether a bias is added.
        kernel_initializer: Of the kernel, (h, w, F, C); with
            `BilinearKernel` the layer starts as bilinear enlargement.
        bias_initializer: Of the bias, (F,).
        kernel_regularizer: Loss of the kernel.
        bias_regularizer: Loss of the bias.
        kernel_constraint: Function of the kernel after each step.
        bias_constraint: Function of the bias after each step.

    Call:
        x: Maps (B, H, W, C).

    Returns:
        Maps (B, H', W', F).

    Example:

    >>> layer = TransposedConv2D(8, 3, strides=2, padding=1, output_padding=1)
    >>> tuple(layer(keras.ops.ones((2, 16, 20, 3))).shape)
    (2, 32, 40, 8)

    Reference:
        Long et al., Fully Convolutional Networks for Semantic Segmentation,
        2015.
    """

    rank = 2
