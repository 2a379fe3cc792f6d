"""Trainings that are killed at random points, and what it costs to save.

    KERAS_BACKEND=jax python benchmarks/resume.py --kills 20
    KERAS_BACKEND=torch python benchmarks/resume.py --kills 5
    python benchmarks/resume.py --kills 0 --speed 7

Each kill is a SIGKILL to a process that trains three tasks; the same command
then runs to its end, and what is left is compared, bit by bit, with a training
that was not killed: weights, optimizer, seeds, balancing, history. Every other
kill hits while a file is being written, which is then made slow. By turns, the
data are `Batches` with augmentation, under a schedule, PCGrad in random order
and early stopping; and arrays, under a plateau's learning rate, averaged
weights and DWA.

The speed is that of the quickstart's model: fits of 200 steps with and without
`Resume(every=100)` by turns, the time that one save takes, and the time from
the call of `fit` to the end of its first step, with and without a file.
"""

import argparse
import contextlib
import hashlib
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
import numpy as np

import mtvision as mtv

KINDS = ["batches", "arrays"]
SIZE, SAMPLES, BATCH, EPOCHS = 16, 84, 8, 4
FIT_STEPS = 200
# So that JAX compiles once for all processes.
COMPILED = {
    "JAX_COMPILATION_CACHE_DIR": f"{tempfile.gettempdir()}/mtvision_resume_xla",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "0",
}


class Tell(keras.callbacks.Callback):
    """Tells the process that watches what this one is at."""

    def on_train_batch_begin(self, batch, logs=None):
        """A step."""
        print("step", flush=True)

    def on_test_batch_begin(self, batch, logs=None):
        """A step of a validation."""
        print("test", flush=True)

    def on_epoch_end(self, epoch, logs=None):
        """The end of an epoch."""
        print("epoch", flush=True)


def make_samples(number, seed):
    """Bright rectangles, some of them without a label."""
    generator = np.random.default_rng(seed)
    samples = []
    for index in range(number):
        image = generator.integers(0, 100, (SIZE, SIZE, 3)).astype("uint8")
        mask = np.zeros((SIZE, SIZE), "int32")
        x, y, w, h = generator.integers(2, 8, 4)
        mask[y : y + h, x : x + w] = 1
        image[mask == 1] += 100
        sample = {"image": image, "area": np.float32(w * h) / 49}
        if index % 3:
            sample |= {"mask": mask, "wide": int(w > h)}
        samples.append(sample)
    return samples


def make_data(kind, number, seed):
    """What `fit` takes as `x` and `y`."""
    targets = {"area": ("area",), "mask": "mask", "wide": "wide"}
    changes = [mtv.data.RandomFlip(), mtv.data.RandomHSV(), mtv.data.Cutout()]
    batches = mtv.data.Batches(
        make_samples(number, seed),
        targets,
        batch_size=BATCH if kind == "batches" else number,
        shuffle=kind == "batches",
        augment=mtv.data.Augment(changes) if kind == "batches" else None,
        workers=2,
    )
    return (batches,) if kind == "batches" else batches.batch(0, 0)


def build_model():
    """A small trunk with random layers inside, and three heads."""
    image = keras.Input((SIZE, SIZE, 3), name="image")
    changed = keras.layers.RandomContrast(0.2)(image)
    features = mtv.trunks.SmallResNet()(changed)
    pyramid = mtv.necks.FeaturePyramid(filters=8)(features)
    outputs = {
        "area": mtv.tasks.RegressionHead(1)(features),
        "mask": mtv.tasks.SegmentationHead(2, filters=8)(pyramid),
        "wide": mtv.tasks.ClassificationHead(2, dropout=0.3)(features),
    }
    return mtv.MultiTaskModel(image, outputs)


