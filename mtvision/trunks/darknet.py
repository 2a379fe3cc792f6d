"""The plain convolutional networks of YOLO as trunks."""

import functools

from keras import layers

from mtvision.ops.option_checks import require_above_zero
from mtvision.trunks.checks import image_input, require_weights
from mtvision.trunks.convolution import convolution
from mtvision.trunks.trunk import Trunk

# For each level (output channels, kernel size) of its convolutions. A level
# starts with a pooling, but for those that start with a strided convolution.
_DARKNET_24 = {
    "P1": [(64, 7)],
    "P2": [(192, 3)],
    "P3": [(128, 1), (256, 3), (256, 1), (512, 3)],
    "P4": [(256, 1), (512, 3)] * 4 + [(512, 1), (1024, 3)],
    "P5": [(512, 1), (1024, 3)] * 2 + [(1024, 3)],
    "P6": [(1024, 3)] * 3,
}
_STRIDED = ("P1", "P6")
_DARKNET_19 = {
    "P1": [(64, 3)],
    "P2": [(128, 3), (64, 1), (128, 3)],
    "P3": [(256, 3), (128, 1), (256, 3)],
    "P4": [(512, 3), (256, 1)] * 2 + [(512, 3)],
    "P5": [(1024, 3), (512, 1)] * 2 + [(1024, 3)],
}
# As in the paper on YOLO.
_leaky_relu = functools.partial(layers.LeakyReLU, negative_slope=0.1)


def Darknet24(
    *,
    width=1.0,
    normalization=True,
    image_shape=(None, None, 3),
    weights=None,
    name="darknet24",
):
    """The 24 convolutions of YOLO v1, with leaky ReLU.

    Of an image of 448 pixels it makes a map of 7 x 7, level P6.

    Args:
        width: Factor of all numbers of channels, 1 for the paper's. A quarter
            has a sixteenth of the weights and of the work.
        normalization: Whether each convolution is followed by BatchNorm, with
            a momentum of 0.9. The paper does not name it, its authors' code
            has it; without it the network hardly learns from scratch.
        image_shape: Tuple (H, W, 3); None for a height or width that may
            vary.
        weights: None (random) or the path of a weights file of this trunk.
        name: Name of the trunk.

    Returns:
        A `Trunk` of the levels P2 to P6; it takes RGB images with values 0
        to 255.

    Raises:
        ValueError: If `width` is not above 0, the shape is not channels-last
            RGB or the file is missing.

    Example:

    >>> trunk = Darknet24(width=1 / 64, image_shape=(448, 448, 3))
    >>> tuple(trunk.output["P6"].shape)
    (None, 7, 7, 16)

    Reference: Redmon et al., You Only Look Once, 2016, figure 3.
    """
    return _build(
        _DARKNET_24,
        width=width,
        normalization=normalization,
        image_shape=image_shape,
        weights=weights,
        name=name,
    )


def Darknet19(
    *, width=1.0, image_shape=(None, None, 3), weights=None, name="darknet19"
):
    """The network of YOLO v2: 18 convolutions with BatchNorm and leaky ReLU.

    The nineteenth convolution of the paper is that of the classes. BatchNorm
    has a momentum of 0.9, so that its moving statistics follow a training of
    few steps.

    Args:
        width: Factor of all numbers of channels, 1 for the paper's.
        image_shape: Tuple (H, W, 3); None for a height or width that may
            vary.
        weights: None (random) or the path of a weights file of this trunk.
        name: Name of the trunk.

    Returns:
        A `Trunk` of the levels P2 to P5; it takes RGB images with values 0
        to 255.

    Raises:
        ValueError: As for `Darknet24`.

    Example:

    >>> trunk = Darknet19(width=1 / 64)
    >>> tuple(trunk.output["P5"].shape)
    (None, None, None, 16)

    Reference: Redmon and Farhadi, YOLO9000, 2017, table 6.
    """
    return _build(
        {"P0": [(32, 3)], **_DARKNET_19},
        width=width,
        normalization=True,
        image_shape=image_shape,
        weights=weights,
        name=name,
    )


def _build(plan, *, width, normalization, image_shape, weights, name):
    require_above_zero(width, "width")
    require_weights(weights)
    image = image_input(image_shape)
    x = layers.Rescaling(1 / 255, dtype="float32")(image)
    outputs = {}
    for level, convolutions in plan.items():
        is_strided = "P0" not in plan and level in _STRIDED
        if level != "P0" and not is_strided:
            x = layers.MaxPooling2D(2, padding="same", name=f"{level}_pool")(x)
        for index, (filters, kernel) in enumerate(convolutions):
            strides = 2 if is_strided and index == 0 else 1
            filters = max(1, round(filters * width))
            x = convolution(
                x,
                filters,
                f"{level}_{index}",
                kernel=kernel,
                strides=strides,
                normalization=normalization,
                activation=_leaky_relu,
            )
        outputs[level] = x
    levels = {k: x for k, x in outputs.items() if k not in ("P0", "P1")}
    trunk = Trunk(image, levels, name=name)
    if weights is not None:
        trunk.load_weights(weights)
    return trunk
