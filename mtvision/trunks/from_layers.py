"""Any Keras model as a trunk."""

import keras

from mtvision.trunks.checks import (
    require_image,
    require_levels,
    require_name,
    require_strides,
)
from mtvision.trunks.trunk import Trunk


def from_layers(model, layers, *, preprocessing=None, name=None):
    """Makes a trunk of any Keras model by the names of its layers.

    The trunk shares the layers, and so the weights, of the model.

    Args:
        model: Functional or sequential model with one image input
            (B, H, W, 3): of your own, of keras-hub, keras-cv or another
            package.
        layers: Dict from levels among `"P0"` to `"P7"` to names of layers
            whose outputs have strides 2 ** k.
        preprocessing: Layer or model from an image with values 0 to 255 to
            what the model expects. None if it expects just that.
        name: Name of the trunk.

    Returns:
        A `Trunk`.

    Raises:
        ValueError: If the model has no graph or several inputs, a layer or
            level is unknown or the stride of a level is wrong.

    Example:

    >>> x = image = keras.Input((64, 64, 3))
    >>> for k in range(4):
    ...     x = keras.layers.Conv2D(8, 3, 2, "same", name=f"conv{k + 1}")(x)
    >>> model = keras.Model(image, x)
    >>> trunk = from_layers(model, {"P3": "conv3", "P4": "conv4"})
    >>> tuple(trunk.output["P3"].shape)
    (None, 8, 8, 8)
    """
    image = _only_input(model)
    require_levels(layers)
    names = [layer.name for layer in model.layers]
    for level, layer in layers.items():
        require_name(layer, names, f"a layer of {model.name!r} for {level}")
    outputs = {k: model.get_layer(v).output for k, v in layers.items()}
    if preprocessing is not None:
        model = keras.Model(image, outputs)
        image = keras.Input(image.shape[1:], name="image")
        results = _call_layers(model, preprocessing(image))
        outputs = {k: results[v] for k, v in layers.items()}
    trunk = Trunk(image, outputs, name=name)
    probe = [256 if size is None else size for size in image.shape[1:3]]
    probe = (None, *probe, 3)
    require_strides(probe, trunk.compute_output_shape(probe))
    return trunk


def _only_input(model):
    inputs = getattr(model, "inputs", None)
    if not inputs:
        raise ValueError(
            f"Expected a functional model, received {model!r}, which has no "
            "graph of layers. Build it with keras.Model(inputs, outputs)."
        )
    if len(inputs) > 1:
        raise ValueError(
            "Expected a model with one image input, received "
            f"{model.name!r} with {len(inputs)}: {[x.name for x in inputs]}."
        )
    require_image(inputs[0].shape)
    return inputs[0]


def _call_layers(model, x):
    """Calls the layers of a model one by one: their outputs by layer name.

    Calling the model itself would make it one opaque layer of the trunk.
    """
    results = {}

    def call(layer, *args, **kwargs):
        results[layer.name] = layer(*args, **kwargs)
        return results[layer.name]

    keras.models.clone_model(
        model,
        input_tensors=x,
        clone_function=lambda layer: layer,
        call_function=call,
    )
    return results
