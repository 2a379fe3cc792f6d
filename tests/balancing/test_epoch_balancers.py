"""Methods that look back over steps or epochs, against plain numpy."""

import numpy as np
import pytest
from keras import ops

from batteries.loss_balancers import course, run
from mtvision.balancing import DTP, DWA, STCH, CoV


def cov_of_the_authors(losses):
    """The weights of their `CoVWeightingLoss`, without decay."""
    count = losses.shape[1]
    mean_loss, mean, spread = np.zeros(count), np.zeros(count), np.zeros(count)
    weights, deviation = [], None
    for i, loss in enumerate(losses):
        ratio = loss / (loss if i == 0 else mean_loss)
        if i <= 1:
            weights.append(np.full(count, 1 / count))
        else:
            variation = deviation / mean
            weights.append(variation / variation.sum())
        keep = 0.0 if i == 0 else 1 - 1 / (i + 1)
        new_mean = keep * mean + (1 - keep) * ratio
        spread = spread + (ratio - mean) * (ratio - new_mean)
        mean = new_mean
        deviation = np.sqrt(spread / (i + 1) + 1e-8)
        mean_loss = keep * mean_loss + (1 - keep) * loss
    return np.array(weights)


def test_cov():
    losses = course(steps=30)
    expected = cov_of_the_authors(losses.astype("float64"))
    np.testing.assert_allclose(run(CoV(), losses), expected, rtol=1e-3)


def test_cov_of_a_task_that_comes_late():
    active = np.ones((12, 4), "bool")
    active[:6, 3] = False
    weights = run(CoV(), course(), active)
    others = run(CoV(), course()[:, :3])
    np.testing.assert_allclose(weights[:6, :3], others[:6], rtol=1e-4)
    np.testing.assert_allclose(weights[6:8, 3], 1 / 4, rtol=1e-4)
    np.testing.assert_allclose(weights[6:8, :3], others[6:8] * 0.75, rtol=1e-4)
    assert abs(weights[8, 3] - 1 / 4) > 1e-3


def stch_of_libmtl(losses, nadir, mu):
    powers = (losses / nadir) ** (1 / mu)
    shares = powers / powers.sum(1, keepdims=True)
    return losses.shape[1] * shares / losses


@pytest.mark.parametrize("warm_up", [0, 1, 2])
def test_stch_after_its_warm_up(warm_up):
    losses = course()  # four epochs of three steps
    weights = run(STCH(mu=0.7, warm_up=warm_up), losses)
    start = 3 * warm_up + 3
    nadir = losses[start - 3 : start].mean(0)
    np.testing.assert_allclose(weights[:start], 1 / losses[:start], rtol=1e-5)
    expected = stch_of_libmtl(losses[start:], nadir, 0.7)
    np.testing.assert_allclose(weights[start:], expected, rtol=1e-4)


def test_stch_takes_the_first_loss_of_a_late_task_as_its_nadir():
    losses, active = course(), np.ones((12, 4), "bool")
    active[:7, 2] = False
    weights = run(STCH(warm_up=1), losses, active)
    nadir = losses[3:6].mean(0)
    nadir[2] = losses[7, 2]
    expected = stch_of_libmtl(losses[7:], nadir, 1.0)
    np.testing.assert_allclose(weights[7:], expected, rtol=1e-4)


def test_dwa_counts_the_epochs_in_which_a_task_is_there():
    losses, active = course(steps=15), np.ones((15, 4), "bool")
    active[3:6, 0] = False
    weights = run(DWA(), losses, active)
    means = losses.reshape(5, 3, 4).mean(1)
    # Task 0 has been seen in the epochs 0 and 2, the others in 0, 1 and 2.
    ratio = means[2] / means[1]
    ratio[0] = means[2, 0] / means[0, 0]
    expected = 4 * np.exp(ratio / 2) / np.exp(ratio / 2).sum()
    np.testing.assert_allclose(weights[9], expected, rtol=1e-4)
    np.testing.assert_allclose(weights[3, 1:], 1, rtol=1e-5)


def test_dwa_windows_ignore_epochs():
    balancer = DWA(window=6)
    losses = course(steps=24)
    weights = run(balancer, losses)
    np.testing.assert_allclose(weights[:12], 1, rtol=1e-5)
    means = losses.reshape(4, 6, 4).mean(1)
    powers = np.exp(means[2] / means[1] / 2)
    expected = np.tile(4 * powers / powers.sum(), (6, 1))
    np.testing.assert_allclose(weights[18:], expected, rtol=1e-4)


@pytest.mark.parametrize("gamma", [0.0, 1.0, 2.5])
def test_dtp_of_indicators(gamma):
    balancer = DTP(gamma=gamma, decay=0.8)
    balancer.build(2)
    balancer.observe([0.5, 1.0])
    balancer.observe([0.75, 1.0])
    k = 0.8 * 0.5 + 0.2 * 0.75
    weights = ops.convert_to_numpy(balancer.weights([3.0, 1e-3]))
    expected = [-((1 - k) ** gamma) * np.log(k), 0.0]
    np.testing.assert_allclose(weights, expected, rtol=1e-5, atol=1e-7)


def test_dtp_of_losses():
    losses = course()
    weights = run(DTP(gamma=2.0, decay=0.0), losses)
    k = np.exp(-losses / losses[0])
    np.testing.assert_allclose(
        weights, -((1 - k) ** 2) * np.log(k), rtol=1e-3, atol=1e-6
    )


def test_dtp_reads_the_losses_of_tasks_that_have_no_indicator():
    balancer, plain = DTP(), DTP()
    balancer.build(4)
    balancer.observe([0.3, 0.1, 0.1, 0.1], [True, False, False, False])
    weights, expected = run(balancer, course()), run(plain, course())
    np.testing.assert_allclose(weights[:, 1:], expected[:, 1:])
    np.testing.assert_allclose(weights[:, 0], -0.7 * np.log(0.3), rtol=1e-5)


@pytest.mark.parametrize("indicators", [[0.5, 70.0], [0.5, -0.1]])
def test_dtp_refuses_indicators_out_of_range(indicators):
    balancer = DTP()
    balancer.build(2)
    with pytest.raises(ValueError, match="for task 1. Scores in percent"):
        balancer.observe(indicators)


def test_dtp_reads_indicators_from_the_logs_of_an_epoch():
    balancer = DTP(indicators={"b": "val_b_accuracy"}, decay=0.0)
    balancer.build_for(["a", "b"], 0)
    balancer.on_epoch_end({"loss": 1.0, "val_b_accuracy": 0.25})
    weights = ops.convert_to_numpy(balancer.weights([3.0, 3.0]))
    np.testing.assert_allclose(weights[1], -0.75 * np.log(0.25), rtol=1e-5)
    balancer.on_epoch_end({"loss": 1.0})  # an epoch without validation
    with pytest.raises(ValueError, match="val_b_accuracy.*hold only"):
        balancer.on_epoch_end({"val_loss": 1.0})


def test_dtp_knows_the_tasks_of_its_indicators():
    with pytest.raises(ValueError, match=r"\['a', 'b'\].*some of \['c'\]"):
        DTP(indicators={"c": "c_accuracy"}).build_for(["a", "b"], 0)
