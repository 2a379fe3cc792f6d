import numpy as np

from batteries.layers import check_layer
from mtvision.tasks.segmentation import DecodeSegmentation


def test_layer():
    logits = np.random.default_rng(0).normal(size=(2, 4, 5, 3))
    logits = logits.astype("float32")
    found = check_layer(DecodeSegmentation, {}, logits, differentiable=False)
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, logits.argmax(-1))


def test_one_logit():
    logits = np.array([[[[-1.0], [2.0]]]], "float32")
    assert np.array(DecodeSegmentation()(logits)).tolist() == [[[0, 1]]]
