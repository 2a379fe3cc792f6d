import importlib.util
import json
import math

import keras
import optuna
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

import mtvision as mtv
from batteries.small_search import TRAIN, VALID, build, run
from mtvision.experiments import (
    LossWeights,
    OneOf,
    SimplexWeights,
    load_search,
)
from mtvision.experiments.runs.training_run import train_once

RATES = FloatDistribution(0.001, 0.1, log=True)


class Counted:
    """Data that count how often they are made."""

    def __init__(self, data):
        self.data = data
        self.count = 0

    def __call__(self):
        self.count += 1
        return self.data


def states(result):
    return [trial["state"] for trial in result.trials]


def test_the_test_split_is_touched_once(tmp_path):
    test = Counted(VALID)
    first = run(tmp_path, test=test)
    assert states(first) == ["complete"] * 3
    assert test.count == 1
    record = first.chosen["record"]
    assert record["test"] == pytest.approx(record["validation"], 1e-5)
    again = run(tmp_path, test=test)
    assert test.count == 1
    assert again.chosen == first.chosen
    assert len(again.trials) == 3


def test_the_chosen_trial_is_the_best_and_repeats_itself(tmp_path):
    result = run(tmp_path)
    best = min(result.trials, key=lambda trial: trial["values"]["a_mae"])
    assert result.chosen["number"] == best["number"]
    assert result.front == [best["number"]]
    assert result.chosen["record"]["history"] == best["record"]["history"]
    model, record = train_once(
        build,
        TRAIN,
        VALID,
        values=best["parameters"],
        seed=0,
        epochs=1,
        name="",
    )
    assert record["history"] == best["record"]["history"]
    assert record["conflicts"] == result.chosen["record"]["conflicts"]
    saved = keras.saving.load_model(tmp_path / "small" / "chosen.keras")
    expected = model.predict(VALID[0], verbose=0)
    for task, output in saved.predict(VALID[0], verbose=0).items():
        assert output == pytest.approx(expected[task], abs=1e-6)


def test_all_parts_of_a_space_reach_build_and_data(tmp_path):
    seen = []

    def take(rate, loss_weights, balancing, seed):
        seen.append((rate, loss_weights, type(balancing), seed))
        return build(rate, loss_weights, balancing)

    def train(augment):
        seen.append(augment)
        return TRAIN

    space = {
        "rate": RATES,
        "loss_weights": SimplexWeights(["a", "b"]),
        "balancing": OneOf({"PCGrad": mtv.balancing.PCGrad()}),
        "augment": CategoricalDistribution(["strong"]),
    }
    run(tmp_path, take, train, test=None, space=space, trials=1, seed=5)
    augment, (rate, weights, method, seed) = seen
    assert augment == "strong"
    assert 0.001 <= rate <= 0.1
    assert sum(weights.values()) == pytest.approx(1)
    assert (method, seed) == (mtv.balancing.PCGrad, 5)


def test_what_a_search_leaves(tmp_path, capsys):
    def picture(model):
        return mtv.plotting.draw_conflicts(mtv.balancing.diagnose(model, VALID))

    result = run(tmp_path, picture=picture, verbose=1)
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said[:3]] == [
        f"trial {number} complete ({number + 1} of 3)" for number in range(3)
    ]
    folder = tmp_path / "small"
    for name in ("study.db", "search.json", "chosen.json", "predictions.png"):
        assert (folder / name).exists()
    logs = {path.name for path in (folder / "logs").iterdir()}
    assert logs == {"0", "1", "2", "chosen"}
    file = json.loads((folder / "search.json").read_text())
    assert file["storage"] is None
    folder.rename(tmp_path / "moved")
    loaded = load_search(tmp_path / "moved")
    assert loaded.trials == result.trials
    assert loaded.chosen == result.chosen
    assert loaded.log == ["rate"]
    assert "| trial" in str(loaded)
    assert f"| {result.chosen['number']} (chosen)" in str(loaded)
    assert loaded.remarks[0] in str(loaded)


