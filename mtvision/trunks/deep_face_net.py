"""A trunk for aligned faces, whose kernels differ from place to place."""

import keras
from keras import layers

from mtvision.layers import LocallyConnected2D
from mtvision.ops.option_checks import require_count
from mtvision.trunks.checks import image_input, require_weights
from mtvision.trunks.convolution import convolution


def DeepFaceNet(
    filters=(32, 16, 16, 16, 16),
    *,
    kernels=(11, 9, 9, 7, 5),
    normalization=True,
    image_shape=(152, 152, 3),
    weights=None,
    name="deep_face_net",
):
    """Two convolutions, then three layers that know where in the face they are.

    C1, a max pooling of half the size, C3, and the locally connected L4, L5
    of stride 2, and L6. Nothing is padded but the pooling. Faces must be
    aligned: the same part of all of them at the same place.

    Args:
        filters: Channels of the five layers, C1, C3, L4, L5 and L6.
        kernels: Sides of their kernels; smaller ones for images of less than
            71 pixels, such as `(5, 3, 3, 3, 3)`.
        normalization: Whether there is BatchNorm, of momentum 0.9; the paper
            has none.
        image_shape: Tuple (H, W, 3), both known.
        weights: None (random) or the path of a weights file of this trunk.
        name: Name of the trunk.

    Returns:
        `keras.Model` from RGB images (B, H, W, 3), 0 to 255, to a map
        (B, h, w, filters[-1]). No `Trunk`, as what is not padded moves the
        stride.

    Raises:
        ValueError: If an option is out of range, or nothing is left of the
            image.

    Example:

    >>> trunk = DeepFaceNet((4, 4, 4, 4, 4), image_shape=(96, 80, 3))
    >>> trunk.output.shape
    (None, 7, 3, 4)

    Reference:
        Taigman et al., DeepFace, 2014. The default is its network up to L6.
    """
    _require_five(filters, "filters")
    _require_five(kernels, "kernels")
    require_weights(weights)
    image = image_input(image_shape)
    _require_cells(image_shape, kernels)
    valid = {"padding": "valid", "normalization": normalization}
    local = {"normalization": normalization}
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32")(image)
    x = convolution(x, filters[0], "C1", kernel=kernels[0], **valid)
    x = layers.MaxPooling2D(3, 2, padding="same", name="M2")(x)
    x = convolution(x, filters[1], "C3", kernel=kernels[1], **valid)
    x = _local(x, filters[2], "L4", kernels[2], **local)
    x = _local(x, filters[3], "L5", kernels[3], strides=2, **local)
    x = _local(x, filters[4], "L6", kernels[4], **local)
    trunk = keras.Model(image, x, name=name)
    if weights is not None:
        trunk.load_weights(weights)
    return trunk


def _local(x, filters, name, kernel, *, strides=1, normalization):
    x = LocallyConnected2D(
        filters,
        kernel,
        strides=strides,
        use_bias=not normalization,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    if normalization:
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _require_five(numbers, argument):
    if not isinstance(numbers, list | tuple) or len(numbers) != 5:
        raise ValueError(
            f"Expected five {argument}, of C1, C3, L4, L5 and L6, received "
            f"{numbers!r}."
        )
    for number in numbers:
        require_count(number, 1, argument)


def _require_cells(image_shape, kernels):
    for side in image_shape[:2]:
        if side is None:
            raise ValueError(
                "DeepFaceNet has a kernel for each place, so it expects images "
                f"of known size, received image_shape={tuple(image_shape)}."
            )
        if _cells(side, kernels) < 1:
            smallest = next(n for n in range(1, 10**6) if _cells(n, kernels))
            raise ValueError(
                f"Nothing is left of images of {tuple(image_shape)}: with "
                f"kernels={tuple(kernels)} a side needs {smallest} pixels or "
                "more. Give larger images or smaller kernels."
            )


def _cells(side, kernels):
    """Cells along a side of the map, 0 if nothing is left."""
    pooled = -(-(side - kernels[0] + 1) // 2)
    halved = (pooled - (kernels[1] - 1) - (kernels[2] - 1) - kernels[3]) // 2
    return max(halved + 1 - (kernels[4] - 1), 0)
