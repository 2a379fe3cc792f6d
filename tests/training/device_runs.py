"""Trains on one device and on two, and says how far they differ.

    python tests/training/device_runs.py mirrored        # TensorFlow, 2 CPUs
    python tests/training/device_runs.py devices         # JAX, 2 CPUs
    python tests/training/device_runs.py models          # a model on both
    python tests/training/device_runs.py processes       # JAX, 2 processes

trains by every method of balancing; with `"None" "PCGrad()"`, by those, and
evaluates with the first. `devices+models` compares both with one device. In
the data a task's labels are all on one device in some batches, and in others
there are none at all.
"""

import argparse
import contextlib
import functools
import itertools
import os
import pathlib
import socket
import subprocess
import sys

TOLERANCE = 1e-5
WAYS = ["mirrored", "devices", "models", "processes", "devices+models"]
STEPS, BATCH = 50, 8
BY_LOSSES = (
    "StaticWeights(dict(a=1, b=2, c=3)) UncertaintyWeighting() LogLoss() UWSO()"
    " IMTLL() DWA() RLW() GLS() STCH() FAMO() CoV()"
    " DTP(indicators=dict(b='b_accuracy'))"
)
BY_GRADIENTS = (
    "Sum MGDA PCGrad GradVac CAGrad NashMTL FairGrad IMTLG AlignedMTL UPGrad "
    "DualProj ConFIG GradNorm"
)
WITH_MEMORY = "GradDrop() MoCo() DBMTL() ExcessMTL() MoDo() SDMGrad()"


def all_methods():
    """How each method of balancing is made; `None` for the plain sum."""
    places = "(at='features')", "(at='parameters')"
    pairs = itertools.product(BY_GRADIENTS.split(), places)
    by_losses = BY_LOSSES.replace(", ", ",").split()
    return [
        "None",
        *by_losses,
        *(name + place for name, place in pairs),
        *WITH_MEMORY.split(),
    ]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("methods", nargs="*")
    parser.add_argument("--extra", type=int, default=0, help="odd last batch")
    parser.add_argument("--process", type=int)
    parser.add_argument("--port", type=int)
    arguments = parser.parse_args()
    arguments.methods = arguments.methods or all_methods()
    if arguments.way == "processes" and arguments.process is None:
        sys.exit(start_processes(__file__, sys.argv[1:]))
    alone, scopes, part = make_scopes(arguments)
    worst = 0.0
    for number, method in enumerate(arguments.methods):
        evaluates = number == 0
        if not arguments.process:
            with alone():
                one = train(method, arguments.extra, evaluates=evaluates)
        for way, scope in scopes.items():
            with scope():
                two = train(method, arguments.extra, part, evaluates)
            if arguments.process:  # The first compares, for all.
                continue
            found = differences(one, two)
            print(f"{way} {method}: {found}", flush=True)
            worst = max(worst, *found.values())
    same = worst < TOLERANCE
    if not arguments.process:
        print("the same" if same else f"different: {worst:.1e}")
    sys.exit(not same)


