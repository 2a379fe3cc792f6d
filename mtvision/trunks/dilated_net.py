"""A trunk that sees a patch around each pixel."""

from keras import layers

from mtvision.ops.option_checks import require_count
from mtvision.trunks.checks import image_input, require_weights
from mtvision.trunks.convolution import convolution
from mtvision.trunks.trunk import Trunk


def DilatedNet(
    filters=(32, 32, 64, 64, 128),
    *,
    image_shape=(None, None, 3),
    weights=None,
    name="dilated_net",
):
    """3x3 convolutions that pad nothing, each dilated twice as much.

    The first looks at neighbours, the next at every second pixel, then every
    fourth. The last is a 1x1 convolution. Without padding, the map is smaller
    than the image by `2 ** n - 2` pixels, n the number of filters, and one
    pixel of it sees a patch of one pixel more: 31 for five filters.

    Args:
        filters: Channels of the convolutions.
        image_shape: Tuple (H, W, 3); None for a height or width that may
            vary.
        weights: None (random) or the path of a weights file of this trunk.
        name: Name of the trunk.

    Returns:
        A `Trunk` with the level P0; it takes RGB images, 0 to 255.

    Raises:
        ValueError: If there are fewer than two filters.

    Example:

    >>> trunk = DilatedNet((4, 4, 8))
    >>> [trunk(keras.ops.ones((1, n, n, 3)))["P0"].shape[1] for n in (7, 9)]
    [1, 3]

    Reference: Yu and Koltun, Multi-Scale Context Aggregation by Dilated
    Convolutions, 2016.
    """
    if not isinstance(filters, list | tuple) or len(filters) < 2:
        raise ValueError(f"Expected two filters or more, received {filters!r}.")
    for number in filters:
        require_count(number, 1, "filters")
    require_weights(weights)
    image = image_input(image_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32")(image)
    for number, channels in enumerate(filters[:-1]):
        x = convolution(
            x,
            channels,
            f"dilated_{number}",
            padding="valid",
            dilation=2**number,
        )
    x = convolution(x, filters[-1], "pixel", kernel=1)
    trunk = Trunk(image, {"P0": x}, name=name)
    if weights is not None:
        trunk.load_weights(weights)
    return trunk
