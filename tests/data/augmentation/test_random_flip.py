import keras
import numpy as np
import pytest

from mtvision.data.augmentation.augment import Augment
from mtvision.data.augmentation.random_flip import RandomFlip


@pytest.mark.parametrize("mode", ["horizontal", "vertical"])
def test_mirrors_as_keras_does(make_sample, mode):
    sample = make_sample(5, shape=(12, 20), masks=False)
    other = "vertical" if mode == "horizontal" else "horizontal"
    augment = Augment([RandomFlip(**{mode: 1.0, other: 0.0})])
    changed = augment(sample, np.random.default_rng(0))
    layer = keras.layers.RandomFlip(mode, bounding_box_format="xyxy")
    flips = {
        "flips": np.ones((1, 1, 1, 1), "bool"),
        "input_shape": (1, 12, 20, 3),
    }
    image = layer.transform_images(sample["image"][None], flips)
    np.testing.assert_array_equal(
        changed["image"], keras.ops.convert_to_numpy(image)[0]
    )
    boxes = layer.transform_bounding_boxes(
        {"boxes": sample["boxes"][None], "labels": np.zeros((1, 3))}, flips
    )
    np.testing.assert_allclose(
        changed["boxes"],
        keras.ops.convert_to_numpy(boxes["boxes"])[0],
        atol=1e-5,
    )


def test_mirrors_as_often_as_told():
    image = np.arange(4, dtype="uint8").reshape(2, 2, 1)
    augment = Augment([RandomFlip(horizontal=0.3, vertical=0.6)])
    generator = np.random.default_rng(0)
    corners = [
        int(augment({"image": image}, generator)["image"][0, 0, 0])
        for _ in range(2000)
    ]
    # Which pixel came to the corner: 1 by left and right, 2 by top and bottom.
    shares = np.bincount(corners, minlength=4) / 2000
    np.testing.assert_allclose(shares, [0.28, 0.12, 0.42, 0.18], atol=0.05)
