import copy
import functools

import numpy as np
import pytest

from mtvision.data import (
    Augment,
    Batches,
    RandomFlip,
    WithMap,
    edges_of_classes,
    normals_of_depth,
)

NORMALS = functools.partial(normals_of_depth, focal_length=8.0)


class Rooms(list):
    files = ("a.png", "b.png")


def rooms():
    slope = 1 / (1 + 0.1 * np.arange(8.0)) * np.ones((6, 1))
    semantic = np.zeros((6, 8), "int32")
    semantic[:, 5:] = 1
    image = np.zeros((6, 8, 3), "uint8")
    return Rooms(
        [
            {"image": image, "depth": slope, "semantic": semantic},
            {"image": image, "depth": None, "semantic": semantic},
        ]
    )


def test_samples_have_the_map():
    source = WithMap(rooms(), "normals", NORMALS, of="depth")
    expected = normals_of_depth(rooms()[0]["depth"], focal_length=8.0)
    np.testing.assert_array_equal(source[0]["normals"], expected)
    assert source[1]["normals"] is None
    assert len(source) == 2
    assert copy.deepcopy(source).files == ("a.png", "b.png")
    assert not hasattr(source, "column")


@pytest.mark.parametrize("mirrored", [False, True])
def test_batches_of_them(mirrored):
    source = WithMap(rooms(), "normals", NORMALS, of="depth")
    source = WithMap(source, "edges", edges_of_classes, of="semantic")
    flip = Augment([RandomFlip(horizontal=1.0)]) if mirrored else None
    targets = {"surface": "normals", "border": "edges"}
    _, truth, weights = Batches(source, targets, augment=flip)[0]
    normals = NORMALS(rooms()[0]["depth"])
    if mirrored:
        normals = normals[:, ::-1] * [-1, 1, 1]
    np.testing.assert_allclose(truth["surface"][0], normals, atol=1e-6)
    assert np.isnan(truth["surface"][1]).all()
    assert weights["surface"].tolist() == [1, 0]
    assert weights["border"].tolist() == [1, 1]
    row = [0, 0, 1, 1, 0, 0, 0, 0] if mirrored else [0, 0, 0, 0, 1, 1, 0, 0]
    assert (truth["border"] == row).all()


def test_parts_that_are_not_measured_stay_in_batches():
    source = rooms()[:1]
    source[0]["depth"][0, 0] = np.nan
    source = WithMap(source, "normals", NORMALS, of="depth")
    batches = Batches(source, {"surface": "normals"}, image_size=(12, 16))
    truth = batches[0][1]["surface"]
    assert np.isnan(truth[0, :2, :2]).all()
    assert np.isfinite(truth[0, 2:]).all()
    padded = Batches(
        source, {"surface": "normals"}, image_size=(8, 8), resize="letterbox"
    )[0][1]["surface"]
    assert padded.shape == (1, 8, 8, 3)
    assert np.isnan(padded[0, 0]).all()


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="function of a map"):
        WithMap(rooms(), "edges", None, of="semantic")
    with pytest.raises(ValueError, match="'normals'.*received 'border'"):
        WithMap(rooms(), "border", edges_of_classes, of="semantic")
    with pytest.raises(ValueError, match="Sample 0.*already"):
        WithMap(rooms(), "depth", NORMALS, of="depth")[0]
    with pytest.raises(ValueError, match=r"'edges'.*sample 0.*\(H, W\)"):
        WithMap(rooms(), "edges", np.transpose, of="semantic")[0]
    with pytest.raises(
        ValueError, match=r"\(H, W, 3\), floats.*picture / 127.5"
    ):
        WithMap(rooms(), "normals", np.copy, of="depth")[0]


def test_a_field_that_the_source_does_not_have():
    source = rooms()
    del source[1]["depth"]
    typo = WithMap(source, "edges", edges_of_classes, of="semantc")
    for index in (0, 1):
        with pytest.raises(ValueError, match="'depth', 'image'.*'semantc'"):
            typo[index]
    # It is lacking in a single sample.
    assert WithMap(source, "normals", NORMALS, of="depth")[1]["normals"] is None


def test_the_fields_that_a_source_names():
    source = rooms()[1:]
    del source[0]["depth"]
    source = Rooms(source)
    source.fields = ("image", "depth", "semantic")
    assert WithMap(source, "normals", NORMALS, of="depth")[0]["normals"] is None
