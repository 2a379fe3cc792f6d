"""What every layer must do: see `check_layer`."""

import keras
import numpy as np

from batteries.backend import compiled, gradient, to_numpy
from batteries.configs import check_config


def check_layer(
    cls, arguments, inputs, *, differentiable=True, without_gradient=()
):
    """Runs every property of a layer.

    Args:
        cls: The layer's class.
        arguments: A distinct non-default value for every argument.
        inputs: A float32 array (B, ...), a dict or list of them, or a tuple
            of the arguments of `call`.
        differentiable: Whether gradients reach the inputs.
        without_gradient: Positions of inputs which they do not reach.

    Returns:
        The layer's outputs, as numpy.
    """
    layer, revived = check_config(cls, arguments)
    outputs = to_numpy(_call(layer, inputs))
    _check_symbolic_shapes(layer, inputs, outputs)
    _check_same_outputs(layer, revived, inputs, outputs)
    _check_save_and_load(cls(**arguments), inputs)
    run = compiled(lambda x: _call(layer, x))
    _assert_close(to_numpy(run(_tensors(inputs))), outputs)
    if differentiable:
        _check_gradient(layer, inputs, without_gradient)
    _check_mixed_precision(cls, arguments, inputs)
    return outputs


def _call(layer, inputs):
    return layer(*inputs) if isinstance(inputs, tuple) else layer(inputs)


def _tensors(inputs):
    return keras.tree.map_structure(keras.ops.convert_to_tensor, inputs)


def _assert_close(a, b):
    for x, y in zip(keras.tree.flatten(a), keras.tree.flatten(b)):
        np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-4)


def _symbolic(inputs):
    if isinstance(inputs, dict):
        return {
            name: keras.Input(x.shape[1:], dtype=x.dtype, name=name)
            for name, x in inputs.items()
        }
    if isinstance(inputs, list | tuple):
        return type(inputs)(_symbolic(x) for x in inputs)
    return keras.Input(inputs.shape[1:], dtype=inputs.dtype)


def _check_symbolic_shapes(layer, inputs, outputs):
    symbolic = _call(layer, _symbolic(inputs))
    for s, o in zip(keras.tree.flatten(symbolic), keras.tree.flatten(outputs)):
        assert tuple(s.shape[1:]) == o.shape[1:], (s.shape, o.shape)
        assert keras.backend.standardize_dtype(s.dtype) == str(o.dtype)


def _check_same_outputs(layer, revived, inputs, outputs):
    _call(revived, inputs)
    revived.set_weights(layer.get_weights())
    _assert_close(to_numpy(_call(revived, inputs)), outputs)


def _check_save_and_load(layer, inputs):
    import tempfile

    symbolic = _symbolic(inputs)
    model = keras.Model(symbolic, _call(layer, symbolic))
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.keras"
        model.save(path)
        loaded = keras.saving.load_model(path, safe_mode=True)
    _assert_close(to_numpy(loaded(inputs)), to_numpy(model(inputs)))


def _check_gradient(layer, inputs, without_gradient):
    leaves = keras.tree.flatten(inputs)
    for position, leaf in enumerate(leaves):
        if not np.issubdtype(leaf.dtype, np.floating):
            continue
        if position in without_gradient:
            continue

        def function(x, position=position):
            new = [*leaves[:position], x, *leaves[position + 1 :]]
            new = keras.tree.pack_sequence_as(inputs, new)
            outputs = keras.tree.flatten(_call(layer, _tensors(new)))
            floats = [
                o for o in outputs if keras.backend.is_float_dtype(o.dtype)
            ]
            return sum(keras.ops.sum(keras.ops.square(o)) for o in floats)

        assert np.isfinite(gradient(function, leaf)).all()


def _check_mixed_precision(cls, arguments, inputs):
    layer = cls(**arguments, dtype="mixed_bfloat16")
    for x in keras.tree.flatten(_call(layer, inputs)):
        if cls.__name__.endswith("Head"):
            assert keras.backend.standardize_dtype(x.dtype) == "float32"
        assert np.isfinite(to_numpy(keras.ops.cast(x, "float32"))).all()
    for weight in layer.weights:
        if weight.trainable:
            assert weight.dtype == "float32"
