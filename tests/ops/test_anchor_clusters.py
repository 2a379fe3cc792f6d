import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import to_numpy
from batteries.properties import cases
from mtvision.ops.anchor_clusters import cluster_anchors, mean_anchor_iou
from mtvision.ops.grid_cells import shape_iou

CENTRES = np.array([[10.0, 10], [20, 60], [90, 40]])


def three_clusters(number=40):
    rng = np.random.default_rng(0)
    spread = rng.uniform(0.9, 1.1, (number, 3, 2))
    return (CENTRES * spread).reshape(-1, 2)


def overlaps(sizes, anchors):
    return to_numpy(shape_iou(np.asarray(sizes)[:, None], anchors[None]))


@pytest.mark.parametrize("seed", range(5))
def test_finds_clusters(seed):
    anchors = cluster_anchors(three_clusters(), 3, seed=seed)
    np.testing.assert_allclose(anchors, CENTRES, rtol=0.05)
    assert anchors.dtype == np.float32


def test_the_same_seed_gives_the_same():
    sizes = np.random.default_rng(1).uniform(4, 90, (200, 2))
    first, again, other = (cluster_anchors(sizes, 6, seed=s) for s in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_better_than_squares_of_the_same_number():
    sizes = np.random.default_rng(1).uniform(4, 90, (300, 2))
    anchors = cluster_anchors(sizes, 5)
    assert (np.diff(anchors.prod(axis=1)) >= 0).all()
    fit = mean_anchor_iou(sizes, anchors)
    assert fit == pytest.approx(overlaps(sizes, anchors).max(1).mean(), 1e-5)
    squares = np.linspace(10, 80, 5)[:, None] * [1, 1]
    assert fit > mean_anchor_iou(sizes, squares) + 0.05


@cases(60)
@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.integers(1, 200)),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 6),
    st.integers(0, 99),
)
def test_no_cluster_is_empty(sizes, number, seed):
    distinct = len(set(sizes))
    if distinct < number:
        with pytest.raises(ValueError, match=f"received {distinct}"):
            cluster_anchors(sizes, number, seed=seed)
        return
    anchors = cluster_anchors(sizes, number, seed=seed).astype("float64")
    assert np.isfinite(anchors).all()
    sizes = np.array(sizes, "float64")
    common = np.minimum(sizes[:, None], anchors).prod(-1)
    iou = common / (sizes.prod(-1)[:, None] + anchors.prod(-1) - common)
    assert len(np.unique(iou.argmax(axis=1))) == number


def test_boxes_and_padding():
    sizes = three_clusters()
    corner = np.random.default_rng(2).uniform(0, 99, sizes.shape)
    boxes = np.concatenate([corner, corner + sizes], axis=1)
    boxes = np.concatenate([boxes, np.zeros((9, 4)), [[np.nan] * 4]])
    np.testing.assert_allclose(
        cluster_anchors(boxes, 3), cluster_anchors(sizes, 3), rtol=1e-5
    )


def test_bad_sizes():
    with pytest.raises(ValueError, match=r"received shape \(3,\)"):
        cluster_anchors([1, 2, 3], 1)
    with pytest.raises(ValueError, match="received none"):
        cluster_anchors(np.zeros((4, 4)), 1)
    with pytest.raises(ValueError, match="num_anchors"):
        cluster_anchors(CENTRES, 0)
