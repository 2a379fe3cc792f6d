import keras
import numpy as np
import pytest

from mtvision.experiments.runs import step_timer
from mtvision.experiments.runs.step_timer import StepTimer


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(step_timer, "time", clock)
    return clock


def run(timer, clock, epochs):
    """Epochs are lists of (first step, last step, seconds until its end)."""
    for epoch, batches in enumerate(epochs):
        timer.on_epoch_begin(epoch)
        for first, last, seconds in batches:
            timer.on_train_batch_begin(first)
            clock.now += seconds
            timer.on_train_batch_end(last)
        clock.now += 1000.0


def test_the_first_step_of_an_epoch_does_not_count(clock):
    timer = StepTimer()
    run(timer, clock, [[(0, 0, 90.0), (1, 1, 2.0), (2, 2, 4.0)]] * 2)
    assert timer.median_seconds() == 3.0


def test_several_steps_in_one_call(clock):
    timer = StepTimer()
    run(timer, clock, [[(0, 4, 90.0), (5, 9, 10.0)]])
    assert timer.median_seconds() == 2.0


def test_epochs_of_one_step(clock):
    timer = StepTimer()
    run(timer, clock, [[(0, 0, 90.0)], [(0, 0, 3.0)]])
    assert timer.median_seconds() == 3.0


def test_in_fit():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    timer = StepTimer()
    x = np.ones((8, 2))
    model.fit(x, x[:, :1], batch_size=2, verbose=0, callbacks=[timer])
    assert len(timer._between) == 3
