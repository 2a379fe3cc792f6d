import keras
import pytest
from keras import layers

import mtvision as mtv
from mtvision.models.coarsest_stride import coarsest_strides


@pytest.mark.parametrize("size", [2, 3, 5])
def test_within_a_trunk(size):
    trunk = mtv.trunks.ContractingPath((2,) * size, depth=1)
    model = mtv.models.UNet(2, trunk=trunk, depth=1)
    assert coarsest_strides(model) == [2 ** (size - 1)] * 2
    assert (
        coarsest_strides(mtv.models.segmenter(model)) == [2 ** (size - 1)] * 2
    )


def test_what_looks_at_all_of_the_image_has_no_stride():
    image = keras.Input((None, None, 2))
    whole = layers.GlobalAveragePooling2D(keepdims=True)(image)
    gate = layers.Dense(2, activation="sigmoid")(whole)
    model = keras.Model(image, layers.Multiply()([image, gate]))
    assert coarsest_strides(model) == [1, 1]


def test_axes_of_volumes():
    volume = keras.Input((None, None, None, 1))
    x = layers.MaxPooling3D((1, 2, 4))(volume)
    # Without padding: a border less.
    x = layers.Conv3D(2, 3)(x)
    assert coarsest_strides(keras.Model(volume, x)) == [1, 2, 4]


def test_what_cannot_be_seen():
    fixed = keras.Input((32, 32, 3))
    assert coarsest_strides(keras.Model(fixed, fixed)) == []
    pair = keras.Input((None, None, 1)), keras.Input((2,))
    assert coarsest_strides(keras.Model(pair, pair)) == []

    class Own(keras.Model):
        def call(self, x):
            return x

    assert coarsest_strides(Own()) == []
