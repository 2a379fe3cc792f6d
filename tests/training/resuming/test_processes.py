"""All processes have what the first one has, or its error."""

import types

import keras
import pytest

from mtvision.training.resuming import processes


class Processes:
    """Those of JAX, as one of them sees them; `sent` is what the first says."""

    def __init__(self, own, joined=(0, 1), count=2):
        self.own, self.joined, self.count = own, set(joined), count
        self.sent = None

    def joined_processes(self):
        return self.joined, self.own

    def count_processes(self):
        return self.count

    def from_first_process(self, data):
        if self.own == 0:
            self.sent = data
        return self.sent

    def is_split(self, variable):
        return variable.path == "b"


def as_first(monkeypatch, make):
    """What the first process sends, when `make` is called there."""
    first = Processes(0)
    monkeypatch.setattr(processes, "_jax", first)
    assert processes.is_first()
    try:
        processes.from_first(make)
    finally:
        monkeypatch.setattr(processes, "_jax", second := Processes(1))
        second.sent = first.sent


def never():
    raise AssertionError("only the first process reads the folder")


def test_the_second_has_what_the_first_has(monkeypatch):
    as_first(monkeypatch, lambda: ("a", {"epoch": 3}, 7))
    assert not processes.is_first()
    assert processes.from_first(never) == ("a", {"epoch": 3}, 7)


def test_the_second_has_the_error_of_the_first(monkeypatch):
    def fail():
        raise OSError("the folder is full")

    with pytest.raises(OSError, match="full"):
        as_first(monkeypatch, fail)
    with pytest.raises(ValueError, match="the folder is full"):
        processes.from_first(never)


def test_a_process_that_trains_alone_asks_nobody(monkeypatch):
    monkeypatch.setattr(processes, "_jax", Processes(1, joined=[1]))
    assert processes.is_first()
    assert processes.from_first(lambda: 7) == 7


def test_some_of_the_processes_are_refused(monkeypatch):
    monkeypatch.setattr(processes, "_jax", Processes(0, [0, 1], count=3))
    with pytest.raises(ValueError, match="in all 3 that are connected"):
        processes.from_first(never)


def test_variables_over_processes_are_refused(monkeypatch):
    variables = [types.SimpleNamespace(path=path) for path in "ab"]
    monkeypatch.setattr(processes, "_jax", Processes(0))
    processes.check_whole(variables[:1])
    with pytest.raises(ValueError, match="the variable b, which is split"):
        processes.check_whole(variables)


def test_one_process_asks_nobody():
    assert processes.is_first()
    assert processes.from_first(lambda: (None, 1)) == (None, 1)
    processes.check_whole([keras.Variable([1.0])])


def test_what_cannot_be_sent_is_an_error_in_both(monkeypatch):
    with pytest.raises(TypeError, match="received object"):
        as_first(monkeypatch, lambda: {"seed": object()})
    with pytest.raises(ValueError, match="received object"):
        processes.from_first(never)
