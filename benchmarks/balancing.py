"""A training step with each method of balancing against a plain weighted sum.

`SmallResNet` at 128 pixels, batch 8, T heads (maps and classes by turns); fits
of all models by turns; the median of the ratios of a round. On PyTorch the
peers run on the same network: TorchJD's `mtl_backward` with UPGrad, and a
backward pass for each task, which is what LibMTL does before it solves
anything.

    KERAS_BACKEND=jax python benchmarks/balancing.py --tasks 3
    KERAS_BACKEND=torch python benchmarks/balancing.py --methods UPGrad,MGDA
    python benchmarks/balancing.py --at parameters --memory

The memory is the peak of a process that trains with the method alone, over
that of one which trains with the plain sum.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import mtvision as mtv

SIZE, BATCH, STEPS = 128, 8, 10
LOSS_LEVEL = [
    "UncertaintyWeighting",
    "LogLoss",
    "UWSO",
    "IMTLL",
    "DWA",
    "RLW",
    "GLS",
    "STCH",
    "FAMO",
    "CoV",
    "DTP",
]
GRADIENT_LEVEL = [
    "Sum",
    "MGDA",
    "PCGrad",
    "GradVac",
    "CAGrad",
    "NashMTL",
    "FairGrad",
    "IMTLG",
    "AlignedMTL",
    "UPGrad",
    "DualProj",
    "ConFIG",
    "GradNorm",
]
MEMORY = ["GradDrop", "MoCo", "DBMTL", "ExcessMTL"]


def make_parts(tasks):
    """A trunk, and T heads by task."""
    keras.utils.set_random_seed(0)
    heads = {}
    for number in range(tasks):
        if number % 2:
            head = mtv.tasks.SegmentationHead(5)
        else:
            head = mtv.tasks.ClassificationHead(10)
        heads[f"task{number}"] = head
    return mtv.trunks.SmallResNet(), heads


def build(tasks, method, xla):
    """The network with T heads, compiled with a method or `None`."""
    trunk, heads = make_parts(tasks)
    image = keras.Input((SIZE, SIZE, 3))
    features = trunk(image)
    outputs = {name: head(features) for name, head in heads.items()}
    loss = {
        name: mtv.tasks.SegmentationLoss()
        if int(name[4:]) % 2
        else mtv.tasks.ClassificationLoss()
        for name in outputs
    }
    model = mtv.MultiTaskModel(image, outputs)
    model.compile(
        keras.optimizers.Adam(1e-4), loss, balancing=method, jit_compile=xla
    )
    return model


def make_data(model):
    """Random images and truths."""
    rng = np.random.default_rng(0)
    n = BATCH * STEPS
    x = rng.uniform(0, 255, (n, SIZE, SIZE, 3)).astype("float32")
    y = {}
    for name, output in model.output.items():
        shape = output.shape[1:-1]
        y[name] = rng.integers(0, output.shape[-1], (n, *shape))
    return x, y


def methods(names, level):
    """Balancers by the name to print."""
    found = {}
    for name in names:
        cls = getattr(mtv.balancing, name)
        if name in GRADIENT_LEVEL and level != "default":
            found[f"{name} at {level}"] = lambda cls=cls: cls(at=level)
        else:
            found[name] = cls
    return found


def peers(tasks):
    """Functions that take one step of `fit`'s batch with a peer, by name."""
    import torch
    from torchjd.aggregation import UPGrad
    from torchjd.autojac import jac_to_grad, mtl_backward

    trunk, heads = make_parts(tasks)
    features = trunk(keras.ops.zeros((1, SIZE, SIZE, 3)))
    for head in heads.values():
        head(features)
    shared = [v.value for v in trunk.trainable_variables]
    own = [v.value for h in heads.values() for v in h.trainable_variables]
    optimizer = torch.optim.Adam(shared + own, 1e-4)
    cross_entropy = torch.nn.functional.cross_entropy

    def forward(x, y):
        optimizer.zero_grad()
        features = trunk(x, training=True)
        return features, [
            cross_entropy(head(features).movedim(-1, 1), y[name])
            for name, head in heads.items()
        ]

    def sum_of_losses(x, y):
        sum(forward(x, y)[1]).backward()
        optimizer.step()

    def torchjd_upgrad(x, y):
        features, values = forward(x, y)
        mtl_backward(
            values, features=list(features.values()), retain_graph=True
        )
        jac_to_grad(shared, UPGrad())
        optimizer.step()

    def pass_for_each_task(x, y):
        _, values = forward(x, y)
        rows = [
            torch.autograd.grad(value, shared, retain_graph=True)
            for value in values
        ]
        sum(values).backward()
        for tensor, *gradients in zip(shared, *rows):
            tensor.grad = sum(gradients)
        optimizer.step()

    return {
        "plain torch": sum_of_losses,
        "TorchJD UPGrad": torchjd_upgrad,
        "a pass for each task": pass_for_each_task,
    }


