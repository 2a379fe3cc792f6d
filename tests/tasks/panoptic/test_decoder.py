import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import compiled, to_numpy
from batteries.configs import check_config
from mtvision.ops.panoptic_merging import merge_panoptic
from mtvision.tasks import DecodePanoptic

OPTIONS = {
    "things": (2, 0),
    "score_threshold": 0.25,
    "overlap_threshold": 0.375,
    "min_stuff_area": 3,
    "divisor": 100,
}
NAMES = ("masks", "scores", "classes")


def scene(batch=2, number=3, size=8, classes=4):
    random = np.random.default_rng(0)
    masks = random.uniform(size=(batch, number, size, size)) > 0.6
    found = {
        "masks": masks.astype("uint8"),
        "scores": random.uniform(size=(batch, number)).astype("float32"),
        "classes": np.array([[0, 1, -1], [1, 1, 0]], "int32"),
        "keypoints": np.ones((batch, number, 2, 3), "float32"),
    }
    logits = random.normal(size=(batch, size, size, classes))
    return found, logits.astype("float32")


def test_what_merge_panoptic_says():
    decode, revived = check_config(DecodePanoptic, OPTIONS)
    found, logits = scene()
    expected = merge_panoptic(
        *(found[name] for name in NAMES),
        logits.argmax(axis=-1),
        num_classes=4,
        **OPTIONS,
    )
    function = compiled(lambda found, logits: revived(found, logits))
    tensors = keras.tree.map_structure(
        keras.ops.convert_to_tensor, (found, logits)
    )
    for merged in (decode(found, logits), function(*tensors)):
        merged = to_numpy(merged)
        assert set(merged) == {*found, "panoptic", "segments"}
        for name in ("panoptic", "segments"):
            assert merged[name].dtype == np.int32
            np.testing.assert_array_equal(
                merged[name], to_numpy(expected[name])
            )
        np.testing.assert_array_equal(merged["masks"], found["masks"])


def test_the_symbolic_shapes_are_those_of_the_values():
    found, logits = scene()
    inputs = {
        k: keras.Input(v.shape[1:], dtype=v.dtype) for k, v in found.items()
    }
    decode = DecodePanoptic(**OPTIONS)
    merged = decode(inputs, keras.Input(logits.shape[1:]))
    for name, values in to_numpy(decode(found, logits)).items():
        assert merged[name].shape[1:] == values.shape[1:]
        assert merged[name].dtype == values.dtype


@pytest.mark.parametrize(
    "options",
    [
        {"score_threshold": 2},
        {"overlap_threshold": -0.1},
        {"min_stuff_area": -1},
        {"divisor": 0},
        {"things": [0, 0]},
        {"things": [4]},
    ],
)
def test_what_cannot_be_is_said(options):
    found, logits = scene()
    with pytest.raises(ValueError, match=next(iter(options))):
        DecodePanoptic(**{**OPTIONS, **options})(found, logits)


def test_it_is_public():
    assert mtv.tasks.DecodePanoptic is DecodePanoptic
