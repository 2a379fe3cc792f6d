import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.losses import Contrastive
from mtvision.training.task_loss import TaskLoss

SQUARED = np.float32([[0.25], [0.25], [4.0], [0.09]])
SAME = np.array([1, 0, 0, 1])


def test_properties():
    arguments = {"margin": 2.0, "name": "my_loss"}
    values = check_loss(Contrastive, arguments, SAME, SQUARED)
    np.testing.assert_allclose(values, [0.25, 1.5**2, 0, 0.09], rtol=1e-5)


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
@pytest.mark.parametrize("dtype", ["int32", "bool", "float32"])
def test_forms_of_truth(shape, dtype):
    truth = SAME.reshape(shape).astype(dtype)
    for squared in (SQUARED, SQUARED[:, 0]):
        Contrastive().check_truth(truth, squared)
        loss = float(Contrastive()(truth, squared))
        assert loss == pytest.approx((0.25 + 0.5**2 + 0.09) / 4, rel=1e-5)


@pytest.mark.parametrize("missing", [-1.0, np.nan])
def test_missing_labels_teach_nothing(missing):
    truth = np.float32([1, missing, 0, missing])
    squared = SQUARED.copy()
    squared[3] = np.nan
    loss = Contrastive(margin=3.0, reduction=None)
    np.testing.assert_allclose(
        to_numpy(loss(truth, squared)), [0.25, 0, 1, 0], rtol=1e-5
    )
    slope = gradient(lambda p: loss(truth, p), squared)
    assert np.isfinite(slope).all()
    assert (slope[[1, 3]] == 0).all()
    assert (slope[[0, 2]] != 0).all()
    assert to_numpy(loss.labelled(truth)).tolist() == [1, 0, 1, 0]
    task = TaskLoss("same", Contrastive(margin=3.0))
    assert float(task(truth, squared)) == pytest.approx(1.25 / 2, rel=1e-5)


def test_errors():
    for margin in (0, -1, "1", np.nan):
        with pytest.raises(ValueError, match="margin.*received"):
            Contrastive(margin=margin)
    loss = Contrastive()
    for check in (loss, loss.check_truth):
        with pytest.raises(ValueError, match=r"one number a pair.*\(4, 2\)"):
            check(SAME, np.zeros((4, 2)))
        with pytest.raises(ValueError, match="3 truths and 4 predictions"):
            check(SAME[:3], SQUARED)
    with pytest.raises(ValueError, match="sample 2 has the label 0.5"):
        loss.check_truth(np.array([0, 1, 0.5, 1]), SQUARED)
