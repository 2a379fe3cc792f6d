"""A small trunk for volumes."""

import keras
from keras import layers

from mtvision.ops.option_checks import require_count
from mtvision.ops.shapes import require_channels_last, require_rank
from mtvision.trunks.checks import require_weights


def VolumeNet(
    filters=(16, 32),
    *,
    depth=3,
    strides=(2, 2),
    volume_shape=(None, None, None, 1),
    weights=None,
    name="volume_net",
):
    """Convolutions in three dimensions, down to cells of some voxels.

    Each level begins by a convolution whose kernel is as large as its stride,
    which pads nothing: moved by a cell, a volume gives the same map, moved.
    Voxels at the far end that fill no cell are left out. Give volumes of
    values around 0, or up to 1. BatchNorm has a momentum of 0.9.

    Args:
        filters: Channels of each level.
        depth: Further 3x3x3 convolutions of the last level; the others have
            one.
        strides: By how much each level is coarser than what it is made from;
            one number, or one for each axis: `((1, 2, 2), 2)` for slices
            twice as far apart as their pixels.
        volume_shape: Tuple (D, H, W, C); None for a size that may vary.
        weights: None (random) or the path of a weights file of this trunk.
        name: Name of the trunk.

    Returns:
        `keras.Model` from volumes (B, D, H, W, C) to a map (B, d, h, w,
        filters[-1]). No `Trunk`, as these take RGB images.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> trunk = VolumeNet((4, 8), strides=((1, 2, 2), 2))
    >>> tuple(trunk(np.ones((1, 8, 16, 16, 1))).shape)
    (1, 4, 4, 4, 8)
    """
    require_channels_last(name)
    require_rank(volume_shape, 4, "volume_shape (D, H, W, C)")
    require_count(depth, 0, "depth")
    require_weights(weights)
    if not filters or len(filters) != len(strides):
        raise ValueError(
            "Expected as many filters as strides, one of each a level; "
            f"received filters={filters!r}, strides={strides!r}."
        )
    volume = keras.Input(tuple(volume_shape), name="volume")
    x = volume
    for level, (number, stride) in enumerate(zip(filters, strides)):
        require_count(number, 1, "filters")
        x = _convolution(x, number, stride, f"level{level}", strides=stride)
        last = level == len(filters) - 1
        for block in range(depth if last else 1):
            x = _convolution(x, number, 3, f"level{level}_block{block}")
    trunk = keras.Model(volume, x, name=name)
    if weights is not None:
        trunk.load_weights(weights)
    return trunk


def _convolution(x, filters, kernel, name, strides=1):
    x = layers.Conv3D(
        filters,
        kernel,
        strides=strides,
        padding="same" if strides == 1 else "valid",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    # Keras' momentum of 0.99 evaluates as noise in a short training.
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)
