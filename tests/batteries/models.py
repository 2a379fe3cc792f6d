"""What every multi-task model must do: see `check_model`."""

import tempfile

import keras
import numpy as np

from batteries.backend import to_numpy


def check_model(model, x, y, *, epochs=20):
    """Runs every property of a compiled `MultiTaskModel`.

    Args:
        model: The model, compiled.
        x: Inputs for `fit`, arrays.
        y: Dict of truths by task, arrays.
        epochs: After how many the loss must have fallen.
    """
    before = model.evaluate(x, y, verbose=0, return_dict=True)
    history = model.fit(x, y, epochs=epochs, verbose=0, shuffle=False).history
    after = model.evaluate(x, y, verbose=0, return_dict=True)
    assert all(np.isfinite(v).all() for v in history.values())
    assert set(history) == set(before)
    assert after["loss"] < before["loss"]
    _check_save_and_load(model, x, y, after)
    _check_sub_model(model, x)


def _check_save_and_load(model, x, y, expected):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.keras"
        model.save(path)
        loaded = keras.saving.load_model(path, safe_mode=True)
    assert type(loaded) is type(model)
    assert loaded.task_names == model.task_names
    for name, value in to_numpy(model.predict(x, verbose=0)).items():
        np.testing.assert_array_equal(loaded.predict(x, verbose=0)[name], value)
    results = loaded.evaluate(x, y, verbose=0, return_dict=True)
    assert set(results) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(results[name], value, rtol=1e-4, atol=1e-6)
    _check_same_next_step(model, loaded, x, y)


def _check_same_next_step(model, loaded, x, y):
    """Optimizer state came along: one more step leads to the same place."""
    options = {"verbose": 0, "shuffle": False}
    model.fit(x, y, **options)
    loaded.fit(x, y, **options)
    for a, b in zip(model.trainable_variables, loaded.trainable_variables):
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(a),
            keras.ops.convert_to_numpy(b),
            rtol=1e-4,
            atol=1e-5,
        )


def _check_sub_model(model, x):
    name = model.task_names[0]
    part = keras.Model(model.inputs, model.output[name])
    np.testing.assert_allclose(
        part.predict(x, verbose=0),
        model.predict(x, verbose=0)[name],
        rtol=1e-5,
        atol=1e-5,
    )
