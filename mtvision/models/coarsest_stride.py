"""How coarse the maps within a model get."""

import keras

# Multiples of any stride that a model has; their difference shows it.
SIDES = (512, 1024)


def coarsest_strides(model):
    """Pixels to a cell of the coarsest map of a model, as far as it shows.

    Each layer's input is looked at for images of two sizes: what does not
    grow with the image, as after a global pooling, is no map of it. What
    goes on within layers stays unseen, as does all of a model that is no
    graph of layers or takes images of one size. Models within models are
    taken as called on the image.

    Args:
        model: A `keras.Model` of one input, images or volumes.

    Returns:
        List of the largest stride along each axis, 1 or more; empty if
        nothing can be seen.

    Example:

    >>> image = keras.Input((None, None, 3))
    >>> x = keras.layers.Conv2D(2, 3, strides=2, padding="same")(image)
    >>> x = keras.layers.MaxPooling2D((2, 1))(x)
    >>> x = keras.layers.UpSampling2D((4, 2))(x)
    >>> coarsest_strides(keras.Model(image, x))
    [4, 2]
    """
    inputs = getattr(model, "inputs", None) or ()
    if len(inputs) != 1 or set(inputs[0].shape[1:-1]) != {None}:
        return []
    strides = [1] * (len(inputs[0].shape) - 2)
    found = [coarsest_strides(m) for m in model.layers if _is_model(m)]
    found += _seen(inputs[0], _maps(model))
    for one in found:
        if len(one) == len(strides):
            strides = [max(pair) for pair in zip(strides, one)]
    return strides


def _maps(model):
    """What the layers of a model are called on, and what comes out."""
    layers = [m for m in model.layers if not _is_model(m)]
    maps = keras.tree.flatten(model.outputs)
    for layer in layers:
        try:
            maps += keras.tree.flatten([layer.input, layer.output])
        except (AttributeError, ValueError):
            continue  # called not at all, or more than once
    return [x for x in maps if keras.backend.is_keras_tensor(x)]


def _seen(image, maps):
    """The strides of maps, for each a list."""
    try:
        graph = keras.Model(image, maps)
        small, large = (
            graph.compute_output_shape(
                (None, *(side,) * (len(image.shape) - 2), image.shape[-1])
            )
            for side in SIDES
        )
    except (TypeError, ValueError, NotImplementedError, RuntimeError):
        return []
    return [
        [_stride(*pair) for pair in zip(a[1:-1], b[1:-1])]
        for a, b in zip(small, large)
    ]


def _stride(small, large):
    if None in (small, large) or large <= small:
        return 1
    stride, rest = divmod(SIDES[1] - SIDES[0], large - small)
    return 1 if rest else max(stride, 1)


def _is_model(layer):
    return isinstance(layer, keras.Model)
