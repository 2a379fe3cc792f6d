"""What every recipe of a detector must do, whatever its parts."""

import tempfile

import keras
import numpy as np

from batteries.backend import to_numpy

# Losses that are small from the start, as anchors that are matched lie well;
# and that rise from zero, where the model proposes the regions itself.
BOXES = ("rpn_boxes", "boxes")


def without_xla():
    """Arguments of `compile` where XLA is not what is tested.

    TensorFlow takes ten seconds to compile a step, JAX needs it.
    """
    return {"jit_compile": keras.backend.backend() == "jax"}


class CountingHead(keras.layers.Layer):
    """A head that counts how often Python runs it."""

    calls = 0

    def call(self, maps):
        """Returns a number for each image."""
        self.calls += 1
        x = keras.tree.flatten(maps)[0]
        return keras.ops.mean(x, axis=(1, 2))[:, :1]


def check_losses_fall(model, x, y, *, epochs, share=0.7, without=()):
    """Trains, and compares the first epoch of each task with the last.

    The tasks `without` need only have had a loss.
    """
    history = model.fit(
        x, y, batch_size=4, epochs=epochs, verbose=0, shuffle=False
    ).history
    for task in model.task_names:
        losses = history[f"{task}_loss"]
        assert np.isfinite(losses).all(), (task, losses)
        if task in without:
            assert max(losses) > 0, task
        else:
            assert losses[-1] < share * losses[0], (task, losses)


def check_save_and_load(model, x):
    """A file of a model gives what the model gives."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.keras"
        model.save(path)
        loaded = keras.saving.load_model(path, safe_mode=True)
    expected = to_numpy(model(x))
    for name, values in to_numpy(loaded(x)).items():
        np.testing.assert_allclose(values, expected[name], atol=1e-4)


def check_one_trace(model, head, x, y):
    """A compiled step, of XLA where it is, is built once.

    Args:
        model: Compiled, with `head`, a `CountingHead`, among its outputs.
        head: The head.
        x: Inputs of some batches of 2.
        y: Truth.
    """
    options = {"batch_size": 2, "verbose": 0, "shuffle": False}
    model.fit(x, y, **options)
    traced = head.calls
    history = model.fit(x, y, epochs=2, **options).history
    assert np.isfinite(history["loss"]).all()
    if keras.backend.backend() != "torch":
        assert head.calls == traced


def check_plots(model):
    """Keras draws the graph; without graphviz, at least its description."""
    import pytest

    pytest.importorskip("pydot")
    graph = keras.utils.model_to_dot(model, show_shapes=True).to_string()
    assert all(layer.name in graph for layer in model.layers)


def same_detections(first, second, atol=1e-3):
    """Two detectors' dicts of detections are one."""
    first, second = to_numpy(first), to_numpy(second)
    assert set(first) == set(second) == {"boxes", "scores", "classes"}
    for name in first:
        np.testing.assert_allclose(first[name], second[name], atol=atol)
