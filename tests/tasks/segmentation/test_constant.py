import numpy as np

from mtvision.tasks import constant_segmentation


def test_each_pixel_gets_its_most_frequent_class():
    maps = np.array([[[0, 1, 255]], [[0, 2, -1]], [[1, 2, 255]]])
    constant = constant_segmentation(maps, 3)
    assert constant.shape == (1, 3, 3)
    assert constant[0, :2].argmax(-1).tolist() == [0, 2]
    assert np.isfinite(constant).all()
    np.testing.assert_allclose(
        np.exp(constant[0, 0]), [2 / 3, 1 / 3, 1e-3 / 3], rtol=1e-4
    )
