"""What every layer must do: see `check_layer`."""

import keras
import numpy as np

from batteries.backend import compiled, gradient, to_numpy
from batteries.configs import check_config


def check_layer(cls, arguments, inputs, *, differentiable=True):
    """Runs every property of a layer.

    Args:
        cls: The layer's class.
        arguments: A distinct non-default value for every argument.
        inputs: A float32 array (B, ...), or a dict of them, for `call`.
        differentiable: Whether gradients reach the inputs.

    Returns:
        The layer's outputs, as numpy.
    """
    layer, revived = check_config(cls, arguments)
    outputs = to_numpy(layer(inputs))
    _check_symbolic_shapes(layer, inputs, outputs)
    _check_same_outputs(layer, revived, inputs, outputs)
    _check_save_and_load(cls(**arguments), inputs)
    run = compiled(lambda x: layer(x))
    _assert_close(to_numpy(run(_tensors(inputs))), outputs)
    if differentiable:
        _check_gradient(layer, inputs)
    _check_mixed_precision(cls, arguments, inputs)
    return outputs


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
    return keras.Input(inputs.shape[1:], dtype=inputs.dtype)


def _check_symbolic_shapes(layer, inputs, outputs):
    symbolic = layer(_symbolic(inputs))
    for s, o in zip(keras.tree.flatten(symbolic), keras.tree.flatten(outputs)):
        assert tuple(s.shape[1:]) == o.shape[1:], (s.shape, o.shape)
        assert keras.backend.standardize_dtype(s.dtype) == str(o.dtype)


def _check_same_outputs(layer, revived, inputs, outputs):
    revived(inputs)
    revived.set_weights(layer.get_weights())
    _assert_close(to_numpy(revived(inputs)), outputs)


def _check_save_and_load(layer, inputs):
    import tempfile

    symbolic = _symbolic(inputs)
    model = keras.Model(symbolic, layer(symbolic))
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.keras"
        model.save(path)
        loaded = keras.saving.load_model(path, safe_mode=True)
    _assert_close(to_numpy(loaded(inputs)), to_numpy(model(inputs)))


def _check_gradient(layer, inputs):
    leaves = keras.tree.flatten(inputs)
    for position, leaf in enumerate(leaves):
        if not np.issubdtype(leaf.dtype, np.floating):
            continue

        def function(x, position=position):
            new = [*leaves[:position], x, *leaves[position + 1 :]]
            new = keras.tree.pack_sequence_as(inputs, new)
            outputs = keras.tree.flatten(layer(_tensors(new)))
            return sum(keras.ops.sum(keras.ops.square(o)) for o in outputs)

        assert np.isfinite(gradient(function, leaf)).all()


def _check_mixed_precision(cls, arguments, inputs):
    layer = cls(**arguments, dtype="mixed_bfloat16")
    outputs = keras.tree.map_structure(
        lambda x: keras.ops.convert_to_numpy(keras.ops.cast(x, "float32")),
        layer(inputs),
    )
    assert all(np.isfinite(x).all() for x in keras.tree.flatten(outputs))
    for weight in layer.weights:
        if weight.trainable:
            assert weight.dtype == "float32"
