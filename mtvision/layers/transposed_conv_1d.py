"""Transposed convolution of sequences as a layer, sized as in PyTorch."""

import keras

from mtvision.layers.transposed_conv import TransposedConv


@keras.saving.register_keras_serializable(package="mtvision")
class TransposedConv1D(TransposedConv):
    """Lengthens sequences by a learnt kernel, with the sizes of PyTorch.

    `TransposedConv2D` with one axis. The weights of a
    `torch.nn.ConvTranspose1d` are set by
    `layer.set_weights([weight.permute(2, 1, 0).numpy(), bias.numpy()])`.

    Args:
        filters: Channels of the result, F.
        kernel_size: Length of the kernel.
        strides: Steps between the stamps of two elements.
        padding: Elements cut off both ends.
        output_padding: Elements put back at the far end.
        dilation_rate: Steps between the elements of the kernel.
        activation: Function of the result.
        use_bias: Whether a bias is added.
        kernel_initializer: Of the kernel, (k, F, C).
        bias_initializer: Of the bias, (F,).
        kernel_regularizer: Loss of the kernel.
        bias_regularizer: Loss of the bias.
        kernel_constraint: Function of the kernel after each step.
        bias_constraint: Function of the bias after each step.

    Call:
        x: Sequences (B, L, C).

    Returns:
        Sequences (B, L', F).

    Example:

    >>> layer = TransposedConv1D(8, 4, strides=2, padding=1)
    >>> tuple(layer(keras.ops.ones((2, 16, 3))).shape)
    (2, 32, 8)
    """

    rank = 1
