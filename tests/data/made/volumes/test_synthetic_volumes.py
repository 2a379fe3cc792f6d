import numpy as np
import pytest

import mtvision as mtv
from mtvision.data import SyntheticVolumes


def test_a_volume_is_a_function_of_seed_split_and_place():
    def made(split="train", index=5, **options):
        source = SyntheticVolumes(split, num_volumes=9, size=16, **options)
        return source[index]["volume"]

    first = made()
    assert (made() == first).all()
    assert (SyntheticVolumes("train", size=16)[5]["volume"] == first).all()
    for other in (made("test"), made(index=6), made(seed=1)):
        assert np.abs(other - first).max() > 0.1


def test_landmarks_are_where_the_shapes_are():
    """Bright in the vessel, dark beyond the narrow end, whatever the pose."""
    source = SyntheticVolumes(
        "test", num_volumes=12, size=(36, 40, 44), noise=0.0, distractors=0
    )
    for sample in source:
        volume = sample["volume"][..., 0]
        for name, row in zip(source.landmark_names, sample["landmarks"]):
            if not row[3]:
                assert np.isnan(row[:3]).all()
                assert name != "apex"
                continue
            assert (
                (row[:3] > 1) & (row[:3] < np.array(volume.shape) - 1)
            ).all()
            z, y, x = np.floor(row[:3]).astype(int)
            around = volume[z - 1 : z + 2, y - 1 : y + 2, x - 1 : x + 2]
            if name == "apex":
                assert around.max() > 0.2 + max(around.min(), 0)
            else:
                assert around.max() > 0.55


def test_parts_may_be_absent():
    def flags(absent):
        source = SyntheticVolumes(
            "train", num_volumes=60, size=8, absent=absent
        )
        return np.stack([s["landmarks"][:, 3] for s in source])

    assert flags(0.0).all()
    assert (flags(1.0) == [1, 0, 0, 0]).all()
    some = flags(0.5)
    assert (some[:, 0] == 1).all()
    assert (some[:, 1] == some[:, 2]).all()
    assert 0.3 < some[:, 1].mean() < 0.7
    assert 0.3 < some[:, 3].mean() < 0.7


def test_spacing_changes_the_voxels_not_the_shapes():
    options = {"num_volumes": 3, "noise": 0.0, "distractors": 0, "absent": 0.0}
    fine = SyntheticVolumes("train", size=32, **options)
    flat = SyntheticVolumes(
        "train", size=(16, 32, 32), spacing=(2.0, 1.0, 1.0), **options
    )
    for one, other in zip(fine, flat):
        scaled = other["landmarks"][:, :3] * [2, 1, 1]
        np.testing.assert_allclose(one["landmarks"][:, :3], scaled, rtol=1e-5)
        pairs = one["volume"].reshape(16, 2, 32, 32, 1).mean(axis=1)
        assert np.abs(pairs - other["volume"]).mean() < 0.02
        assert other["spacing"].tolist() == [2, 1, 1]


def test_batches():
    source = SyntheticVolumes("train", num_volumes=3, size=8, absent=0.9)
    batches = mtv.data.Batches(
        source, {"a": "landmarks", "b": "landmarks"}, inputs="volume"
    )
    x, y, weights = batches[0]
    assert x.shape == (3, 8, 8, 8, 1)
    np.testing.assert_array_equal(y["a"], [s["landmarks"] for s in source])
    assert (weights["a"] == 1).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "valid"}, "'validation'"),
        ({"num_volumes": 0}, "num_volumes"),
        ({"size": (8, 8)}, "size as one number, or 3"),
        ({"size": 7}, "size as a whole number of 8"),
        ({"spacing": 0.0}, "spacing"),
        ({"absent": 1.1}, "absent"),
        ({"noise": -1}, "noise"),
        ({"distractors": -1}, "distractors"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_options_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        SyntheticVolumes(**{"split": "train", **options})
