"""Trainings that are killed at random points, and what it costs to save.

    KERAS_BACKEND=jax python benchmarks/resume.py --kills 20
    KERAS_BACKEND=torch python benchmarks/resume.py --kills 5
    python benchmarks/resume.py --kills 0 --speed 7

Each kill is a SIGKILL to a process that trains three tasks
(`resume_training.py`); the same command then runs to its end, and what is left
is compared, bit by bit, with a training that was not killed: weights,
optimizer, seeds, balancing, history. Every other kill hits while a file is
being written, which is then made slow. By turns, the data are `Batches` with
augmentation, under a schedule, PCGrad in random order and early stopping; and
arrays, under a plateau's learning rate, averaged weights and DWA.

The speed is that of the quickstart's model: fits of 200 steps with and without
`Resume(every=100)` by turns, the time that one save takes, and the time from
the call of `fit` to the end of its first step, with and without a file.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")

import keras
from markdown_table import print_table
from resume_training import KINDS

import mtvision as mtv

HERE = pathlib.Path(__file__).resolve().parent
TRAINING = HERE / "resume_training.py"
FIT_STEPS = 200
# So that JAX compiles once for all processes.
COMPILED = {
    "JAX_COMPILATION_CACHE_DIR": f"{tempfile.gettempdir()}/mtvision_resume_xla",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0",
}


def run(script, *arguments, kill=None):
    """Runs a script as another process.

    Args:
        script: Its path.
        *arguments: Of its command line.
        kill: What is told, how often, and the seconds after which the process
            is then killed.

    Returns:
        Lines that it has told.
    """
    command = [sys.executable, *map(str, [script, *arguments])]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | COMPILED
    )
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if kill and lines.count(kill[0]) == kill[1]:
            time.sleep(kill[2])
            process.send_signal(signal.SIGKILL)
            break
    process.stdout.read()
    code = process.wait()
    if code != (-signal.SIGKILL if kill else 0):
        raise RuntimeError(f"{command} ended with {code}.")
    return lines


def found_by(lines):
    """What a training that has ended comes to."""
    return json.loads(lines[-1].removeprefix("found "))


def kill_at_random(number, generator, whole, folder):
    """Kills one training, lets it end, and compares."""
    kind = KINDS[number // 2 % 2]
    writing = number % 2 == 0
    lines, expected = whole[kind]
    told = "write" if writing else generator.choice(["step"] * 4 + ["test"])
    times = generator.randint(2, lines.count(told) - 1)
    seconds = generator.uniform(0, 0.1 if writing else 0.02)
    slow = ["--slow", 0.1 if writing else 0]
    folder = folder / str(number)
    run(TRAINING, folder, "--kind", kind, *slow, kill=(told, times, seconds))
    begun = sum(1 for path in folder.iterdir() if path.suffix == ".part")
    again = run(TRAINING, folder, "--kind", kind)
    found = found_by(again)
    wrong = [name for name in expected if found[name] != expected[name]]
    return {
        "data": kind,
        "killed in": f"{told} {times}",
        "half-written files": begun,
        "steps after it": again.count("step"),
        "differs": ", ".join(wrong) or "nothing",
    }


def kill_trainings(number, seed):
    """Kills trainings at random points; a row for each."""
    generator, rows = random.Random(seed), []
    with tempfile.TemporaryDirectory() as folder:
        folder, whole = pathlib.Path(folder), {}
        for kind in KINDS:
            runs = [
                run(TRAINING, folder / f"{kind}{i}", "--kind", kind)
                for i in range(2)
            ]
            whole[kind] = runs[0], found_by(runs[0])
            if found_by(runs[1]) != whole[kind][1]:
                raise RuntimeError(f"Two whole trainings differ: {kind}.")
        for index in range(number):
            rows.append(kill_at_random(index, generator, whole, folder))
            print(index + 1, *rows[-1].values(), sep=" | ", flush=True)
    return rows


def quickstart():
    """The quickstart's model and data."""
    sys.path.insert(0, str(HERE.parent / "examples"))
    import quickstart as example

    keras.utils.set_random_seed(0)
    folder = pathlib.Path(tempfile.gettempdir()) / "mtvision_resume_data"
    data = example.load("train", 32 * FIT_STEPS, folder)
    return example.build_model(FIT_STEPS * 50), data


