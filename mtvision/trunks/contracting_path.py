"""The left half of a U-Net as a trunk."""

from keras import layers

from mtvision.ops.option_checks import require_count
from mtvision.trunks.checks import image_input, require_weights
from mtvision.trunks.convolution import convolution
from mtvision.trunks.trunk import Trunk


def ContractingPath(
    filters=(64, 128, 256, 512, 1024),
    *,
    depth=2,
    normalization=True,
    image_shape=(None, None, 3),
    weights=None,
    name="contracting_path",
):
    """Convolutions and poolings from the full size of the image on.

    Unlike other trunks it gives the levels P0, of the image's size, and P1. A
    pooling halves a size rounding up, so that images of any size will do.

    Args:
        filters: Channels of each level, P0 first.
        depth: 3x3 convolutions at each level.
        normalization: Whether each is followed by BatchNorm, of momentum
            0.9; the paper has none.
        image_shape: Tuple (H, W, 3); None for a height or width that may
            vary.
        weights: None (random) or the path of a weights file of this trunk.
        name: Name of the trunk.

    Returns:
        A `Trunk`; it takes RGB images with values 0 to 255.

    Raises:
        ValueError: If there are no filters, the shape is not channels-last
            RGB or the file is missing.

    Example:

    >>> trunk = ContractingPath((4, 8, 16), image_shape=(33, 32, 3))
    >>> [tuple(x.shape[1:]) for _, x in sorted(trunk.output.items())]
    [(33, 32, 4), (17, 16, 8), (9, 8, 16)]

    Reference: Ronneberger et al., U-Net, 2015, whose convolutions do not pad.
    """
    if not isinstance(filters, list | tuple) or not filters:
        raise ValueError(
            "Expected filters as numbers, one for each level, received "
            f"{filters!r}."
        )
    for number in filters:
        require_count(number, 1, "filters")
    require_count(depth, 1, "depth")
    require_weights(weights)
    image = image_input(image_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32")(image)
    outputs = {}
    for number, channels in enumerate(filters):
        level = f"P{number}"
        if number:
            x = layers.MaxPooling2D(2, padding="same", name=f"{level}_pool")(x)
        for step in range(depth):
            x = convolution(
                x, channels, f"{level}_{step}", normalization=normalization
            )
        outputs[level] = x
    trunk = Trunk(image, outputs, name=name)
    if weights is not None:
        trunk.load_weights(weights)
    return trunk
