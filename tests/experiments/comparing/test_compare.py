import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision.experiments.comparing.compare import compare
from mtvision.experiments.comparing.single_task import single_task
from mtvision.training.claimed import claimed

ROOT = pathlib.Path(__file__).parents[3]
X = np.random.default_rng(0).normal(size=(24, 4)).astype("float32")
DATA = X, {"a": X[:, :1] * 2 - 1, "b": X[:, 1:2], "c": X[:, 2:3]}
OBJECTIVES = {"a_mae": "minimize", "b_mae": "minimize"}
PCGRAD = {"PCGrad": mtv.balancing.PCGrad(order="sequential")}


def model_of(balancing=None, loss_weights=None, rate=0.01):
    image = keras.Input((4,))
    trunk = keras.layers.Dense(3, "tanh")(image)
    heads = {task: keras.layers.Dense(1)(trunk) for task in "abc"}
    model = mtv.MultiTaskModel(image, heads)
    model.compile(
        keras.optimizers.SGD(rate),
        loss=dict.fromkeys("abc", "mse"),
        loss_weights=loss_weights,
        metrics={"a": "mae", "b": "mae"},
        balancing=balancing,
    )
    return model


class Builds:
    """A function that builds a model, and counts."""

    def __init__(self, fail=None):
        self.calls = []
        self.fail = fail or (lambda method, seed: False)

    def __call__(self, balancing=None, loss_weights=None, rate=0.01, seed=0):
        method = type(balancing).__name__
        self.calls.append((method, seed))
        if self.fail(method, seed):
            raise OSError("no memory left")
        return model_of(balancing, loss_weights, rate)


def run(folder, build=None, methods=PCGRAD, **more):
    options = {
        "objectives": OBJECTIVES,
        "epochs": 1,
        "seeds": 1,
        "alone": {},
        "folder": folder,
        "verbose": 0,
    }
    build = build or Builds()
    return compare(build, DATA, DATA, methods=methods, **options | more)


def files(folder):
    found = sorted((folder / "methods/runs").iterdir())
    return {path.name: path.read_bytes() for path in found}


def test_every_method_and_task_on_every_seed(tmp_path, capsys):
    result = run(tmp_path, test=DATA, verbose=1, seeds=2, alone=None)
    names = ("PCGrad", "alone-a", "alone-b", "sum")
    assert list(files(tmp_path)) == [
        f"{n}-{s}.json" for n in names for s in (0, 1)
    ]
    assert capsys.readouterr().out.count("a_mae") == 6
    assert [row["method"] for row in result.rows()] == [
        "alone",
        "sum",
        "PCGrad",
    ]
    assert all(row["runs"] == 2 for row in result.rows())
    assert result.remarks == []
    alone = [r for r in result.records if r["name"] == "alone-a"]
    assert [r["tasks"] for r in alone] == [["a"], ["a"]]
    assert set(alone[0]["test"]) == {"loss", "a_loss", "a_mae"}
    # A trunk of 4 x 3 + 3 and a head of 3 + 1 numbers, of two tasks.
    assert result.rows()[0]["parameters"] == 2 * (15 + 4)
    assert result.rows()[1]["parameters"] == 15 + 3 * 4


def test_runs_are_those_of_a_loop_by_hand(tmp_path):
    result = run(tmp_path, seeds=[7], alone=None)
    for name, task in (("sum", None), ("alone-b", "b")):
        keras.utils.set_random_seed(7)
        model, (x, y) = model_of(), DATA
        if task:
            model, y = single_task(model, task), {task: y[task]}
        model.fit(x, y, verbose=0)
        logs = model.evaluate(x, y, verbose=0, return_dict=True)
        record = next(r for r in result.records if r["name"] == name)
        found = record["validation"]["b_mae"]
        np.testing.assert_allclose(found, logs["b_mae"], rtol=1e-5)


def test_equal_methods_get_equal_results(tmp_path):
    """Same seeds, data and weights: what is called otherwise is the same."""
    methods = {"again": None, "ones": {"loss_weights": dict.fromkeys("abc", 1)}}
    result = run(tmp_path, methods=methods)
    for name in methods:
        for measure in OBJECTIVES:
            assert result.points[name][measure] == pytest.approx(
                result.points["sum"][measure], rel=1e-5
            )