class FirstStep(keras.callbacks.Callback):
    """Ends the process when the first step has been made."""

    def __init__(self):
        super().__init__()
        self.begin = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        """Tells the time."""
        print("first", time.perf_counter() - self.begin, flush=True)
        os._exit(0)


def take_first_step(folder):
    """Prints the seconds that `fit` takes to its first step."""
    model, data = quickstart()
    resume = mtv.training.Resume(folder)
    model.fit(data, epochs=9, callbacks=[FirstStep(), resume], verbose=0)


def time_first_steps(rounds):
    """Seconds to the first step, from a file of step 100 and without one."""
    with tempfile.TemporaryDirectory() as folder:
        model, data = quickstart()
        resume = mtv.training.Resume(folder, keep=1)
        stop = keras.callbacks.LambdaCallback(on_train_batch_end=_stop_at(150))
        with contextlib.suppress(InterruptedError):
            model.fit(data, callbacks=[stop, resume], verbose=0)
        seconds = {"fresh": [], "resumed": []}
        for index in range(rounds):
            for name, place in (
                ("fresh", f"{folder}/{index}"),
                ("resumed", folder),
            ):
                line = run(__file__, "--first-step", place)[-1]
                seconds[name].append(float(line.split()[1]))
                print(name, seconds[name][-1], file=sys.stderr, flush=True)
    return {name: statistics.median(found) for name, found in seconds.items()}


def _stop_at(step):
    def stop(batch, logs):
        if batch == step:
            raise InterruptedError

    return stop


def time_fits(rounds):
    """Ratios of fits with `Resume` to those without, and the parts of both."""
    model, data = quickstart()
    ratios, noise, saves, steps = [], [], [], []
    save = mtv.training.Resume._save

    def timed(*args, **kwargs):
        begin = time.perf_counter()
        save(*args, **kwargs)
        saves.append(time.perf_counter() - begin)

    mtv.training.Resume._save = timed
    fit_once(model, data)
    for _ in range(rounds):
        plain, saved, again = (fit_once(model, data, x) for x in (0, 1, 0))
        ratios.append(saved / plain)
        noise.append(again / plain)
        steps += [plain / FIT_STEPS, again / FIT_STEPS]
        print("fits", plain, saved, again, file=sys.stderr, flush=True)
    step, write = statistics.median(steps), statistics.median(saves)
    return {
        "step ms": 1000 * step,
        "save ms": 1000 * write,
        "share at every=100": write / (100 * step),
        "fit with three saves": statistics.median(ratios),
        "noise": statistics.median(noise),
    }


def fit_once(model, data, saves=False):
    """Seconds of a fit of 200 steps; three files, at 0, 100 and 200."""
    with tempfile.TemporaryDirectory() as folder:
        callbacks = [mtv.training.Resume(folder)] if saves else []
        begin = time.perf_counter()
        model.fit(data, callbacks=callbacks, verbose=0)
        return time.perf_counter() - begin


def main(options):
    """One of the roles of this script."""
    if options.first_step:
        return take_first_step(options.first_step)
    if options.kills:
        rows = kill_trainings(options.kills, options.seed)
        print_table([{"kill": i + 1, **row} for i, row in enumerate(rows)])
        if any(row["differs"] != "nothing" for row in rows):
            sys.exit(1)
    if options.speed:
        row = {"backend": keras.backend.backend()}
        first = time_first_steps(3)
        print_table([row | time_fits(options.speed) | first])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--speed", type=int, default=0, help="rounds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first-step", type=pathlib.Path)
    main(parser.parse_args())
