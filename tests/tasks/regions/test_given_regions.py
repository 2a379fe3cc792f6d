"""GivenRegions: proposals that come with the image."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from batteries.properties import cases
from mtvision.tasks import GivenRegions, ProposeRegions

IMAGE = np.zeros((2, 32, 48, 3), "float32")
NUMBERS = st.one_of(
    st.floats(-80, 120, width=32), st.sampled_from([np.nan, np.inf, 0.0])
)


def test_is_a_proper_layer():
    proposals = np.array([[[-4, 2, 6, 8], [9, 9, 11, 30], [60, 1, 70, 9]]] * 2)
    regions = check_layer(
        GivenRegions,
        {"min_size": 3.0},
        (proposals.astype("float32"), IMAGE),
        without_gradient=(0, 1),
    )
    expected = [[0, 2, 6, 8], [0, 0, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_array_equal(regions, [expected] * 2)


@given(st.lists(st.tuples(*[NUMBERS] * 4), min_size=3, max_size=3))
@cases(40)
def test_boxes_lie_in_the_image_or_are_padding(boxes):
    proposals = np.array([boxes, boxes[::-1]], "float32")
    regions = to_numpy(GivenRegions(min_size=1.0)(proposals, IMAGE))
    sides = regions[..., 2:] - regions[..., :2]
    padding = (regions == 0).all(axis=-1)
    assert np.isfinite(regions).all()
    assert ((sides >= 1.0).all(axis=-1) | padding).all()
    assert regions.min() >= 0
    assert (regions.max(axis=(0, 1)) <= [48, 32, 48, 32]).all()


def test_equal_to_boxes_that_join_the_proposals_of_a_network():
    proposals = np.random.default_rng(0).uniform(-20, 60, (2, 9, 4))
    proposals[0, 3, 2] = np.nan
    proposals = proposals.astype("float32")
    anchors = np.zeros((2, 5, 4), "float32")
    joined = ProposeRegions(num_regions=2)(
        np.concatenate([anchors[..., :1], anchors], axis=-1),
        np.concatenate([anchors, anchors], axis=-1),
        IMAGE,
        None,
        proposals,
    )
    np.testing.assert_array_equal(
        to_numpy(joined)[:, 2:], to_numpy(GivenRegions()(proposals, IMAGE))
    )


def test_without_proposals_there_is_a_row_of_padding():
    none = np.zeros((2, 0, 4), "float32")
    assert not to_numpy(GivenRegions()(none, IMAGE)).any()
    for number, shape in ((None, (None, None, 4)), (0, (None, 1, 4))):
        image, boxes = keras.Input(IMAGE.shape[1:]), keras.Input((number, 4))
        model = keras.Model([boxes, image], GivenRegions()(boxes, image))
        assert model.output.shape == shape
        assert model.predict_on_batch([none, IMAGE]).shape == (2, 1, 4)


def test_no_gradient_flows():
    proposals = np.array([[[1.0, 1, 9, 9]]] * 2, "float32")
    slope = gradient(lambda x: x + GivenRegions()(x, IMAGE), proposals)
    np.testing.assert_array_equal(slope, 1)


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="min_size"):
        GivenRegions(min_size=-1)
    with pytest.raises(ValueError, match=r"\(B, R, 4\)"):
        GivenRegions()(np.zeros((2, 4), "float32"), IMAGE)
    with pytest.raises(ValueError, match=r"\(\.\.\., 4\)"):
        GivenRegions()(np.zeros((2, 3, 5), "float32"), IMAGE)
