import keras
import numpy as np
import pytest

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.random_rotation import RandomRotation
from mtvision.data.augmentation.warp_image import warp_image


@pytest.mark.parametrize("seed", range(4))
def test_turns_as_an_affine_transform_of_keras(seed):
    generator = np.random.default_rng(seed)
    shape = (24, 32)
    image = generator.uniform(0, 255, (*shape, 3)).astype("float32")
    matrix, _ = RandomRotation(90).draw_matrix(shape, generator, size=None)
    # Keras counts from the centre of the first pixel.
    whole = (
        matrices.translate(-0.5, -0.5) @ matrix @ matrices.translate(0.5, 0.5)
    )
    back = matrices.invert(whole).ravel()[:8].astype("float32")
    expected = keras.ops.convert_to_numpy(
        keras.ops.image.affine_transform(
            image, back, interpolation="bilinear", data_format="channels_last"
        )
    )
    inside = keras.ops.convert_to_numpy(
        keras.ops.image.affine_transform(
            np.ones_like(image), back, data_format="channels_last"
        )
    )
    turned = warp_image(image, matrix, shape)
    # At the edges, Keras mixes the image with what lies outside.
    np.testing.assert_allclose(
        turned[inside == 1], expected[inside == 1], atol=0.1
    )


def test_angles_are_even_and_the_centre_stays():
    generator = np.random.default_rng(0)
    angles = []
    for _ in range(500):
        matrix, shape = RandomRotation(10).draw_matrix(
            (20, 30), generator, size=None
        )
        np.testing.assert_allclose(matrix @ [15, 10, 1], [15, 10, 1])
        assert shape == (20, 30)
        angles.append(np.rad2deg(np.arctan2(matrix[1, 0], matrix[0, 0])))
    assert -10 <= min(angles) < -9.8
    assert 9.8 < max(angles) <= 10
    assert abs(np.mean(angles)) < 5 * 10 / (3 * 500) ** 0.5
