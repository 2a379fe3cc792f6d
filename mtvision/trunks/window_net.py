"""A small trunk without padding, for windows that slide over the image."""

from keras import layers

from mtvision.ops.option_checks import require_count
from mtvision.trunks.checks import image_input, require_weights
from mtvision.trunks.convolution import convolution
from mtvision.trunks.trunk import Trunk


def WindowNet(
    filters=(16, 32, 64),
    *,
    image_shape=(None, None, 3),
    weights=None,
    name="window_net",
):
    """Convolutions and poolings that pad nothing.

    What it gives for a window inside of a large image is what it gives for
    that window alone, if it starts at a multiple of 4 pixels. For windows of
    32 pixels the map is 4 x 4. BatchNorm has a momentum of 0.9.

    Args:
        filters: Channels of the convolutions: 5x5 and pooling, 3x3 and
            pooling, 3x3.
        image_shape: Tuple (H, W, 3); None for a height or width that may
            vary.
        weights: None (random) or the path of a weights file of this trunk.
        name: Name of the trunk.

    Returns:
        A `Trunk` with the level P2; it takes RGB images, 0 to 255.

    Raises:
        ValueError: If there are not three filters.

    Example:

    >>> trunk = WindowNet((4, 4, 8))
    >>> [trunk(keras.ops.ones((1, n, n, 3)))["P2"].shape[1] for n in (32, 36)]
    [4, 5]

    Reference: as Sermanet et al., OverFeat, 2013, only smaller.
    """
    if len(filters) != 3:
        raise ValueError(f"Expected three filters, received {filters!r}.")
    for number in filters:
        require_count(number, 1, "filters")
    require_weights(weights)
    image = image_input(image_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32")(image)
    x = convolution(x, filters[0], "first", kernel=5, padding="valid")
    x = layers.MaxPooling2D(2, name="first_pool")(x)
    x = convolution(x, filters[1], "second", kernel=3, padding="valid")
    x = layers.MaxPooling2D(2, name="second_pool")(x)
    x = convolution(x, filters[2], "third", kernel=3, padding="valid")
    trunk = Trunk(image, {"P2": x}, name=name)
    if weights is not None:
        trunk.load_weights(weights)
    return trunk
