import numpy as np
import pytest

from mtvision import data
from mtvision.data import border_weights
from mtvision.ops.truth_checks import check_class_maps

CELLS = np.zeros((9, 8), "int32")
CELLS[1:4, 1:3], CELLS[1:3, 4:7], CELLS[6:8, 2:6] = 7, 2, 30


def literal(cells, factor, sigma, balance):
    """Equation 2, pixel by pixel."""
    weights = np.zeros(cells.shape)
    share = (cells > 0).mean()
    for y, x in np.ndindex(cells.shape):
        own = share if cells[y, x] > 0 else 1 - share
        weights[y, x] = 0.5 / own if balance else 1
        if cells[y, x] > 0:
            continue
        distances = sorted(
            min(np.hypot(y - v, x - u) for v, u in np.argwhere(cells == k))
            for k in np.unique(cells[cells > 0])
        )
        if len(distances) > 1:
            total = distances[0] + distances[1]
            weights[y, x] += factor * np.exp(-(total**2) / (2 * sigma**2))
    return weights


@pytest.mark.parametrize("balance", [True, False])
@pytest.mark.parametrize("cells", [CELLS, CELLS * (CELLS == 7)])
def test_equals_the_equation_pixel_by_pixel(cells, balance):
    options = {"factor": 7.0, "sigma": 2.5, "balance": balance}
    found = border_weights(cells, **options)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, literal(cells, **options), rtol=1e-5)


def test_masks_and_numbers_are_the_same():
    masks = np.stack([k == CELLS for k in (30, 2, 7, 99)])  # 99: no pixel
    np.testing.assert_array_equal(border_weights(masks), border_weights(CELLS))


def test_defaults_are_the_papers():
    touching = border_weights(np.array([[1, 0, 2]]), balance=False)
    expected = 1 + 10 * np.exp(-4 / (2 * 25))
    assert touching[0].tolist() == pytest.approx([1, expected, 1])


def test_objects_and_background_weigh_the_same():
    weights = border_weights(CELLS, factor=0)
    assert weights[CELLS > 0].sum() == pytest.approx(weights[CELLS == 0].sum())
    assert weights.mean() == pytest.approx(1)


@pytest.mark.parametrize(
    "objects",
    [
        np.zeros((3, 4)),
        np.ones((3, 4)),
        np.zeros((0, 3, 4), bool),
        np.full((3, 4), -1),
        np.zeros((1, 1)),
    ],
)
def test_maps_of_one_kind(objects):
    weights = border_weights(objects)
    assert weights.shape == objects.shape[-2:]
    np.testing.assert_array_equal(weights, 0.5)


def test_errors():
    with pytest.raises(ValueError, match=r"received the shape \(3,\)"):
        border_weights(np.zeros(3))
    with pytest.raises(ValueError, match="sigma.*received 0"):
        border_weights(CELLS, sigma=0)
    with pytest.raises(ValueError, match="factor.*received -1"):
        border_weights(CELLS, factor=-1)
    with pytest.raises(ValueError, match="factor.*received inf"):
        border_weights(CELLS, factor=np.inf)
    with pytest.raises(ValueError, match="sigma.*received 'a'"):
        border_weights(CELLS, sigma="a")
    with pytest.raises(ValueError, match=r"\(5, 6, 1\).*objects\[..., 0\]"):
        border_weights(np.ones((5, 6, 1)))
    numbers = np.array([[[0, 1, 2]], [[3, 0, 0]]])
    with pytest.raises(ValueError, match="up to 3.*one by one"):
        border_weights(numbers)
    border_weights(np.array([[[0, 255, 0]], [[255, 0, 0]]]))


@pytest.mark.parametrize(
    ("resize", "augment"),
    [
        ("stretch", data.Augment([data.RandomRotation(20)])),
        ("letterbox", data.Augment([data.RandomFlip()])),
        ("letterbox", None),
    ],
)
def test_weights_move_along_in_batches(resize, augment):
    image = np.zeros((9, 8, 3), "uint8")
    mask = (CELLS > 0).astype("uint8")
    source = [{"image": image, "mask": mask, "weights": border_weights(CELLS)}]
    batches = data.Batches(
        [*source, {"image": image, "mask": None, "weights": None}],
        {"cells": {"labels": "mask", "weights": "weights"}},
        image_size=(18, 18),
        resize=resize,
        num_classes={"cells": 2},
        augment=augment,
        batch_size=2,
    )
    _, targets, sample_weights = batches[0]
    assert sample_weights["cells"].tolist() == [1, 0]
    truth = targets["cells"]
    labels, weights = truth["labels"][0], truth["weights"][0]
    check_class_maps(labels[None], np.zeros((1, 18, 18, 2)))
    inside = labels >= 0
    assert not inside.all()
    np.testing.assert_array_equal(np.isnan(weights), ~inside)
    kinds = [np.unique(weights[labels == k]) for k in (0, 1)]
    assert len(kinds[1]) == 1  # that of all cells
    assert set(kinds[0]) <= set(np.unique(source[0]["weights"]))