def test_resuming_goes_on_where_it_stopped(tmp_path):
    """Ctrl-C in the second trial; then the same as without."""
    calls = []

    def interrupted(rate):
        calls.append(rate)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return build(rate)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, interrupted, test=None)
    result = run(tmp_path, interrupted, test=None)
    assert states(result) == [
        "complete",
        "interrupted",
        "complete",
        "complete",
    ]
    assert calls[1] == calls[2]
    whole = run(tmp_path / "whole", test=None)
    rates = [t["parameters"]["rate"] for t in whole.trials]
    assert [calls[0], calls[2]] == rates[:2]


def test_trials_that_raise_are_recorded_and_the_search_goes_on(tmp_path):
    calls = []

    def fails_once(rate):
        calls.append(rate)
        if len(calls) == 2:
            raise OSError("no <memory> left")
        return build(rate)

    result = run(tmp_path, fails_once)
    assert states(result) == ["complete", "failed", "complete", "complete"]
    assert result.trials[1]["error"] == "OSError: no <memory> left"
    assert "in fails_once" in result.trials[1]["traceback"]


def test_a_build_that_always_raises_ends_the_search(tmp_path):
    def never(rate):
        raise OSError("no memory left")

    with pytest.raises(RuntimeError, match="trial 4: OSError: no memory left"):
        run(tmp_path, never, trials=20)
    result = run(tmp_path, trials=1)
    assert states(result) == ["failed"] * 5 + ["complete"]


class Nan(keras.metrics.Metric):
    """A metric that is not a number for small rates."""

    def __init__(self, value, **options):
        super().__init__(**options)
        self.value = value

    def update_state(self, y_true, y_pred, sample_weight=None):
        pass

    def result(self):
        return keras.ops.convert_to_tensor(self.value, "float32")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_an_objective_that_is_not_finite_fails_its_trial_only(tmp_path, value):
    def sometimes(width):
        model = build()
        bad = value if width == 0 else 1.0
        model.compile(
            "sgd",
            loss=dict.fromkeys("ab", "mse"),
            metrics={"a": Nan(bad, name="odd")},
        )
        return model

    result = run(
        tmp_path,
        sometimes,
        space={"width": IntDistribution(0, 1)},
        objectives={"a_odd": "maximize"},
        sampler="grid",
        test=None,
    )
    assert sorted(states(result)) == ["complete", "failed"]
    failed = next(t for t in result.trials if t["state"] == "failed")
    assert failed["error"] == f"The objective 'a_odd' is {value}."
    assert failed["parameters"] == {"width": 0}
    assert failed["record"]["seed"] == 0


def test_a_metric_that_is_not_there_ends_the_search_at_once(tmp_path):
    options = {"objectives": {"a_accuracy": "maximize"}, "epochs": 50}
    with pytest.raises(
        ValueError, match=r"not measure \['a_accuracy'\].*measures \['a_loss'"
    ):
        run(tmp_path, **options)
    found = load_search(tmp_path / "small")
    assert states(found) == ["failed"]
    assert "a_accuracy" in found.trials[0]["error"]
    assert found.chosen is None
    assert "1 failed" in str(found)


def test_another_search_of_the_same_name_is_an_error(tmp_path):
    run(tmp_path, test=None, trials=1)
    with pytest.raises(ValueError, match="another one") as raised:
        run(
            tmp_path,
            space={"rate": FloatDistribution(0.001, 0.2, log=True)},
            objectives={"a_mae": "maximize"},
            epochs=2,
        )
    assert "space.rate.high: 0.1 before, 0.2 now" in str(raised.value)
    assert "objectives.a_mae: 'minimize' before, 'maximize' now" in str(
        raised.value
    )
    assert "epochs: 1 before, 2 now" in str(raised.value)
    assert len(load_search(tmp_path / "small").trials) == 1


