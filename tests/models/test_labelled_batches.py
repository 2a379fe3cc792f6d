import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision.models.labelled_batches import labelled_batches
from mtvision.tasks import RegionClassesHead

BOX = [10.0, 10, 30, 30]


def model():
    """Without a trunk; of two tasks."""
    inputs = {
        "image": keras.Input((64, 64, 3), name="image"),
        "proposals": keras.Input((None, 4), name="proposals"),
    }
    head = RegionClassesHead(3, name="found")
    rows = head(keras.layers.Dense(2)(inputs["proposals"]), inputs["proposals"])
    scene = keras.layers.GlobalMaxPooling2D(name="scene")(inputs["image"])
    return mtv.MultiTaskModel(inputs, {"found": rows, "scene": scene})


def batch():
    inputs = {
        "image": np.zeros((2, 64, 64, 3), "float32"),
        "proposals": np.zeros((2, 5, 4), "float32"),
    }
    boxes = np.array([[BOX, [0.0] * 4]] * 2)
    objects = {"boxes": boxes, "classes": np.array([[1, -1]] * 2)}
    return inputs, {"found": objects}, {"found": np.ones(2)}


def test_batches_of_all_kinds():
    inputs, truth, weights = batch()
    tensors = keras.tree.map_structure(
        keras.ops.convert_to_tensor, (inputs, truth)
    )
    for data in ([(inputs, truth)], ((inputs, truth, weights),), [tensors]):
        (found, objects), *none = labelled_batches(model(), data, "found")
        assert set(found) == {"image", "proposals"}
        np.testing.assert_array_equal(objects["boxes"], truth["found"]["boxes"])
        assert not none


@pytest.mark.parametrize(
    "weights",
    [
        {"found": np.array([0.0, 2.0])},
        {"found": {"boxes": np.array([0, 1]), "classes": np.array([0, 1])}},
        np.array([[0.0], [1.0]]),
    ],
)
def test_unlabelled_images_are_told_by_nan(weights):
    inputs, truth, _ = batch()
    data = [(inputs, truth, weights)]
    ((_, objects),) = labelled_batches(model(), data, "found")
    assert np.isnan(objects["boxes"][0]).all()
    assert not np.isnan(objects["boxes"][1]).any()


def changed(path, value):
    """A batch with another value at a path of keys and indices."""
    data = batch()
    *where, last = path
    part = data
    for key in where:
        part = part[key]
    part[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ((1, "found", "classes", (0, 0)), 3, "sample 0 has the class 3"),
        ((1, "found", "boxes", (1, 0)), [9, 9, 5, 5], "sample 1 .* inverted"),
        ((1, "found", "boxes", (1, 0)), [9, 9, 80, 80], "outside"),
        ((1, "fuond"), np.zeros(2), "'fuond'.*did you mean 'found'"),
        ((0, "image", (1, 0, 0, 0)), np.nan, "'image': sample 1 holds NaN"),
        ((0, "proposals", (1, 0, 0)), np.nan, "'proposals': sample 1 holds"),
        ((2, "found"), np.array([1, np.nan]), "'found': expected finite"),
        ((2, "found"), np.ones(3), "'found': expected 2 samples"),
    ],
)
def test_faults_are_told_as_in_training(path, value, message):
    data = [batch(), changed(path, value)]
    with pytest.raises(ValueError, match=f"Batch 1: .*{message}"):
        list(labelled_batches(model(), data, "found"))


def test_what_lacks_is_told():
    inputs, truth, weights = batch()
    weights["fuond"] = weights.pop("found")
    with pytest.raises(ValueError, match=r"weight.*did you mean 'found'"):
        list(labelled_batches(model(), [(inputs, truth, weights)], "found"))
    for wrong in ({"image": inputs["image"]}, inputs["image"]):
        with pytest.raises(ValueError, match=r"Batch 0: .*\['image', 'propos"):
            list(labelled_batches(model(), [(wrong, truth)], "found"))
    scene = {"scene": np.zeros((2, 3))}
    for wrong in ((inputs, scene), (inputs,), inputs):
        with pytest.raises(ValueError, match="Batch 0: .*'found'"):
            list(labelled_batches(model(), [wrong], "found"))