def compile_model(model, kind):
    """Compiles a model, with all that has a state of its own."""
    if kind == "batches":
        rate = keras.optimizers.schedules.CosineDecay(3e-3, 44)
        optimizer, balancing = keras.optimizers.Adam(rate), mtv.balancing.PCGrad
    else:
        optimizer = keras.optimizers.Adam(3e-3, use_ema=True, ema_momentum=0.9)
        balancing = mtv.balancing.DWA
    model.compile(
        optimizer,
        {
            "area": "mse",
            "mask": mtv.tasks.SegmentationLoss(),
            "wide": mtv.tasks.ClassificationLoss(),
        },
        loss_weights={"area": 2.0, "mask": 1.0, "wide": 0.5},
        metrics={"mask": mtv.metrics.MeanIoU(2)},
        balancing=balancing(),
    )


def make_callbacks(kind):
    """Those that remember, and may end the training early."""
    if kind == "batches":
        stop = keras.callbacks.EarlyStopping(
            "val_loss", patience=2, restore_best_weights=True
        )
        return [stop]
    return [
        keras.callbacks.ReduceLROnPlateau("val_loss", patience=0, min_delta=0.1)
    ]


def train(folder, kind):
    """Trains to the end, and prints what all of it comes to."""
    keras.utils.set_random_seed(7)
    model = build_model()
    compile_model(model, kind)
    data = make_data(kind, SAMPLES, seed=0)
    options = {} if kind == "batches" else {"batch_size": BATCH}
    if len(data) == 3:
        data, options["sample_weight"] = data[:2], data[2]
    resume = mtv.training.Resume(folder, every=4, keep=2)
    history = model.fit(
        *data,
        validation_data=make_data("batches", 24, seed=1)[0],
        epochs=EPOCHS,
        callbacks=[*make_callbacks(kind), Tell(), resume],
        verbose=0,
        **options,
    )
    seeds = [v for v in model.variables if "seed" in v.path]
    found = {
        "weights": digest(model.weights),
        "optimizer": digest(model.optimizer.variables),
        "seeds": digest(seeds),
        "balancing": digest(model.balancer.variables),
        "history": repr(history.history),
    }
    print("found", json.dumps(found), flush=True)


def digest(variables):
    """SHA-256 of the bytes of variables."""
    arrays = [keras.ops.convert_to_numpy(v.value) for v in variables]
    return hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()


def write_slowly(seconds):
    """Tells when a file is being written, and lingers there."""
    fsync = os.fsync

    def slow(number):
        print("write", flush=True)
        time.sleep(seconds)
        fsync(number)

    os.fsync = slow


def run(*arguments, kill=None):
    """Runs this script as another process.

    Args:
        *arguments: Of the command line.
        kill: What is told, how often, and the seconds after which the process
            is then killed.

    Returns:
        Lines that it has told.
    """
    command = [sys.executable, __file__, *map(str, arguments)]
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
    run("--train", folder, "--kind", kind, *slow, kill=(told, times, seconds))
    begun = sum(1 for path in folder.iterdir() if path.suffix == ".part")
    again = run("--train", folder, "--kind", kind)
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
                run("--train", folder / f"{kind}{i}", "--kind", kind)
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
    sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "examples"))
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
                line = run("--first-step", place)[-1]
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


def print_table(rows):
    """Prints rows in Markdown."""
    print("|", " | ".join(rows[0]), "|")
    print("|", " | ".join("---" for _ in rows[0]), "|")
    for row in rows:
        cells = (
            f"{v:.4g}" if isinstance(v, float) else v for v in row.values()
        )
        print("|", " | ".join(map(str, cells)), "|")


def main(options):
    """One of the roles of this script."""
    if options.slow is not None or options.train:
        write_slowly(options.slow or 0)
    if options.train:
        return train(options.train, options.kind)
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
    parser.add_argument("--train", type=pathlib.Path)
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0])
    parser.add_argument("--slow", type=float)
    parser.add_argument("--first-step", type=pathlib.Path)
    main(parser.parse_args())
