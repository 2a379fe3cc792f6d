"""From a network of `keras.applications` to a trunk."""

import keras

from mtvision.trunks.checks import image_input, require_weights
from mtvision.trunks.trunk import Trunk


def application_trunk(
    network, levels, *, preprocessing, weights, image_shape, name
):
    """Builds a network behind its preprocessing, as one flat graph.

    Args:
        network: Function of `keras.applications`.
        levels: Function from the network's model to a dict of symbolic
            feature maps `"P2"` to `"P4"`; `"P5"` is the model's output.
        preprocessing: Layer for the image, or None if the network has its own.
        weights: None, `"imagenet"` or the path of a weights file.
        image_shape: Tuple (H, W, 3); None for a size that may vary.
        name: Name of the trunk.

    Returns:
        A `Trunk`.

    Raises:
        ValueError: If the shape is not channels-last RGB or the file missing.
    """
    require_weights(weights, named=("imagenet",))
    image = image_input(image_shape)
    model = network(
        include_top=False,
        weights=weights,
        input_shape=tuple(image_shape),
        input_tensor=image if preprocessing is None else preprocessing(image),
    )
    outputs = {**levels(model), "P5": model.output}
    return Trunk(image, outputs, name=name)


def symmetric_rescaling():
    """A layer from 0..255 to -1..1, in float32 under every policy."""
    return keras.layers.Rescaling(1 / 127.5, offset=-1, dtype="float32")


def by_name(**names):
    """Levels of a network by the names of its layers."""
    return lambda model: {
        level: model.get_layer(name).output for level, name in names.items()
    }
