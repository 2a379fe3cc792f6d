"""Two processes that train one model, against two that train one each.

The latter is what two cores allow. Plain Keras and mtvision by turns, medians
over the rounds. Bytes are those that the loopback device counted.

    python benchmarks/devices.py 128

for batches of 128 images in each process.

Results: devices.md.
"""

import itertools
import math
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import time

SIZE, STEPS = 128, 4
ROUNDS, WARM_UP = 8, 1
METHODS = {
    "keras": None,
    "mtvision": None,
    "PCGrad at features": "features",
    "PCGrad at parameters": "parameters",
}


def build(name):
    """Makes the network of training_step.py, compiled."""
    import keras

    import mtvision as mtv

    keras.utils.set_random_seed(0)
    image = keras.Input((SIZE, SIZE, 3))
    features = mtv.trunks.SmallResNet()(image)
    pooled = keras.layers.GlobalAveragePooling2D()(features["P5"])
    maps = keras.layers.Conv2D(5, 1, name="maps")(features["P3"])
    outputs = {
        "scene": keras.layers.Dense(10, name="scene")(pooled),
        "box": keras.layers.Dense(4, name="box")(pooled),
        "mask": keras.layers.UpSampling2D(8, interpolation="bilinear")(maps),
    }
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    losses = {"scene": loss, "box": keras.losses.Huber(), "mask": loss}
    if name == "keras":
        model = keras.Model(image, outputs)
        model.compile(keras.optimizers.Adam(1e-4), losses)
        return model
    model = mtv.MultiTaskModel(image, outputs)
    at = METHODS[name]
    balancing = at and mtv.balancing.PCGrad(at=at)
    model.compile(keras.optimizers.Adam(1e-4), losses, balancing=balancing)
    return model


def make_data(batch):
    """Makes the part of one process: random images and truths."""
    import numpy as np

    rng = np.random.default_rng(0)
    n = batch * STEPS
    x = rng.uniform(0, 255, (n, SIZE, SIZE, 3)).astype("float32")
    return x, {
        "scene": rng.integers(0, 10, n),
        "box": rng.normal(size=(n, 4)).astype("float32"),
        "mask": rng.integers(0, 5, (n, SIZE, SIZE)),
    }


def bytes_sent():
    """What the loopback device has sent so far."""
    statistic = "/sys/class/net/lo/statistics/tx_bytes"
    return int(pathlib.Path(statistic).read_text())


def expected_bytes(name, model):
    """What two processes send each other in a step, both together.

    A ring sends each number to be summed once from each of two processes. At
    the parameters, there is one gradient of the trunk for each task.
    """
    sizes = {id(v): math.prod(v.shape) for v in model.trainable_variables}
    total = sum(sizes.values())
    if METHODS[name] == "parameters":
        heads = [model.get_layer(name) for name in ("scene", "box", "maps")]
        own = sum(sizes[id(v)] for h in heads for v in h.trainable_variables)
        total = own + 3 * (total - own)
    return 2 * 4 * total


def measure(batch, number, port):
    """Times all in this process.

    Returns:
        Dicts by (name, whether together): lists of seconds and of bytes a
        step; and the bytes that were expected.
    """
    import keras

    distribution = keras.distribution
    distribution.initialize(f"localhost:{port}", 2, number)
    every = distribution.list_devices()
    scopes = {
        False: distribution.DataParallel(
            devices=every[number : number + 1], auto_shard_dataset=False
        ).scope,
        True: distribution.DataParallel(auto_shard_dataset=False).scope,
    }
    x, y = make_data(batch)
    models = {}
    for name, together in itertools.product(METHODS, scopes):
        if together or METHODS[name] is None:
            with scopes[together]():
                models[name, together] = build(name)
    seconds = {key: [] for key in models}
    sent = {key: [] for key in models}
    for round_number in range(-WARM_UP, ROUNDS):
        for key, model in models.items():
            with scopes[key[1]]():
                start, before = time.perf_counter(), bytes_sent()
                model.fit(x, y, batch_size=batch, shuffle=False, verbose=0)
                if round_number >= 0:
                    took = time.perf_counter() - start
                    seconds[key].append(took / STEPS)
                    sent[key].append((bytes_sent() - before) / STEPS)
    expected = {k: expected_bytes(k[0], model) for k, model in models.items()}
    return seconds, sent, expected


def report(seconds, sent, expected):
    """Prints the table."""
    alone = {n: s for (n, together), s in seconds.items() if not together}
    print(
        "| | ms alone | ms together | efficiency | of Keras | MB | expected |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")

    def ratio(ones, others):
        found = statistics.median(a / b for a, b in zip(ones, others))
        return f"{found:.3f}"

    for name in METHODS:
        both = seconds[name, True]
        own = alone.get(name)
        took = f"{statistics.median(own) * 1e3:.1f}" if own else "-"
        megabytes = statistics.median(sent[name, True]) / 1e6
        print(
            f"| {name} | {took} | {statistics.median(both) * 1e3:.1f} "
            f"| {ratio(own, both) if own else '-'} "
            f"| {ratio(alone['keras'], both)} "
            f"| {megabytes:.2f} | {expected[name, True] / 1e6:.2f} |"
        )


def start(batch):
    """Runs this file in two processes."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
    environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, batch, n, port], env=environment
        )
        for n in "01"
    ]
    return max(process.wait() for process in processes)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(start(*sys.argv[1:]))
    results = measure(*map(int, sys.argv[1:]))
    if sys.argv[2] == "0":
        report(*results)
