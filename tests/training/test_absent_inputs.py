"""A batch may leave out an input that its samples may lack."""

import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision.training.absent_inputs import fill_absent_inputs

IMAGE = keras.Input((None, 12, 3), name="image")
OTHER = keras.Input((None, None, 3), name="other")
WORDS = keras.Input((None,), dtype="int32", name="words")
SIZE = keras.Input((2,), name="size")
BYTES = keras.Input((2,), dtype="uint8", name="bytes")
INPUTS = [IMAGE, OTHER, WORDS, SIZE]
NAMES = {"image", "other", "words", "bytes"}


class Coarse:
    coarsest_stride = 16


def test_what_is_absent_is_nan_or_minus_one_all_over():
    x = {"size": np.ones((4, 2))}
    full = fill_absent_inputs(x, INPUTS, NAMES, [Coarse(), object()])
    assert set(full) == {each.name for each in INPUTS}
    assert full["size"] is x["size"]
    assert full["image"].shape == (4, 16, 12, 3)
    assert np.isnan(full["image"]).all()
    assert full["words"].dtype == "int32"
    assert (full["words"] == np.full((4, 1), -1)).all()
    # Images of any size have that of the others.
    x["image"] = np.ones((4, 9, 12, 3))
    full = fill_absent_inputs(x, INPUTS, NAMES)
    assert full["other"].shape == (4, 9, 12, 3)


def test_what_is_whole_or_has_no_names_stays():
    whole = {each.name: np.ones((1, 2)) for each in INPUTS}
    for x in (whole, [np.ones(2)], np.ones(2), {**whole, "index": 0}):
        assert fill_absent_inputs(x, INPUTS, NAMES) is x


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["image", "words"], r"Input 'size' is not there.*MaskMissing"),
        (["syze", "words"], r"'size' is not.*Is it 'syze'\?.*MaskMissing"),
        ([], r"Input 'size' is not there: received inputs named \[\]"),
        (["size", "wrds"], r"'words' is not.*Is it 'wrds'\? Rename"),
        (["size", "zz"], r"leave out what the model does not know: \['zz'\]"),
    ],
)
def test_what_may_not_be_absent(names, message):
    x = {name: np.ones((1, 2)) for name in names}
    with pytest.raises(ValueError, match=message):
        fill_absent_inputs(x, [SIZE, WORDS], NAMES)


def test_bytes_know_no_mark():
    with pytest.raises(ValueError, match="'bytes' is not there"):
        fill_absent_inputs({"size": np.ones((1, 2))}, [SIZE, BYTES], NAMES)


def make_model():
    """A model that takes samples without words or size, not without age."""
    inputs = {
        "words": WORDS,
        "size": SIZE,
        "age": keras.Input((1,), name="age"),
    }
    nets = {
        "words": mtv.trunks.TextNet(9, filters=(4,)),
        "size": keras.layers.Dense(3),
    }
    parts = [inputs["age"]]
    for name, net in nets.items():
        x, known = mtv.layers.MaskMissing()(inputs[name])
        parts.append(mtv.layers.FillMissing()(net(x), known))
    x = keras.layers.Concatenate()(parts)
    model = mtv.MultiTaskModel(inputs, {"price": keras.layers.Dense(1)(x)})
    model.compile("sgd", {"price": "mse"})
    return model


class Two(keras.utils.PyDataset):
    """A data set of two batches."""

    def __init__(self, *batch):
        super().__init__()
        self.batch = batch

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return self.batch


X = {
    "words": np.array([[2, 3, 0], [4, 5, 6]]),
    "size": np.ones((2, 2)),
    "age": np.array([[1.0], [2.0]]),
}
Y = {"price": np.array([[3.0], [5.0]])}
MARKED = {"words": np.full((2, 3), -1), "size": np.full((2, 2), np.nan)}


@pytest.mark.parametrize("name", MARKED)
def test_absent_is_as_missing(name):
    model = make_model()
    marked = {**X, name: MARKED[name]}
    absent = {k: v for k, v in X.items() if k != name}
    expected = model.predict(marked, verbose=0)["price"]
    np.testing.assert_allclose(
        model.predict(absent, verbose=0)["price"], expected, rtol=1e-6
    )
    np.testing.assert_allclose(
        model.predict(Two(absent), verbose=0)["price"][2:], expected, rtol=1e-6
    )
    loss = model.evaluate(marked, Y, verbose=0)
    data = absent, Y
    for found in (
        model.evaluate(*data, verbose=0),
        model.evaluate(Two(*data), verbose=0),
        model.evaluate((data for _ in range(2)), steps=2, verbose=0),
        model.test_on_batch(*data),
    ):
        assert np.ravel(found)[0] == pytest.approx(np.ravel(loss)[0], rel=1e-5)
    history = model.fit(*data, validation_data=data, verbose=0).history
    assert history["loss"] == pytest.approx([np.ravel(loss)[0]], rel=1e-5)
    assert np.isfinite(history["val_loss"]).all()


def test_needed_inputs_are_told():
    model = make_model()
    absent = {k: v for k, v in X.items() if k != "age"}
    for call in (
        lambda: model.predict(absent, verbose=0),
        lambda: model.fit(absent, Y, verbose=0),
        lambda: model.fit(Two(absent, Y), verbose=0),
    ):
        with pytest.raises(ValueError, match="Input 'age' is not there"):
            call()
