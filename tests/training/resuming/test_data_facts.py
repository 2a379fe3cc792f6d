"""Other data, or another validation, are another training."""

import numpy as np
import pytest

from batteries.broken_off import Samples, make_arrays, make_model
from mtvision.training import Resume
from mtvision.training.resuming.data_facts import data_facts, digest

X, Y = make_arrays()


def changed(array):
    array = array.copy()
    array[1] += 1  # the first depth is missing
    return array


def run(folder, x, y, epochs, validation=(X, Y), **options):
    if validation is not None:
        options["validation_data"] = validation
    callbacks = [Resume(folder)]
    make_model().fit(
        *(x, y), epochs=epochs, callbacks=callbacks, verbose=0, **options
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x": changed(X)}, "data / contents of batch 0 of epoch 0 differs"),
        ({"y": Y | {"depth": changed(Y["depth"])}}, "contents of batch 0"),
        ({"validation": None}, "validation / type differs.*is 'absent'"),
        ({"validation": (changed(X), Y)}, "validation / contents of batch 0"),
        ({"validation_freq": 2}, "validation / validation_freq differs"),
        ({"batch_size": 16}, "data / batches differs"),
    ],
)
def test_other_data_are_refused(tmp_path, options, message):
    run(tmp_path, X, Y, 1)
    run(tmp_path, X, Y, 2)
    with pytest.raises(ValueError, match=message):
        run(tmp_path, **{"x": X, "y": Y, "epochs": 3} | options)


def test_facts_do_not_depend_on_the_present_epoch():
    data = Samples()
    before = data_facts(data)
    data.epoch = 5
    assert data_facts(data) == before
    assert len([name for name in before if "contents" in name]) == 2


def test_digest_tells_shapes_types_and_names():
    zeros = np.zeros((2, 2), "float32")
    others = [zeros.T.reshape(4), zeros.astype("float64"), {"a": zeros}]
    texts = np.array(["a", "b"], object)
    found = [digest(part) for part in (zeros, *others, texts, texts[::-1])]
    assert len(set(found)) == len(found)
    assert digest(np.array(["a", "b"], object)) == digest(texts)