def test_loss_weights_are_a_method(tmp_path):
    weights = {"a": 5.0, "b": 0.1, "c": 1.0}
    result = run(tmp_path, methods={"tuned": {"loss_weights": weights}})
    tuned = next(r for r in result.records if r["name"] == "tuned")
    assert tuned["values"] == {"balancing": None, "loss_weights": weights}
    found = result.points
    assert found["tuned"]["a_mae"][0] != found["sum"]["a_mae"][0]


SCRIPT = """
import os, signal, sys
sys.path.insert(0, {tests!r})
import keras
from test_compare import run
import pathlib

class Kill(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        os.kill(os.getpid(), signal.SIGKILL)

run(
    pathlib.Path({folder!r}),
    alone=None,
    callbacks=lambda name: [Kill()] if name == "alone-a-0" else [],
)
"""


def test_a_killed_comparison_repeats_nothing(tmp_path):
    tests = str(pathlib.Path(__file__).parent)
    script = SCRIPT.format(tests=tests, folder=str(tmp_path))
    killed = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    before = files(tmp_path)
    assert set(before) == {"sum-0.json", "PCGrad-0.json"}
    build = Builds()
    result = run(tmp_path, build, alone=None)
    assert len(build.calls) == 4 - len(before)
    after = files(tmp_path)
    assert {name: after[name] for name in before} == before
    assert len(result.records) == 4
    run(tmp_path, build, alone=None)
    assert len(build.calls) == 2


SHARING = """
import pathlib, sys
sys.path.insert(0, {tests!r})
from test_compare import Builds, run

build = Builds()
result = run(pathlib.Path({folder!r}), build, alone=None, seeds=3, epochs=20)
print(len(build.calls), len(result.records))
"""


def test_processes_share_the_runs(tmp_path):
    tests = str(pathlib.Path(__file__).parent)
    script = SHARING.format(tests=tests, folder=str(tmp_path))
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ended = [process.communicate() for process in both]
    assert [p.returncode for p in both] == [0, 0], [e[1] for e in ended]
    (ran, seen), (others, as_many) = (
        map(int, out.split()[-2:]) for out, _ in ended
    )
    assert ran + others == seen == as_many == (2 + 2) * 3
    assert not {f for f in files(tmp_path) if f.endswith(".part")}


def test_a_run_of_another_process_is_waited_for(tmp_path):
    run(tmp_path)
    record = tmp_path / "methods/runs/PCGrad-0.json"
    text = record.read_text()
    record.unlink()
    lock = tmp_path / "methods/locks/PCGrad-0.lock"

    def elsewhere():
        with claimed(lock) as mine:
            assert mine
            begun.set()
            time.sleep(1.5)
            record.write_text(text)

    begun = threading.Event()
    other = threading.Thread(target=elsewhere)
    other.start()
    begun.wait()
    build = Builds()
    result = run(tmp_path, build)
    other.join()
    assert build.calls == []
    assert len(result.records) == 2


def test_half_a_file_counts_as_none(tmp_path):
    run(tmp_path)
    path = tmp_path / "methods/runs/PCGrad-0.json"
    path.write_bytes(path.read_bytes()[:200])
    build = Builds()
    with pytest.warns(UserWarning, match=r"PCGrad-0.json is no whole record"):
        result = run(tmp_path, build)
    assert build.calls == [("PCGrad", 0)]
    assert json.loads(path.read_text())["seed"] == 0
    assert len(result.records) == 2


def test_more_seeds_and_methods_join(tmp_path):
    run(tmp_path)
    build = Builds()
    more = {**PCGRAD, "ones": {"loss_weights": dict.fromkeys("abc", 1)}}
    result = run(tmp_path, build, methods=more, seeds=2)
    # The new method twice, the others once.
    assert len(build.calls) == 2 + 2
    assert result.methods == ["sum", "PCGrad", "ones"]
    result = run(tmp_path, build, seeds=2)
    assert len(build.calls) == 4
    assert result.methods == ["sum", "PCGrad"]


