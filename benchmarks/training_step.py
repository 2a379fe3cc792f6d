"""A training step of MultiTaskModel against the same plain keras.Model.

`SmallResNet` with three heads; the same losses, weights and data; fits of the
two interleaved; the median of the ratios of neighbours.
The column `noise` compares the plain model with itself. Peak memory comes
from a process of its own for each.

    python benchmarks/training_step.py                 # all backends
    KERAS_BACKEND=jax python benchmarks/training_step.py --here
"""

import argparse
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import time

MODES = {
    "tensorflow": [False, True],
    "jax": [True],
    "torch": [False],
}
SIZE, BATCH, STEPS, EPOCHS, ROUNDS = 128, 8, 10, 3, 24


def build(cls, jit_compile):
    """Makes the network under a model class, compiled."""
    import keras

    import mtvision as mtv

    keras.utils.set_random_seed(0)
    image = keras.Input((SIZE, SIZE, 3))
    features = mtv.trunks.SmallResNet()(image)
    pooled = keras.layers.GlobalAveragePooling2D()(features["P5"])
    maps = keras.layers.Conv2D(5, 1)(features["P3"])
    outputs = {
        "scene": keras.layers.Dense(10)(pooled),
        "box": keras.layers.Dense(4)(pooled),
        "mask": keras.layers.UpSampling2D(8, interpolation="bilinear")(maps),
    }
    model = cls(image, outputs)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(
        keras.optimizers.Adam(1e-4),
        loss={"scene": loss, "box": keras.losses.Huber(), "mask": loss},
        loss_weights={"scene": 1.0, "box": 0.5, "mask": 2.0},
        jit_compile=jit_compile,
    )
    return model


def make_data():
    """Makes random images with a class, a box and a map each."""
    import numpy as np

    rng = np.random.default_rng(0)
    n = BATCH * STEPS
    x = rng.uniform(0, 255, (n, SIZE, SIZE, 3)).astype("float32")
    return x, {
        "scene": rng.integers(0, 10, n),
        "box": rng.normal(size=(n, 4)).astype("float32"),
        "mask": rng.integers(0, 5, (n, SIZE, SIZE)),
    }


def train(model, x, y):
    """Fits a model for some epochs."""
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0)


def classes():
    """The two model classes by name."""
    import keras

    import mtvision as mtv

    return {"keras": keras.Model, "mtvision": mtv.MultiTaskModel}


def measure(jit_compile):
    """Times all in this process, round by round, in seconds a step."""
    x, y = make_data()
    kinds = {**classes(), "keras again": classes()["keras"]}
    models = {name: build(cls, jit_compile) for name, cls in kinds.items()}
    times = {name: [] for name in models}
    orders = itertools.cycle(itertools.permutations(models))
    for round_number, order in zip(range(-2, ROUNDS), orders):
        for name in order:
            start = time.perf_counter()
            train(models[name], x, y)
            if round_number >= 0:
                seconds = time.perf_counter() - start
                times[name].append(seconds / STEPS / EPOCHS)
    return times


def peak_memory(name, jit_compile):
    """Trains one model in this process and returns its peak in MiB."""
    x, y = make_data()
    model = build(classes()[name], jit_compile)
    train(model, x, y)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(backend, *arguments):
    """Runs this file in a process of its own; returns what it printed."""
    environment = {**os.environ, "KERAS_BACKEND": backend}
    environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
    result = subprocess.run(
        [sys.executable, __file__, "--here", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(result.stdout.splitlines()[-1])


def ratio(times, name):
    """Median over the rounds of a model's time over the plain one's."""
    pairs = zip(times[name], times["keras"])
    return statistics.median(own / plain for own, plain in pairs)


def report():
    """Runs everything and prints the table."""
    print("| backend | keras ms | mtvision ms | time | noise | memory |")
    print("| --- | --- | --- | --- | --- | --- |")
    for backend, modes in MODES.items():
        for xla in modes:
            flag = ["--xla"] if xla else []
            times = child(backend, *flag)
            ms = {k: statistics.median(v) * 1e3 for k, v in times.items()}
            peak = {
                k: child(backend, *flag, "--memory", k)
                for k in ("keras", "mtvision")
            }
            label = backend + (" XLA" if xla and backend != "jax" else "")
            print(
                f"| {label} | {ms['keras']:.1f} | {ms['mtvision']:.1f} "
                f"| {ratio(times, 'mtvision'):.3f} "
                f"| {ratio(times, 'keras again'):.3f} "
                f"| {peak['mtvision'] / peak['keras']:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true")
    parser.add_argument("--xla", action="store_true")
    parser.add_argument("--memory", choices=["keras", "mtvision"])
    options = parser.parse_args()
    if options.memory:
        print(json.dumps(peak_memory(options.memory, options.xla)))
    elif options.here:
        print(json.dumps(measure(options.xla)))
    else:
        report()