def start_processes(script, arguments):
    """Runs a script in two processes; returns the worst exit code."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, script, *arguments, "--port", str(port)]
    processes = [
        subprocess.Popen([*command, "--process", number]) for number in "01"
    ]
    return max(process.wait() for process in processes)


def make_scopes(arguments):
    """Makes two devices before the backend starts.

    Returns:
        Function to a context in which a model is on one; dict by way of those
        in which it is on both; and which part of each batch this process then
        reads.
    """
    if arguments.way == "mirrored":
        os.environ["KERAS_BACKEND"] = "tensorflow"
        import tensorflow as tf

        device = tf.config.list_physical_devices("CPU")[0]
        twice = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(device, twice)
        both = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
        return contextlib.nullcontext, {"mirrored": both.scope}, (0, 1)
    os.environ["KERAS_BACKEND"] = "jax"
    if arguments.way != "processes":
        os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
    import keras

    both = functools.partial(
        keras.distribution.DataParallel, auto_shard_dataset=False
    )
    if arguments.way != "processes":
        scopes = {"devices": both().scope, "models": split_model().scope}
        ways = arguments.way.split("+")
        return contextlib.nullcontext, {w: scopes[w] for w in ways}, (0, 1)
    number = arguments.process
    keras.distribution.initialize(f"localhost:{arguments.port}", 2, number)
    own = keras.distribution.list_devices()[number : number + 1]
    return both(devices=own).scope, {"processes": both().scope}, (number, 2)


def split_model():
    """Each kernel of the trunk in two halves, on a device each."""
    from keras import distribution

    devices = distribution.list_devices()
    mesh = distribution.DeviceMesh((1, 2), ("batch", "model"), devices)
    layout = distribution.LayoutMap(mesh)
    layout["trunk.*kernel"] = (None, "model")
    return distribution.ModelParallel(layout_map=layout, batch_dim_name="batch")


def samples(extra):
    """Inputs, truths and weights of 50 batches, and of `extra` samples."""
    import numpy as np

    rng = np.random.default_rng(0)
    size = BATCH * STEPS + extra
    x = rng.normal(size=(size, 6)).astype("float32")
    a = rng.normal(size=(size, 2)).astype("float32")
    b = rng.integers(0, 3, size).astype("int32")
    c = 9 * rng.normal(size=(size, 1)).astype("float32")
    step, place = np.divmod(np.arange(size), BATCH)
    a[(step % 3 == 1) & (place >= BATCH // 2)] = np.nan  # on the first alone
    b[step % 4 == 2] = -1  # nowhere
    b[(step % 4 == 3) & (place < BATCH - 2)] = -1  # on the second alone
    c[rng.random(size) < 0.4] = np.nan
    weights = {name: np.ones(size, "float32") for name in "abc"}
    weights["a"] = rng.uniform(0.5, 2, size).astype("float32")
    return x, {"a": a, "b": b, "c": c}, weights


def rows_of(part, size):
    """The rows of one process: its share of each batch."""
    import numpy as np

    number, processes = part
    batches = np.arange(size).reshape(-1, processes, BATCH // processes)
    return batches[:, number].ravel()


def build(method):
    """A small model with all that may depend on the devices."""
    import keras

    from mtvision import MultiTaskModel, balancing

    keras.utils.set_random_seed(0)
    together = {"synchronized": True}
    if keras.backend.backend() == "jax":
        together = {}
    x = keras.Input((6,))
    dense = functools.partial(keras.layers.Dense, activation="tanh")
    y = dense(8, kernel_regularizer="l2", name="trunk_1")(x)
    y = keras.layers.BatchNormalization(**together)(y)
    y = dense(6, name="trunk_2")(y)
    sizes = {"a": 2, "b": 3, "c": 1}
    heads = {name: keras.layers.Dense(n)(y) for name, n in sizes.items()}
    model = MultiTaskModel(x, heads)
    classes = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(
        keras.optimizers.SGD(0.02, momentum=0.9),
        {"a": "mse", "b": classes, "c": "mae"},
        loss_weights={"a": 1.0, "b": 0.5, "c": 0.2},
        metrics={"a": "mae", "b": "accuracy"},
        weighted_metrics={"a": "mse"},
        balancing=eval(method, vars(balancing)),
    )
    return model


def train(method, extra=0, part=(0, 1), evaluates=False):
    """Trains for an epoch, and may evaluate.

    Returns:
        Lists of arrays: weights, running means of the total loss, logs.
    """
    import keras
    import numpy as np

    model, totals = build(method), []
    x, y, weights = samples(extra)
    if part[1] > 1:
        rows = rows_of(part, len(x))
        take = lambda array: array[rows]  # noqa: E731
        x, y, weights = keras.tree.map_structure(take, (x, y, weights))
    size = BATCH // part[1]
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: totals.append(logs["loss"])
    )
    history = model.fit(
        x,
        y,
        sample_weight=weights,
        batch_size=size,
        shuffle=False,
        callbacks=[watch],
        verbose=0,
    ).history
    logs = [history[name][0] for name in sorted(history)]
    if evaluates:
        found = model.evaluate(
            x,
            y,
            sample_weight=weights,
            batch_size=size,
            verbose=0,
            return_dict=True,
        )
        logs += [found[name] for name in sorted(found)]
    values = [keras.ops.convert_to_numpy(v) for v in model.weights]
    return {
        "weights": [value.astype("float64") for value in values],
        # A smaller last batch weighs otherwise in what one device shows.
        "losses": [np.array(totals[:STEPS])],
        "logs": [np.array(logs, "float64")],
    }


def differences(one, two):
    """The largest difference of each kind, relative above 1."""
    import numpy as np

    def largest(a, b):
        return np.max(np.abs(a - b) / np.maximum(1.0, np.abs(a)), initial=0.0)

    return {
        kind: float(f"{max(map(largest, one[kind], two[kind])):.1e}")
        for kind in one
    }


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))
    main()
