"""Ctrl-C and SIGTERM save before they end a training."""

import os
import signal
import threading

import keras
import pytest

from batteries.broken_off import (
    STEPS,
    Samples,
    assert_same,
    make_model,
    train,
)

ENDS = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: SystemExit}


class Send(keras.callbacks.Callback):
    """Sends signals to its own process, once a step of its kind is reached."""

    def __init__(self, number, *, step=None, test_step=None, times=1):
        super().__init__()
        self.number, self.times = number, times
        self.left = {"train": step, "test": test_step}
        self.seen = 0

    def _count(self, kind):
        if self.left[kind] is None:
            return
        self.left[kind] -= 1
        if self.left[kind] == 0:
            for _ in range(self.times):
                os.kill(os.getpid(), self.number)

    def on_train_batch_end(self, batch, logs=None):
        self.seen += 1
        self._count("train")

    def on_test_batch_end(self, batch, logs=None):
        self._count("test")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return train(make_model(), folder, validation_data=Samples())


def break_off(folder, send):
    before = [signal.getsignal(number) for number in ENDS]
    with pytest.raises(ENDS[send.number]) as raised:
        train(
            make_model(),
            folder,
            callbacks=[send],
            validation_data=Samples(),
            every=1000,
        )
    assert [signal.getsignal(number) for number in ENDS] == before
    if send.number == signal.SIGTERM:
        assert raised.value.code == 143
    return sorted(p.name for p in folder.iterdir() if p.suffix == ".resume")


@pytest.mark.parametrize("number", ENDS)
def test_saves_after_the_step_and_leaves(tmp_path, expected, number):
    found = break_off(tmp_path, Send(number, step=STEPS + 2))
    assert found[-1] == f"step-{STEPS + 2:010d}.resume"
    found = train(make_model(), tmp_path, validation_data=Samples())
    assert_same(found, expected)


@pytest.mark.parametrize("number", ENDS)
def test_leaves_a_validation(tmp_path, expected, number):
    found = break_off(tmp_path, Send(number, test_step=STEPS + 2))
    assert found[-1] == f"step-{2 * STEPS - 1:010d}.resume"
    found = train(make_model(), tmp_path, validation_data=Samples())
    assert_same(found, expected)


def test_after_the_last_step_of_an_epoch(tmp_path, expected):
    found = break_off(tmp_path, Send(signal.SIGINT, step=STEPS))
    assert found[-1] == f"step-{STEPS - 1:010d}.resume"
    found = train(make_model(), tmp_path, validation_data=Samples())
    assert_same(found, expected)


def test_a_second_one_leaves_at_once(tmp_path):
    send = Send(signal.SIGINT, step=STEPS + 2, times=2)
    found = break_off(tmp_path, send)
    assert found[-1] == f"step-{STEPS:010d}.resume"


def test_one_that_comes_too_late_is_not_lost(tmp_path):
    class AtEnd(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit):
        train(make_model(), tmp_path, callbacks=[AtEnd()])


def test_a_handler_of_the_user_stays(tmp_path, expected):
    seen = []
    own = lambda number, frame: seen.append(number)  # noqa: E731
    before = signal.signal(signal.SIGTERM, own)
    try:
        send = Send(signal.SIGTERM, step=2)
        options = {"validation_data": Samples(), "callbacks": [send]}
        assert_same(train(make_model(), tmp_path, **options), expected)
        assert seen == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)


def test_one_that_is_ignored_stays_ignored(tmp_path, expected):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        send = Send(signal.SIGINT, step=2)
        options = {"validation_data": Samples(), "callbacks": [send]}
        assert_same(train(make_model(), tmp_path, **options), expected)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_training_in_a_thread(tmp_path, expected):
    """Where Python takes no handlers."""
    found = []

    def run():
        options = {"validation_data": Samples()}
        found.append(train(make_model(), tmp_path, **options))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert_same(found[0], expected)