def test_a_run_that_raises_is_told_and_tried_again(tmp_path, capsys):
    broken = Builds(lambda method, seed: method == "PCGrad" and seed == 1)
    result = run(tmp_path, broken, verbose=1, seeds=2)
    told = "OSError: no memory left"
    assert f"failed: {told}" in capsys.readouterr().out
    assert [row["runs"] for row in result.rows()] == [2, 1]
    assert [r["error"] for r in result.failures] == [told]
    assert "Traceback" in result.failures[0]["traceback"]
    assert result.remarks[0] == f"PCGrad, seed 1: failed, {told}"
    assert told in str(result)
    whole = Builds()
    result = run(tmp_path, whole, seeds=2)
    assert whole.calls == [("PCGrad", 1)]
    assert result.failures == []


def test_a_plain_sum_that_fails_first(tmp_path):
    broken = Builds(lambda method, seed: method == "NoneType" and not seed)
    result = run(tmp_path, broken, seeds=2, alone=None)
    # Single-task runs are plain sums, too.
    assert len(result.failures) == 3
    assert [row["runs"] for row in result.rows()] == [1, 1, 2]


def test_nothing_goes_on_when_all_runs_fail(tmp_path):
    broken = Builds(lambda method, seed: True)
    with pytest.raises(RuntimeError, match="no memory left"):
        run(tmp_path, broken)
    assert len(broken.calls) == 2


def test_an_unknown_metric_ends_it_and_loses_nothing(tmp_path):
    build = Builds()
    wrong = {**OBJECTIVES, "a_maa": "minimize"}
    with pytest.raises(ValueError, match=r"\['a_maa'\] on the valid.*'a_mae'"):
        run(tmp_path, build, objectives=wrong, epochs=50)
    assert len(build.calls) == 1  # after the first epoch
    run(tmp_path, build, name="other")
    build = Builds()
    with pytest.raises(ValueError, match="Runs that have ended are kept"):
        run(tmp_path, build, name="other", objectives=wrong)
    run(tmp_path, build, name="other")
    assert build.calls == []


class Overflowing(Builds):
    """Its models of a rate above 1 predict what is not finite."""

    def __call__(self, balancing=None, loss_weights=None, rate=0.01, seed=0):
        model = super().__call__(balancing, loss_weights, rate, seed)
        for variable in model.trainable_variables if rate > 1 else ():
            variable.assign(3e38 * np.ones(variable.shape))
        return model


def test_results_that_are_not_finite_are_left_out_and_told(tmp_path):
    result = run(
        tmp_path,
        Overflowing(),
        methods={"huge": {"rate": 2.0}},
        epochs=3,
        alone=None,
    )
    assert [row["method"] for row in result.rows()] == ["alone", "sum"]
    told = [r for r in result.remarks if r.startswith("huge, seed")]
    assert len(told) == 1
    assert "['a_mae', 'b_mae'] is not finite" in told[0]
    assert "nan" not in str(result)


def test_one_seed_has_neither_interval_nor_test(tmp_path):
    result = run(tmp_path)
    assert all(
        each["half"] is None
        for row in result.rows()
        for each in row["metrics"].values()
    )
    assert result.pairwise("a_mae") == []
    assert "One seed has no interval and no test." in str(result)


def test_only_tasks_with_an_objective_are_trained_alone(tmp_path):
    result = run(tmp_path, objectives={"b_mae": "minimize"}, alone=None)
    assert [r["name"] for r in result.records if r["alone"]] == ["alone-b"]


def test_several_outputs_are_one_task(tmp_path):
    result = run(tmp_path, alone={"both": ["a", "b"]})
    both = [r for r in result.records if r["alone"]]
    assert [r["name"] for r in both] == ["alone-both"]
    assert both[0]["tasks"] == ["a", "b"]
    assert set(result.points["alone"]) == {*OBJECTIVES, "delta_m"}


def test_no_single_tasks(tmp_path):
    result = run(tmp_path)
    assert [row["method"] for row in result.rows()] == ["sum", "PCGrad"]
    assert "no single-task run has a result" in str(result)
    with pytest.raises(ValueError, match="There is no delta m"):
        result.pairwise()


