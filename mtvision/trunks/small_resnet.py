"""A residual trunk that learns from scratch on two CPU cores."""

from keras import layers

from mtvision.ops.option_checks import require_count
from mtvision.trunks.checks import image_input, require_weights
from mtvision.trunks.convolution import convolution
from mtvision.trunks.trunk import Trunk


def SmallResNet(
    filters=(16, 32, 64, 128),
    *,
    blocks=1,
    image_shape=(None, None, 3),
    weights=None,
    name="small_resnet",
):
    """A small residual network with one stage for each of P2 to P5.

    A strided convolution takes the image to stride 2; the first block of
    every stage halves the size again. BatchNorm has a momentum of 0.9, so
    that its moving statistics follow a training of few steps.

    Args:
        filters: Channels of the levels P2, P3, P4 and P5.
        blocks: Residual blocks in each stage.
        image_shape: Tuple (H, W, 3); None for a height or width that may
            vary.
        weights: None (random) or the path of a weights file of this trunk.
        name: Name of the trunk.

    Returns:
        A `Trunk`; it takes RGB images with values 0 to 255.

    Raises:
        ValueError: If there are not four filters, the shape is not
            channels-last RGB or the file is missing.

    Example:

    >>> trunk = SmallResNet(filters=(4, 8, 8, 8), image_shape=(64, 64, 3))
    >>> tuple(trunk.output["P2"].shape)
    (None, 16, 16, 4)

    Reference: He et al., Deep Residual Learning for Image Recognition, 2015
    (basic block); the pooled shortcut, He et al., Bag of Tricks for Image
    Classification, 2018 (ResNet-D).
    """
    if len(filters) != 4:
        raise ValueError(
            "Expected four filters, one for each of P2 to P5, received "
            f"filters={filters}."
        )
    for number in filters:
        require_count(number, 1, "filters")
    require_count(blocks, 1, "blocks")
    require_weights(weights)
    image = image_input(image_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32")(image)
    x = convolution(x, filters[0], "stem", strides=2)
    outputs = {}
    for level, channels in zip(("P2", "P3", "P4", "P5"), filters):
        for block in range(blocks):
            strides = 2 if block == 0 else 1
            x = _block(x, channels, f"{level}_block{block + 1}", strides)
        outputs[level] = x
    trunk = Trunk(image, outputs, name=name)
    if weights is not None:
        trunk.load_weights(weights)
    return trunk


def _block(x, filters, name, strides):
    residual = convolution(x, filters, f"{name}_1", strides=strides)
    residual = convolution(residual, filters, f"{name}_2", activation=None)
    if strides != 1:
        x = layers.AveragePooling2D(
            strides, padding="same", name=f"{name}_pool"
        )(x)
    if strides != 1 or x.shape[-1] != filters:
        x = convolution(x, filters, f"{name}_0", kernel=1, activation=None)
    x = layers.Add(name=f"{name}_add")([x, residual])
    return layers.ReLU(name=f"{name}_out")(x)