def test_more_trials_are_welcome_until_the_test_split_was_seen(tmp_path):
    assert len(run(tmp_path, test=None, trials=1).trials) == 1
    assert len(run(tmp_path, test=VALID, trials=2).trials) == 2
    with pytest.raises(ValueError, match=r"ended with 2 trials.*test=None"):
        run(tmp_path, test=VALID, trials=3)


@pytest.mark.parametrize("objectives", [1, 2])
@pytest.mark.parametrize(
    "sampler", ["random", "tpe", "gp", "cma_es", "nsga_ii"]
)
def test_every_sampler(tmp_path, sampler, objectives):
    if sampler == "gp":
        pytest.importorskip("torch")
    if sampler == "cma_es":
        pytest.importorskip("cmaes")
    names = ["a_mae", "b_mae"][:objectives]
    options = {
        "space": {"loss_weights": LossWeights(["a", "b"]), "rate": RATES},
        "objectives": dict.fromkeys(names, "minimize"),
        "sampler": sampler,
        "trials": 6,
        "test": None,
    }
    if sampler == "cma_es" and objectives == 2:
        with pytest.raises(ValueError, match="has one objective, received 2"):
            run(tmp_path, **options)
        return
    result = run(tmp_path, **options)
    assert states(result) == ["complete"] * 6
    rows = [tuple(t["parameters"].values()) for t in result.trials]
    assert len(set(rows)) == 6
    values = [list(t["values"].values()) for t in result.trials]
    # By hand: those that no other one is below in all of them.
    assert result.front == [
        number
        for number, mine in enumerate(values)
        if not any(
            other != mine and all(o <= m for o, m in zip(other, mine))
            for other in values
        )
    ]
    assert result.chosen["number"] in result.front


def test_a_grid_is_gone_through_once(tmp_path):
    result = run(
        tmp_path,
        space={"loss_weights": LossWeights(["a", "b"], low=0.5, high=2)},
        sampler="grid",
        grid_points=2,
        trials=None,
        test=None,
    )
    found = [tuple(t["parameters"].values()) for t in result.trials]
    assert sorted(found) == [(0.5, 0.5), (0.5, 2), (2, 0.5), (2, 2)]


def test_a_sampler_of_optuna_is_taken_as_it_is(tmp_path):
    sampler = optuna.samplers.RandomSampler(seed=1)
    first = run(tmp_path, sampler=sampler, test=None)
    twin = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    expected = [twin.ask({"rate": RATES}).params["rate"] for _ in range(3)]
    assert [t["parameters"]["rate"] for t in first.trials] == expected
    assert first.settings["sampler"] == "RandomSampler"


def test_hopeless_trials_are_pruned_and_keep_their_record(tmp_path):
    class Second(optuna.pruners.BasePruner):
        def prune(self, study, trial):
            return trial.number > 0 and trial.last_step == 1

    result = run(tmp_path, pruner=Second(), epochs=4, test=None)
    assert states(result) == ["complete", "pruned", "pruned"]
    epochs = [len(t["record"]["history"]["loss"]) for t in result.trials]
    assert epochs == [4, 2, 2]
    assert result.chosen["number"] == 0
    study = result.study
    values = study.trials[1].intermediate_values
    assert values == {
        number: pytest.approx(value)
        for number, value in enumerate(
            result.trials[1]["record"]["history"]["val_a_mae"]
        )
    }


def test_delta_m_chooses_among_several(tmp_path):
    result = run(
        tmp_path,
        objectives={"delta_m": "maximize"},
        baselines={"a_mae": ("minimize", 1.0), "b_mae": ("minimize", 2.0)},
        test=None,
    )
    for trial in result.trials:
        got = trial["record"]["validation"]
        by_hand = 50 * ((1 - got["a_mae"]) + (2 - got["b_mae"]) / 2)
        assert trial["values"]["delta_m"] == pytest.approx(by_hand)

    chosen = run(
        tmp_path,
        objectives={"delta_m": "maximize"},
        baselines={"a_mae": ("minimize", 1.0), "b_mae": ("minimize", 2.0)},
    ).chosen["record"]
    # The test split is here the validation split.
    assert chosen["test"]["delta_m"] == pytest.approx(
        chosen["validation"]["delta_m"]
    )


