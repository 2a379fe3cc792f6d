import optuna
import pytest
from optuna.distributions import FloatDistribution

from mtvision.experiments.searching.point_sampler import PointSampler
from mtvision.experiments.searching.samplers import make_pruner, make_sampler
from mtvision.experiments.searching.storage import quiet_optuna
from mtvision.experiments.spaces.space import Space

SPACE = Space({"x": FloatDistribution(0, 1), "y": FloatDistribution(0, 1)})
NAMES = ["random", "tpe", "gp", "cma_es", "nsga_ii"]


def made(name, trials=None, seed=0):
    options = {"objectives": 1, "trials": trials, "seed": seed}
    return make_sampler(name, SPACE, grid_points=3, **options)


def ask(study, number):
    """Values of so many trials, each told what it is worth."""
    found = []
    for _ in range(number):
        trial = study.ask()
        found.append(SPACE.suggest(trial))
        study.tell(trial, sum(found[-1].values()))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_what_a_trial_tries_depends_on_its_number_and_those_before(name):
    """A worker that begins later goes on as if it had been there before."""
    if name == "gp":
        pytest.importorskip("torch")
    if name == "cma_es":
        pytest.importorskip("cmaes")
    with quiet_optuna():
        whole = optuna.create_study(sampler=made(name, 12)[0])
        expected = ask(whole, 12)
        study = optuna.create_study(sampler=made(name, 12)[0])
        found = ask(study, 7)
        study.sampler = made(name, 12)[0]
        found += ask(study, 5)
    assert found == expected
    assert len({tuple(each.values()) for each in found}) > 4


def test_another_seed_tries_something_else():
    with quiet_optuna():
        first, second = (
            ask(optuna.create_study(sampler=made("random", 2, seed)[0]), 2)
            for seed in (0, 1)
        )
    assert first != second


def test_how_many_trials_there_are():
    assert made("tpe")[1] == 40
    assert made("tpe", 7)[1] == 7
    assert made("grid")[1] == 9
    assert made("grid", 100)[1] == 9
    assert made("grid", 4)[1] == 4


def test_points_are_each_begun_once_by_several_workers():
    points = [{"x": i / 8} for i in range(8)]
    with quiet_optuna():
        study = optuna.create_study(sampler=PointSampler(points, seed=0))
        trials = []
        for left in reversed(range(8)):
            study.sampler = PointSampler(points, seed=0)
            trials.append(study.ask({"x": FloatDistribution(0, 1)}))
            assert study.sampler.count_left(study) == left
    assert sorted(t.params["x"] for t in trials) == [i / 8 for i in range(8)]
    assert [t.params["x"] for t in trials] != [i / 8 for i in range(8)]


def test_pruners():
    options = {"objectives": 1, "epochs": 9}
    assert isinstance(make_pruner(None, **options), optuna.pruners.NopPruner)
    assert isinstance(
        make_pruner("median", **options), optuna.pruners.MedianPruner
    )
    assert isinstance(
        make_pruner("hyperband", **options), optuna.pruners.HyperbandPruner
    )
    own = optuna.pruners.ThresholdPruner(upper=1.0)
    assert make_pruner(own, **options) is own
