import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from mtvision.models import SegNet


def test_the_paper():
    """The mirror of VGG's 13 convolutions; the last one gives the classes."""
    path = SegNet(11).get_layer("path")
    kernels = [
        [c.kernel.shape[-1] for c, _ in path.blocks[level]]
        for level in ("P4", "P3", "P2", "P1", "P0")
    ]
    assert kernels == [[512] * 3, [256] * 3, [128] * 3, [64] * 2, [64] * 2]
    # Nothing but maxima's places come from the trunk, so nothing is projected.
    assert all(each.projection is None for each in path.enlargings.values())


def test_values_come_back_to_where_the_maxima_were():
    """A single bright pixel stays where it is through pooling and unpooling."""
    trunk = mtv.trunks.ContractingPath((1, 1), depth=1, normalization=False)
    model = SegNet(1, trunk=trunk, depth=0, filters=(1,))
    for convolution in ("P0_0_conv", "P1_0_conv"):
        kernel = np.zeros((3, 3, 3 if "P0" in convolution else 1, 1))
        kernel[1, 1] = 1  # looks at the pixel itself
        trunk.get_layer(convolution).set_weights([kernel, np.zeros(1)])
    head = model.get_layer("semantic")
    head.set_weights([np.ones((1, 1, 1, 1)), np.zeros(1)])
    for place in ((0, 0), (3, 2), (6, 4)):
        image = np.zeros((1, 7, 5, 3), "float32")
        image[(0, *place)] = 255
        found = to_numpy(model(image)["semantic"])[0, ..., 0]
        assert found[place] > 0
        found[place] = 0
        np.testing.assert_array_equal(found, 0)


def test_images_smaller_than_a_cell_of_a_trunk_that_does_not_pad():
    """As VGG, whose smallest image has 32 pixels."""
    x = image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", name="P0")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    x = keras.layers.Conv2D(4, 3, padding="same", name="P1")(x)
    x = keras.layers.MaxPooling2D(2, name="P2")(x)
    levels = {level: level for level in ("P0", "P1", "P2")}
    trunk = mtv.trunks.from_layers(keras.Model(image, x), levels)
    message = "at least 4 x 4 pixels"
    with pytest.raises(ValueError, match=message):
        SegNet(2, image_size=3, trunk=trunk, depth=1)
    model = SegNet(2, trunk=trunk, depth=1)
    found = model.predict(np.ones((1, 4, 9, 3)), verbose=0)["semantic"]
    assert found.shape == (1, 4, 9, 2)
    # After other sizes, a graph of TensorFlow knows none any more.
    model = SegNet(2, trunk=trunk, depth=1)
    with pytest.raises(ValueError, match=message):
        model.predict(np.ones((1, 3, 9, 3)), verbose=0)
