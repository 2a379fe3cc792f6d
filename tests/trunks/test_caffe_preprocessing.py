import keras
import numpy as np

from batteries.layers import check_layer
from mtvision.trunks import CaffePreprocessing


def test_is_what_keras_networks_expect():
    image = np.random.default_rng(0).uniform(0, 255, (2, 5, 4, 3))
    image = image.astype("float32")
    np.testing.assert_allclose(
        check_layer(CaffePreprocessing, {}, image),
        keras.applications.resnet.preprocess_input(image.copy()),
        atol=1e-4,
    )
