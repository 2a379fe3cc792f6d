import numpy as np

from batteries.layers import check_layer
from mtvision.layers import ZeroPadding


def test_layer():
    values = np.arange(1, 13).reshape(2, 3, 2).astype("float32")
    words = np.array([[5, 0, 1], [0, 0, 0]], "int32")
    found = check_layer(ZeroPadding, {}, (values, words))
    assert found[0].tolist() == [[1, 2], [0, 0], [5, 6]]
    assert not found[1].any()
