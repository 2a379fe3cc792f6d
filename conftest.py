import keras
import pytest


@pytest.fixture(autouse=True)
def _reproducible():
    keras.utils.set_random_seed(0)
    yield
    keras.backend.clear_session()
