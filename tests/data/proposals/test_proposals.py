import builtins
import concurrent.futures

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.properties import cases
from mtvision.data import edge_boxes, selective_search
from mtvision.ops.boxes import box_iou

METHODS = (selective_search, edge_boxes)


def scene(height=96, width=128, squares=((8, 8, 40, 40), (60, 30, 110, 80))):
    """Noise, with a square of one colour at each place."""
    image = np.random.default_rng(0).integers(90, 110, (height, width, 3))
    for k, (left, top, right, bottom) in enumerate(squares):
        image[top:bottom, left:right] = 250 if k % 2 else 10
    return image.astype("uint8"), np.array(squares, "float32")


def best_iou(truth, boxes):
    return np.asarray(box_iou(truth, boxes)).max(axis=1)


@pytest.mark.parametrize("propose", METHODS)
def test_squares_are_among_the_proposals(propose):
    image, truth = scene()
    boxes = propose(image, number=200)
    assert boxes.shape == (200, 4)
    assert boxes.dtype == np.float32
    # EdgeBoxes keeps some pixels away from an edge.
    assert (best_iou(truth, boxes) > 0.65).all(), best_iou(truth, boxes)
    # Enlarged for the search, boxes come back in pixels of the image.
    boxes = propose(image, number=200, size=256)
    assert (best_iou(truth, boxes) > 0.75).all()
    assert (best_iou(truth, 2 * boxes) < 0.75).all()


@pytest.mark.parametrize("propose", METHODS)
def test_rows_are_boxes_of_the_image_and_padding_comes_last(propose):
    image, _ = scene()
    boxes = propose(image, number=2000, min_side=12, size=200)
    real = boxes.any(axis=1)
    assert 5 < real.sum() < 2000
    assert not real[real.sum() :].any()
    boxes = boxes[real]
    assert (boxes >= 0).all()
    assert (boxes <= [128, 96, 128, 96]).all()
    sides = boxes[:, 2:] - boxes[:, :2]
    assert sides.min() >= 12
    assert len(np.unique(boxes, axis=0)) == len(boxes)


@pytest.mark.parametrize("propose", METHODS)
def test_the_same_for_every_call_and_in_threads(propose):
    images = [scene(squares=((k, k, k + 40, k + 50),))[0] for k in range(6)]
    alone = [propose(image, number=50) for image in images]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda x: propose(x, number=50), images))
    np.testing.assert_array_equal(alone, together)


@pytest.mark.parametrize("propose", METHODS)
def test_fewer_rows_are_the_first_of_more(propose):
    image, _ = scene()
    many, few = (propose(image, number=n) for n in (300, 20))
    if propose is selective_search:
        np.testing.assert_array_equal(few, many[:20])
    # EdgeBoxes scores what it has kept in another order.
    assert set(map(tuple, few)) <= set(map(tuple, many))


def test_contours_come_by_falling_score():
    image, truth = scene(squares=((20, 20, 80, 76),))
    boxes = edge_boxes(image, number=50)
    assert best_iou(truth, boxes[:1]) > 0.8


def test_modes_and_sizes_of_segments():
    image, _ = scene()
    counts = {
        mode: selective_search(image, mode=mode).any(axis=1).sum()
        for mode in ("single", "fast", "quality")
    }
    assert counts["single"] < counts["fast"] < counts["quality"]
    large = selective_search(image, segment_size=600).any(axis=1).sum()
    assert large < counts["fast"]


@pytest.mark.parametrize("propose", METHODS)
@cases(12)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    channels=st.sampled_from([1, 3]),
    flat=st.booleans(),
    floats=st.booleans(),
)
def test_images_of_any_kind(propose, height, width, channels, flat, floats):
    image = np.random.default_rng(height).integers(
        0, 256, (height, width, channels)
    )
    image = np.full_like(image, 80) if flat else image
    image = image.astype("float32" if floats else "uint8")
    boxes = propose(image, number=30, min_side=2)
    assert boxes.shape == (30, 4)
    assert np.isfinite(boxes).all()
    assert (boxes <= np.array([width, height] * 2)).all()


@pytest.mark.parametrize("propose", METHODS)
def test_what_cannot_be_is_said(propose):
    image, _ = scene()
    with pytest.raises(ValueError, match="alpha"):
        propose(np.zeros((8, 8, 4), "uint8"))
    with pytest.raises(ValueError, match="channels"):
        propose(np.zeros((3, 8, 8), "uint8"))
    with pytest.raises(ValueError, match="number"):
        propose(image, number=0)
    with pytest.raises(ValueError, match="size"):
        propose(image, size=0)
    with pytest.raises(ValueError, match="NaN"):
        propose(np.full((8, 8, 3), np.nan))


def test_wrong_options_of_each():
    image, _ = scene()
    with pytest.raises(ValueError, match="'slow'"):
        selective_search(image, mode="slow")
    with pytest.raises(ValueError, match="beta"):
        edge_boxes(image, beta=2.0)
    with pytest.raises(ValueError, match="is no file"):
        edge_boxes(image, model="/nowhere/model.yml.gz")


@pytest.mark.parametrize("propose", METHODS)
def test_the_extra_is_named_where_it_is_missing(propose, monkeypatch):
    whole = builtins.__import__

    def without(name, *rest, **options):
        if name == "cv2":
            raise ImportError(name)
        return whole(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"mtvision\[proposals\]"):
        propose(scene()[0])
