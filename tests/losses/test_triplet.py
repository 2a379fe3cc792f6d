import warnings

import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.losses import Triplet
from mtvision.training.task_loss import TaskLoss

RNG = np.random.default_rng(0)
PEOPLE = np.array([3, 3, 8, 8, 5, 8])
X = RNG.normal(size=(6, 4)).astype("float32")


@pytest.mark.parametrize("mining", ["hard", "all"])
def test_properties(mining):
    arguments = {"margin": 3.0, "mining": mining, "name": "my_loss"}
    values = check_loss(Triplet, arguments, PEOPLE, X)
    assert values[4] == 0
    assert (values[[0, 1, 2, 3, 5]] > 0).any()


def test_semi_hard_by_hand():
    x = np.float32([[0], [1], [2], [9], [10]])
    people = np.array([0, 0, 1, 1, 1])
    # Of 0: positive 1, next negative 4. Of 1: nothing is beyond 1 but at 64
    # and 81. Of 2: positives 49 and 64, farthest negative 4. Of 9: 49 and 1
    # against 64. Of 10: 64 and 1 against 81.
    expected = [0, 0, (49 - 4 + 64 - 4) / 2 + 2, 0, 0]
    loss = Triplet(margin=2.0, reduction=None)
    np.testing.assert_allclose(to_numpy(loss(people, x)), expected, rtol=1e-6)


@pytest.mark.parametrize("missing", [-1.0, np.nan])
def test_unknown_people_join_no_triplet(missing):
    people = np.append(PEOPLE, [missing, missing]).astype("float32")
    x = np.concatenate([X, X[:1], np.full((1, 4), np.nan, "float32")])
    loss = Triplet(margin=3.0, reduction=None)
    values = to_numpy(loss(people, x))
    expected = to_numpy(loss(PEOPLE, X))
    np.testing.assert_allclose(values, [*expected, 0, 0], rtol=1e-5)
    slope = gradient(lambda p: loss(people, p), x)
    assert np.isfinite(slope).all()
    assert (slope[6:] == 0).all()
    task = TaskLoss("embedding", Triplet(margin=3.0))
    found = float(task(people, x))
    assert found == pytest.approx(expected.mean(), rel=1e-5)


def test_a_weight_of_zero_takes_part_in_nothing():
    """Filling it with the identity 0 would make it somebody's positive."""
    people = np.array([0, 0, 1, 1, 0, 1])
    task = TaskLoss("embedding", Triplet(margin=3.0))
    found = float(task(people, X, np.float32([1, 1, 1, 1, 0, 0])))
    expected = float(Triplet(margin=3.0)(people[:4], X[:4]))
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float32"])
def test_forms_of_truth(dtype):
    expected = float(Triplet()(PEOPLE, X))
    for truth in (PEOPLE.astype(dtype), PEOPLE[:, None].astype(dtype)):
        Triplet().check_truth(truth, X)
        assert float(Triplet()(truth, X)) == pytest.approx(expected)


@pytest.mark.parametrize("least", [2**24, 2**30])
def test_large_identities_stay_apart(least):
    """As float32, two of them that are next to each other would be one."""
    expected = float(Triplet()(PEOPLE % 2, X))
    assert expected > 0
    truth = least + PEOPLE % 2
    assert float(Triplet()(truth, X)) == pytest.approx(expected)
    found = float(TaskLoss("embedding", Triplet())(truth, X))
    assert found == pytest.approx(expected)


def test_a_batch_without_pairs_is_told():
    with pytest.warns(UserWarning, match="No two samples.*group_by"):
        Triplet().check_truth(np.arange(6), X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Triplet().check_truth(np.array([1, -1, -1, -1, -1, -1]), X)


def test_errors():
    for options in ({"margin": 0}, {"margin": "a"}, {"mining": "soft"}):
        with pytest.raises(ValueError, match="received"):
            Triplet(**options)
    loss = Triplet()
    for check in (loss, loss.check_truth):
        with pytest.raises(ValueError, match="embeddings"):
            check(PEOPLE, X[..., None])
        with pytest.raises(ValueError, match="1 truths and 6 predictions"):
            check(PEOPLE[:1], X)
        with pytest.raises(ValueError, match="identities"):
            check(np.stack([PEOPLE] * 2, 1), X)
    with pytest.raises(ValueError, match=r"sample 0 has the class 2\.5"):
        loss.check_truth(PEOPLE - 0.5, X)
