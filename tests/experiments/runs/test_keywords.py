import functools

import pytest

from mtvision.experiments.runs.keywords import (
    accepted_keywords,
    call_with,
    check_keywords,
)


def build(rate, *, seed=0):
    return rate, seed


@pytest.mark.parametrize(
    ("function", "names", "needed"),
    [
        (build, {"rate", "seed"}, {"rate"}),
        (functools.partial(build, rate=1), {"rate", "seed"}, set()),
        (lambda x, /, y=1, *z: None, {"y"}, set()),
        (lambda a, **rest: None, None, {"a"}),
    ],
)
def test_what_a_function_takes(function, names, needed):
    assert accepted_keywords(function) == (names, needed)


class Base:
    def __init__(self, *, share=0.5):
        self.share = share


class Derived(Base):
    def __init__(self, size, **options):
        super().__init__(**options)
        self.size = size


class Open(dict):
    def __init__(self, **options):
        super().__init__(**options)


def test_a_class_takes_what_its_bases_take():
    assert accepted_keywords(Derived) == ({"size", "share"}, {"size"})
    assert accepted_keywords(Open) == (None, set())


def test_only_what_is_taken_is_given():
    assert call_with(build, {"rate": 1, "other": 2}) == (1, 0)
    assert call_with(lambda **all: all, {"a": 1, "b": 2}) == {"a": 1, "b": 2}


def test_a_keyword_that_none_takes_is_an_error_that_lists_all():
    functions = {"build": build, "train": lambda augment: None, "valid": 3}
    check_keywords(["rate", "augment"], functions)
    with pytest.raises(
        ValueError,
        match=r"'dropout'; `build` takes \['rate', 'seed'\]; `train` takes "
        r"\['augment'\]",
    ):
        check_keywords(["rate", "augment", "dropout"], functions)


def test_a_keyword_that_is_lacking_is_an_error():
    with pytest.raises(ValueError, match=r"`build` needs \['rate'\]"):
        check_keywords([], {"build": build})
    check_keywords([], {"build": lambda seed: None})
