import keras
import numpy as np
import pytest

from mtvision.layers import LocallyConnected2D
from mtvision.trunks import DeepFaceNet

LOCAL = ("L4", "L5", "L6")


def test_sizes_of_the_paper():
    """152, 142, 71, 63, 55, 25 and 21 pixels; few channels, as it is large."""
    trunk = DeepFaceNet((2, 1, 1, 1, 1), normalization=False)
    sizes = {x.name: x.output.shape[1:] for x in trunk.layers}
    assert sizes["C1_conv"] == (142, 142, 2)
    assert sizes["M2"] == (71, 71, 2)
    assert sizes["C3_conv"] == (63, 63, 1)
    assert sizes["L4"] == (55, 55, 1)
    assert sizes["L5"] == (25, 25, 1)
    assert sizes["L6"] == trunk.output.shape[1:] == (21, 21, 1)
    kernels = {x.name: x.kernel.shape for x in trunk.layers if x.name in LOCAL}
    assert kernels == {
        "L4": (55 * 55, 9 * 9, 1),
        "L5": (25 * 25, 7 * 7, 1),
        "L6": (21 * 21, 5 * 5, 1),
    }


def test_small_images_and_weights_from_a_file(tmp_path):
    options = {"kernels": (5, 3, 3, 3, 3), "image_shape": (32, 27, 3)}
    trunk = DeepFaceNet((2, 3, 4, 5, 6), **options)
    x = np.random.default_rng(0).uniform(0, 255, (2, 32, 27, 3))
    expected = keras.ops.convert_to_numpy(trunk(x))
    assert expected.shape == (2, 2, 1, 6)
    local = [x for x in trunk.layers if isinstance(x, LocallyConnected2D)]
    assert [layer.strides for layer in local] == [(1, 1), (2, 2), (1, 1)]
    trunk.save_weights(tmp_path / "a.weights.h5")
    again = DeepFaceNet(
        (2, 3, 4, 5, 6), weights=tmp_path / "a.weights.h5", **options
    )
    found = keras.ops.convert_to_numpy(again(x))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kernels", [(11, 9, 9, 7, 5), (5, 3, 1, 3, 2)])
def test_the_smallest_image_is_told(kernels):
    options = {"filters": (1,) * 5, "kernels": kernels}
    with pytest.raises(ValueError, match="needs .* pixels") as error:
        DeepFaceNet(image_shape=(150, 9, 3), **options)
    words = str(error.value).split()
    smallest = int(words[words.index("needs") + 1])
    trunk = DeepFaceNet(image_shape=(smallest, smallest + 1, 3), **options)
    assert trunk.output.shape[1] == 1
    with pytest.raises(ValueError, match=f"needs {smallest} pixels"):
        DeepFaceNet(image_shape=(150, smallest - 1, 3), **options)


def test_what_cannot_be_is_an_error():
    for options in (
        {"filters": (8, 8)},
        {"filters": 8},
        {"kernels": (3, 3, 3, 3, 0)},
        {"image_shape": (None, None, 3)},
        {"image_shape": (152, 152, 1)},
        {"weights": "no.weights.h5"},
    ):
        with pytest.raises(ValueError, match="received"):
            DeepFaceNet(**options)
