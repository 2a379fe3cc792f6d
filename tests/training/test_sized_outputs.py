"""A model of images of any size knows what it makes of a given one."""

import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision.training.sized_outputs import SizedOutputs


def shapes(outputs):
    return {name: tuple(x.shape) for name, x in outputs.items()}


@pytest.mark.parametrize("size", [(64, 32), (45, 70)])
def test_sizes_are_those_of_the_predictions(size):
    image = keras.Input((None, None, 3))
    features = mtv.trunks.SmallResNet(filters=(4, 4, 4, 4))(image)
    head = mtv.tasks.SegmentationHead
    outputs = {
        "as_the_image": head(2, filters=4)(features, image),
        "by_the_stride": head(2, filters=4)(features),
        "coarse": keras.layers.Conv2D(3, 1)(features["P4"]),
        "kind": mtv.tasks.ClassificationHead(5)(features),
    }
    found = shapes(SizedOutputs([image], outputs).of(size))
    model = keras.Model(image, outputs)
    predicted = model.predict_on_batch(np.zeros((1, *size, 3), "float32"))
    expected = {k: (None, *x.shape[1:]) for k, x in predicted.items()}
    assert found == expected
    assert found["as_the_image"][1:3] == size


def test_what_is_known_or_cannot_be_known_stays():
    image, volume = keras.Input((8, None, 3)), keras.Input((None,) * 3 + (1,))
    outputs = {
        "map": keras.layers.Conv2D(2, 3)(image),
        "cells": keras.layers.Conv3D(2, 3)(volume),
    }
    sized = SizedOutputs([image, volume], outputs)
    assert shapes(sized.of()) == shapes(outputs)
    found = shapes(sized.of((8, 9), (5, 6, 7)))
    assert found == {"map": (None, 6, 7, 2), "cells": (None, 3, 4, 5, 2)}
    assert shapes(sized.of((8, 1)))["map"] == (None, 6, None, 2)
    without = SizedOutputs([], outputs)
    assert shapes(without.of((8, 9))) == shapes(outputs)


def test_a_batch_of_fixed_size():
    image = keras.Input(batch_shape=(4, None, None, 3))
    outputs = {"map": keras.layers.Conv2D(2, 3)(image)}
    found = SizedOutputs([image], outputs).of((8, 9))["map"]
    assert tuple(found.shape) == (4, 6, 7, 2)
