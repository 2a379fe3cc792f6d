import keras
import numpy as np
import pytest

from mtvision.ops.arrays import as_array


@pytest.mark.parametrize("make", [list, np.array, keras.ops.convert_to_tensor])
def test_whatever_holds_numbers_becomes_an_array(make):
    found = as_array(make([1.0, 2.0]))
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [1.0, 2.0]
