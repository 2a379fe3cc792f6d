import numpy as np

from batteries.layers import check_layer
from mtvision.tasks.classification import DecodeClassification


def test_layer():
    logits = np.array([[0.0, np.log(3.0)], [5.0, 5.0]], "float32")
    p = check_layer(DecodeClassification, {"multi_label": True}, logits)
    np.testing.assert_allclose(p[0], [0.5, 0.75], rtol=1e-5)
    p = np.array(DecodeClassification()(logits))
    np.testing.assert_allclose(p, [[0.25, 0.75], [0.5, 0.5]], rtol=1e-5)
