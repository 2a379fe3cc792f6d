import numpy as np

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.tasks.localization import DecodeLocalization

OUTPUTS = np.array(
    [[0, -3, 2, 9, 8, 1, 1], [np.log(3), 1, 2, 3, 4, 0, np.log(4)]], "float32"
)


def test_layer():
    parts = check_layer(DecodeLocalization, {}, OUTPUTS)
    np.testing.assert_allclose(parts["objectness"], [0.5, 0.75], rtol=1e-5)
    assert parts["box"].tolist() == [[0, 2, 9, 8], [1, 2, 3, 4]]
    np.testing.assert_allclose(
        parts["classes"], [[0.5, 0.5], [0.2, 0.8]], rtol=1e-5
    )


def test_several_objects_without_classes():
    parts = DecodeLocalization()(OUTPUTS[:, None, :5])
    assert set(parts) == {"objectness", "box"}
    assert to_numpy(parts["box"]).shape == (2, 1, 4)
