import optuna
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

import mtvision as mtv
from mtvision.experiments.spaces.loss_weights import LossWeights
from mtvision.experiments.spaces.method import Method
from mtvision.experiments.spaces.one_of import OneOf
from mtvision.experiments.spaces.simplex_weights import SimplexWeights
from mtvision.experiments.spaces.space import Space

FULL = Space(
    {
        "rate": FloatDistribution(0.1, 10, log=True),
        "loss_weights": LossWeights(["a", "b"], low=0.25, high=4),
        "balancing": OneOf(
            {
                "sum": None,
                "PCGrad": mtv.balancing.PCGrad(),
                "CAGrad": Method(
                    mtv.balancing.CAGrad,
                    c=FloatDistribution(0.1, 0.9),
                    smoothing=0.5,
                ),
            }
        ),
        "augment": CategoricalDistribution(["none", "strong"]),
        "width": IntDistribution(8, 16, step=4),
    }
)


def fixed(**parameters):
    return optuna.trial.FixedTrial(parameters)


def test_values_of_a_trial():
    trial = fixed(
        rate=0.5,
        augment="strong",
        width=12,
        balancing="CAGrad",
        **{
            "loss_weights.a": 0.5,
            "loss_weights.b": 2,
            "balancing.CAGrad.c": 0.3,
        },
    )
    values = FULL.suggest(trial)
    method = values.pop("balancing")
    assert isinstance(method, mtv.balancing.CAGrad)
    assert (method.c, method.smoothing) == (0.3, 0.5)
    assert values == {
        "rate": 0.5,
        "loss_weights": {"a": 0.5, "b": 2},
        "augment": "strong",
        "width": 12,
    }


def test_options_that_are_not_chosen_are_not_asked_for():
    space = Space({"balancing": FULL.parts["balancing"]})
    assert space.suggest(fixed(balancing="sum")) == {"balancing": None}


def test_a_grid_is_all_combinations_without_idle_options():
    """3 rates, 3 x 3 weights, 1 + 1 + 3 methods, 2, 3 widths."""
    points = FULL.grid(3)
    assert len(points) == 3 * 9 * 5 * 2 * 3
    assert len({tuple(sorted(p.items())) for p in points}) == len(points)
    rates = sorted({p["rate"] for p in points})
    assert rates == pytest.approx([0.1, 1, 10])
    assert {p["width"] for p in points} == {8, 12, 16}
    idle = [p for p in points if p["balancing"] != "CAGrad"]
    assert not any("balancing.CAGrad.c" in p for p in idle)
    for point in points:
        FULL.suggest(fixed(**point))


@pytest.mark.parametrize(
    ("distribution", "points", "expected"),
    [
        (FloatDistribution(0, 1), 2, [0, 1]),
        (FloatDistribution(0, 1), 1, [0.5]),
        (FloatDistribution(1, 100, log=True), 1, [10]),
        (FloatDistribution(0, 1, step=0.25), 2, [0, 0.25, 0.5, 0.75, 1]),
        (IntDistribution(1, 3), 2, [1, 2, 3]),
        (IntDistribution(1, 100, log=True), 3, [1, 10, 100]),
        (IntDistribution(1, 2, log=True), 9, [1, 2]),
        (CategoricalDistribution(["x", None]), 9, ["x", None]),
    ],
)
def test_grids_of_ranges(distribution, points, expected):
    found = [p["x"] for p in Space({"x": distribution}).grid(points)]
    assert (
        found == pytest.approx(expected)
        if 0 in expected
        else (found == expected)
    )


def test_descriptions_tell_spaces_apart():
    def described(**changes):
        return Space(FULL.parts | changes).describe()

    assert described() == described()
    changes = {
        "rate": FloatDistribution(0.1, 9, log=True),
        "loss_weights": SimplexWeights(["a", "b"]),
        "balancing": OneOf({"PCGrad": mtv.balancing.PCGrad(smoothing=0.1)}),
        "augment": CategoricalDistribution(["none"]),
    }
    for name, part in changes.items():
        assert described(**{name: part})[name] != described()[name]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Space({}), "dict from keywords"),
        (lambda: Space({"rate": 0.1}), "for 'rate' one of Optuna's.*0.1"),
        (lambda: Space({"a b": IntDistribution(0, 1)}), "keyword.*'a b'"),
        (
            lambda: Space({"x": CategoricalDistribution([(1, 2), "y"])}),
            "choices of 'x', received",
        ),
        (lambda: OneOf(["a"]), "dict from names"),
        (lambda: OneOf({1: None}), r"texts as names, received \[1\]"),
        (lambda: Method(mtv.balancing.PCGrad()), "class or function"),
        (lambda: Method(mtv.balancing.CAGrad, d=1), "keyword 'd'; `CAGrad`"),
    ],
)
@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()