def report_peers(tasks, rounds):
    """Prints the peers' rows, against their own plain step."""
    import torch

    steps = peers(tasks)
    x, y = make_data(build(tasks, None, False))
    batches = [
        (
            torch.tensor(x[i : i + BATCH]),
            {k: torch.tensor(v[i : i + BATCH]) for k, v in y.items()},
        )
        for i in range(0, len(x), BATCH)
    ]
    times = {name: [] for name in steps}
    for number in range(rounds + 1):
        for name, step in steps.items():
            start = time.perf_counter()
            for batch in batches:
                step(*batch)
            if number:
                times[name].append((time.perf_counter() - start) / STEPS)
    for name in list(steps)[1:]:
        pairs = zip(times[name], times["plain torch"])
        ratio = statistics.median(own / other for own, other in pairs)
        ms = statistics.median(times[name]) * 1e3
        print(f"| {name} | {ms:.1f} | {ratio:.2f} |", flush=True)


def time_fits(models, x, y, rounds):
    """Seconds of a step of each model, round by round."""
    times = {name: [] for name in models}
    rng = np.random.default_rng(0)
    for number in range(rounds + 1):
        for name in rng.permutation(list(models)):
            start = time.perf_counter()
            models[name].fit(x, y, batch_size=BATCH, shuffle=False, verbose=0)
            if number:
                times[name].append((time.perf_counter() - start) / STEPS)
    return times


def peak_memory(method, tasks, xla):
    """Trains in this process and returns its peak in MiB."""
    model = build(tasks, method, xla)
    x, y = make_data(model)
    model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report_memory(names, tasks):
    """Prints a row for each method, each measured in its own process."""

    def measure(name):
        arguments = [a for a in sys.argv[1:] if a != "--memory"]
        result = subprocess.run(
            [sys.executable, __file__, *arguments, "--peak", name],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return float(result.stdout.splitlines()[-1])

    plain = measure("plain")
    print(f"| method, T = {tasks} | MiB | ratio |\n| --- | --- | --- |")
    for name in names:
        peak = measure(name)
        print(f"| {name} | {peak:.0f} | {peak / plain:.2f} |", flush=True)


def report(makers, tasks, xla, rounds):
    """Prints a row for each method; the second plain model tells the noise."""
    makers = {"plain": _no_method, "plain again": _no_method, **makers}
    models = {n: build(tasks, make(), xla) for n, make in makers.items()}
    times = time_fits(models, *make_data(models["plain"]), rounds)
    print(f"| method, T = {tasks} | ms | ratio |\n| --- | --- | --- |")
    for name in list(models)[1:]:
        pairs = zip(times[name], times["plain"])
        ratio = statistics.median(own / other for own, other in pairs)
        ms = statistics.median(times[name]) * 1e3
        print(f"| {name} | {ms:.1f} | {ratio:.2f} |", flush=True)


def _no_method():
    return None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=3)
    parser.add_argument("--at", default="default")
    parser.add_argument("--xla", action="store_true")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--methods", default=None)
    parser.add_argument("--peers", action="store_true", help="PyTorch only")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--peak", help="used by --memory")
    options = parser.parse_args()
    chosen = LOSS_LEVEL + GRADIENT_LEVEL + MEMORY
    if options.methods:
        chosen = options.methods.split(",")
    xla = options.xla or keras.backend.backend() == "jax"
    makers = methods(chosen, options.at)
    if options.peak:
        method = makers[options.peak]() if options.peak in makers else None
        print(peak_memory(method, options.tasks, xla))
    elif options.memory:
        report_memory(makers, options.tasks)
    else:
        report(makers, options.tasks, xla, options.rounds)
    if options.peers:
        report_peers(options.tasks, options.rounds)