class Reads(keras.utils.PyDataset):
    def __init__(self):
        super().__init__()
        self.read = 0

    def __len__(self):
        return 1

    def __getitem__(self, index):
        self.read += 1
        return DATA


def test_the_test_split_is_read_once_a_run(tmp_path):
    test, seeds = Reads(), []

    def make_test(seed):
        seeds.append(seed)
        return test

    result = run(tmp_path, test=make_test, epochs=3, alone=None)
    assert seeds == [0] * 4
    # Keras reads the first batch once more, to see of what it is.
    assert test.read <= 2 * len(seeds)
    assert result.settings["split"] == "test"


def test_pictures_of_the_first_seed(tmp_path):
    def picture(model):
        if model.balancer is None:
            raise OSError("no paint")
        return mtv.plotting.draw_conflicts(mtv.balancing.diagnose(model, DATA))

    with pytest.warns(UserWarning, match="no .*sum-0.png: OSError: no paint"):
        run(tmp_path, picture=picture)
    found = [path.name for path in (tmp_path / "methods/pictures").iterdir()]
    assert found == ["PCGrad-0.png"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"epochs": 2}, "epochs: 1, now 2"),
        ({"test": DATA}, "split: 'validation', now 'test'"),
        (
            {"methods": {"PCGrad": mtv.balancing.PCGrad(at="parameters")}},
            "methods 'PCGrad': .*'features'.*'parameters'.*another `name`",
        ),
    ],
)
def test_one_name_is_one_comparison(tmp_path, more, message):
    run(tmp_path)
    before = files(tmp_path)
    with pytest.raises(ValueError, match=message):
        run(tmp_path, **more)
    assert files(tmp_path) == before


def plain_build():
    return model_of()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"build": plain_build}, "with the keyword 'balancing'; `build` takes"),
        ({"methods": {"x": {"wings": 2}}}, "with the keyword 'wings'"),
        ({"methods": {"x": mtv.balancing.Sum}}, r"needs brackets: PCGrad\(\)"),
        ({"methods": {"a/b": None}}, "received 'a/b'"),
        ({"methods": {"alone": None}}, "not 'alone'"),
        ({"methods": {"sum": mtv.balancing.Sum()}}, "Give yours another name"),
        ({"methods": [mtv.balancing.Sum()] * 2}, "Name them"),
        ({"objectives": {"delta_m": "maximize"}}, "by itself. Leave it out"),
        ({"objectives": {"a_mae": "up"}}, 'Expected "maximize"'),
        ({"objectives": {"a_maee": "minimize"}}, "Did you mean 'a_mae'"),
        ({"methods": "PCGrad"}, "`methods` as a list .*received 'PCGrad'"),
        ({"methods": mtv.balancing.Sum()}, "`methods` as a list"),
        ({"methods": ["PCGrad"]}, "the method as an object .*'PCGrad'.$"),
        ({"methods": [mtv.balancing.Sum]}, r"brackets: PCGrad\(\)"),
        ({"methods": {"x": {"seed": 2}}}, "'seed' is given to each run"),
        ({"epochs": 0}, "epochs as a whole number of 1 or more"),
        ({"epochs": 1.5}, "epochs as a whole number of 1 or more"),
        ({"name": "../x"}, "name that a folder can have"),
        ({"name": None}, "name that a folder can have"),
        ({"seeds": 2.5}, "received 2.5"),
        ({"seeds": True}, "received True"),
        ({"seeds": 0}, "received 0"),
        ({"seeds": [1, 1]}, "different whole"),
        ({"alone": {"x": ["a", "z"]}}, "for 'x'"),
    ],
)
def test_wrong_arguments(tmp_path, more, message):
    with pytest.raises(ValueError, match=message):
        run(tmp_path, **more)


def test_without_data_to_measure_on(tmp_path):
    with pytest.raises(ValueError, match="`valid` or `test`"):
        compare(
            *(Builds(), DATA, None),
            methods=PCGRAD,
            objectives=OBJECTIVES,
            epochs=1,
            folder=tmp_path,
        )