def test_a_trial_is_judged_by_the_model_that_is_left(tmp_path):
    """Not by the last epoch, if a callback puts back an earlier one."""

    def stop(name):
        return [
            keras.callbacks.EarlyStopping(
                "val_a_mae",
                mode="min",
                patience=1,
                restore_best_weights=True,
            )
        ]

    rates = FloatDistribution(0.3, 0.5)  # too high: it gets worse
    result = run(
        tmp_path, space={"rate": rates}, epochs=8, callbacks=stop, trials=2
    )
    record = result.chosen["record"]
    assert record["test"] == pytest.approx(record["validation"], 1e-5)
    for trial in result.trials:
        history = trial["record"]["history"]["val_a_mae"]
        assert trial["values"]["a_mae"] == pytest.approx(min(history), 1e-5)
    assert any(
        t["record"]["history"]["val_a_mae"][-1] > t["values"]["a_mae"]
        for t in result.trials
    )


def test_a_picture_that_fails_loses_nothing(tmp_path):
    with pytest.warns(UserWarning, match="no .*predictions.png: OSError: no p"):
        result = run(tmp_path, picture=no_picture)
    assert "a_mae" in result.chosen["record"]["test"]


def no_picture(model):
    raise OSError("no paint")


def test_importances_have_a_study_to_be_computed_from(tmp_path):
    result = run(tmp_path, test=None)
    assert len(result.study.trials) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "a/b"}, "name that a folder can have, received 'a/b'"),
        ({"name": ".."}, "name that a folder can have"),
        ({"trials": 0}, "trials"),
        ({"train": None}, "Expected as `train` data"),
        ({"build": 3}, "`build` as a function .*received 3"),
        ({"verbose": "yes"}, "Expected verbose as a whole number"),
        ({"grid_points": 0}, "grid_points"),
        ({"callbacks": [3]}, r"`callbacks` as a list .*received \[3\]"),
        (
            {"callbacks": keras.callbacks.TerminateOnNaN()},
            "`callbacks` as a list .*TerminateOnNaN",
        ),
        ({"baselines": [1]}, r"Expected baselines as a dict .*\[1\]"),
        ({"baselines": {"a_mae": True}}, "'a_mae' as a finite .*True"),
        (
            {"space": {"seed": IntDistribution(0, 9)}},
            "'seed' is given to each run as it is",
        ),
        ({"epochs": 0}, "epochs"),
        ({"heartbeat": 0.5}, "heartbeat"),
        ({"seed": -1}, "seed"),
        ({"valid": None}, "validation split"),
        ({"space": {"width": RATES}}, r"'width'; `build` takes \['balancing'"),
        ({"build": lambda x, rate: None}, r"`build` needs \['x'\]"),
        ({"sampler": "bayes"}, "sampler of .*received 'bayes'"),
        ({"sampler": 3}, "sampler of .*received 3"),
        ({"pruner": "half"}, "pruner of .*received 'half'"),
        (
            {
                "pruner": "median",
                "objectives": dict.fromkeys(("a_mae", "b_mae"), "minimize"),
            },
            "by one objective, received 2",
        ),
    ],
)
def test_wrong_arguments_are_found_before_anything_is_made(
    tmp_path, options, message
):
    with pytest.raises(ValueError, match=message):
        run(tmp_path, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("package", "message"),
    [
        ("torch", "needs the package 'torch'"),
        ("optuna", r"needs Optuna.*\[experiments\]"),
    ],
)
def test_a_package_that_is_missing_is_named(
    tmp_path, monkeypatch, package, message
):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name: None if name == package else found(name),
    )
    with pytest.raises(ImportError, match=message):
        run(tmp_path, sampler="gp")
