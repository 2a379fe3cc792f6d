import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.losses import BinaryFocal, CategoricalFocal

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 4, (3, 6, 5))
LOGITS = 3 * RNG.normal(size=(3, 6, 5, 4)).astype("float32")


def test_properties():
    arguments = {
        "gamma": 1.5,
        "ignore_class": 1,
        "class_weights": [1.0, 2.0, 0.5, 3.0],
        "name": "my_loss",
    }
    check_loss(CategoricalFocal, arguments, LABELS, LOGITS)


def test_values_of_keras():
    theirs = keras.losses.CategoricalFocalCrossentropy(
        alpha=1.0, gamma=2.0, from_logits=True
    )
    ours = float(CategoricalFocal()(LABELS, LOGITS))
    assert ours == pytest.approx(float(theirs(np.eye(4)[LABELS], LOGITS)), 1e-5)


def test_class_weights():
    weights = [1.0, 2.0, 0.5, 3.0]
    weighted = CategoricalFocal(class_weights=weights)(LABELS, LOGITS)
    each = 0.0
    for index, weight in enumerate(weights):
        alone = np.eye(4)[index].tolist()
        loss = CategoricalFocal(class_weights=alone)
        each += weight * float(loss(LABELS, LOGITS))
    assert float(weighted) == pytest.approx(each, rel=1e-5)


@pytest.mark.parametrize("shape", [(3, 6, 5), (3, 6, 5, 1)])
@pytest.mark.parametrize("missing", [255, -1, 7])
def test_missing_labels_teach_nothing(shape, missing):
    labels = LABELS.copy()
    labels[:, 3:] = missing
    labels[1] = missing
    loss = CategoricalFocal(ignore_class=255, reduction=None)
    values = to_numpy(loss(labels.reshape(shape), LOGITS))
    expected = to_numpy(loss(LABELS[:, :3], LOGITS[:, :3]))
    np.testing.assert_allclose(values[[0, 2]], expected[[0, 2]], rtol=1e-5)
    assert values[1] == 0
    slope = gradient(lambda p: loss(labels, p), LOGITS)
    assert (slope[:, 3:] == 0).all()
    assert (slope[1] == 0).all()
    assert np.abs(slope[0, :3]).min() > 0
    if missing != 7:
        found = to_numpy(loss.labelled(labels.reshape(shape)))
        assert found.tolist() == [True, False, True]


def test_one_channel_is_the_second_of_two_classes():
    labels = (LABELS > 1).astype("int32")
    one = CategoricalFocal()(labels, LOGITS[..., :1])
    other = BinaryFocal(alpha=None)(labels, LOGITS[..., 0])
    assert float(one) == pytest.approx(float(other), rel=1e-5)


def test_classes_of_images():
    found = CategoricalFocal(reduction=None)(LABELS[:, 0, 0], LOGITS[:, 0, 0])
    assert found.shape == (3,)


def test_errors():
    with pytest.raises(ValueError, match="gamma.*-1"):
        CategoricalFocal(gamma=-1)
    with pytest.raises(ValueError, match="argmax"):
        CategoricalFocal()(np.eye(4)[LABELS], LOGITS)
    with pytest.raises(ValueError, match="2 class_weights"):
        CategoricalFocal(class_weights=[1, 2])(LABELS, LOGITS)
    with pytest.raises(ValueError, match="sample 0 has the class"):
        CategoricalFocal().check_truth(LABELS + 4, LOGITS)
