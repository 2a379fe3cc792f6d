import numpy as np

from mtvision.data.augmentation.random_scale import RandomScale


def test_zooms_about_the_centre():
    generator = np.random.default_rng(0)
    factors = []
    for _ in range(300):
        matrix, shape = RandomScale(low=0.5, high=2.0).draw_matrix(
            (20, 30), generator, size=(7, 7)
        )
        assert shape == (20, 30)
        np.testing.assert_allclose(matrix @ [15, 10, 1], [15, 10, 1])
        assert matrix[0, 0] == matrix[1, 1]
        factors.append(matrix[0, 0])
    np.testing.assert_allclose(
        [min(factors), max(factors)], [0.5, 2], atol=0.02
    )
