"""Multilevel RoIAlign against torchvision's compiled CPU kernel.

Two images, 256 channels, levels P2 to P5; forward, and forward + backward,
interleaved in one process, medians. Needs torchvision, whatever the backend.

    KERAS_BACKEND=torch python benchmarks/roi_align.py
    KERAS_BACKEND=tensorflow python benchmarks/roi_align.py --xla
    KERAS_BACKEND=torch python benchmarks/roi_align.py --memory

The floor of a forward pass is the time to read 16 rows of 256 numbers for
each bin, and to write one, at the speed of a copy of large arrays. The memory
is what one forward + backward pass adds to the peak of a process that has
run it on small maps before.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import torch
import torchvision

import mtvision as mtv

BATCH, CHANNELS, ROUNDS = 2, 256, 7
LEVELS = ("P2", "P3", "P4", "P5")


def make_data(image, regions):
    """Random features by level and boxes of all sizes."""
    rng = np.random.default_rng(0)
    pyramid = {}
    for level in LEVELS:
        side = image // 2 ** int(level[1:])
        shape = (BATCH, side, side, CHANNELS)
        pyramid[level] = rng.normal(size=shape).astype("float32")
    sides = np.exp(rng.uniform(np.log(16), np.log(image), (BATCH, regions, 2)))
    corner = rng.uniform(0, 1, (BATCH, regions, 2)) * (image - sides)
    return pyramid, np.concatenate([corner, corner + sides], -1).astype(
        "float32"
    )


def peer(pyramid, boxes, bins, image):
    """Torchvision's own pooling: functions for forward and for both."""
    pool = torchvision.ops.MultiScaleRoIAlign(list(LEVELS), bins, 2)
    maps = {
        k: torch.tensor(np.moveaxis(v, -1, 1).copy(), requires_grad=True)
        for k, v in pyramid.items()
    }
    boxes, sizes = [torch.tensor(b) for b in boxes], [(image, image)] * BATCH

    def forward():
        with torch.no_grad():
            return pool(maps, boxes, sizes)

    def both():
        return torch.autograd.grad(
            pool(maps, boxes, sizes).sum(), list(maps.values())
        )

    return forward, both


def own(pyramid, boxes, bins, xla):
    """Ours on the current backend, in its natural mode."""

    def pool(maps):
        return mtv.ops.multilevel_roi_align(maps, boxes, bins)

    maps = {k: keras.ops.convert_to_tensor(v) for k, v in pyramid.items()}
    boxes = keras.ops.convert_to_tensor(boxes)
    return globals()[f"_{keras.backend.backend()}"](pool, maps, xla)


def _torch(pool, maps, xla):
    for value in maps.values():
        value.requires_grad_()

    def forward():
        with torch.no_grad():
            return pool(maps)

    def both():
        with torch.enable_grad():
            return torch.autograd.grad(pool(maps).sum(), list(maps.values()))

    return forward, both


def _tensorflow(pool, maps, xla):
    import tensorflow as tf

    @tf.function(jit_compile=xla)
    def both(maps):
        with tf.GradientTape() as tape:
            tape.watch(maps)
            total = tf.reduce_sum(pool(maps))
        return tape.gradient(total, maps)

    forward = tf.function(pool, jit_compile=xla)
    return (
        lambda: forward(maps).numpy()[0, 0, 0, 0],
        lambda: both(maps)["P5"].numpy()[0, 0, 0],
    )


def _jax(pool, maps, xla):
    import jax

    forward = jax.jit(pool)
    both = jax.jit(jax.grad(lambda maps: pool(maps).sum()))
    return (
        lambda: jax.block_until_ready(forward(maps)),
        lambda: jax.block_until_ready(both(maps)),
    )


def medians(functions):
    """Median seconds of functions that take turns."""
    times = [[] for _ in functions]
    for round_number in range(ROUNDS + 2):
        for function, taken in zip(functions, times):
            start = time.perf_counter()
            function()
            if round_number >= 2:
                taken.append(time.perf_counter() - start)
    return [statistics.median(taken) * 1e3 for taken in times]


def copy_of_rows(regions, bins):
    """A function that moves as many bytes as a forward pass must."""
    numbers = BATCH * regions * bins * bins * (16 + 1) * CHANNELS
    source = torch.ones(numbers // 2)
    target = torch.empty_like(source)
    return lambda: target.copy_(source)


def added_memory(name, image, regions, bins, xla):
    """MB that a forward + backward pass adds to the peak of this process."""

    def run(image, regions):
        data = make_data(image, regions)
        makers = {"own": lambda: own(*data, bins, xla)}
        makers["peer"] = lambda: peer(*data, bins, image)
        both = makers[name]()[1]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        both()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    run(64, 8)
    return run(image, regions) / 1024


def report_memory(cases, xla):
    """Prints the added memory, each from a process of its own."""
    print("| image | regions | bins | MB | torchvision MB | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    for case in cases:
        found = {}
        for name in ("own", "peer"):
            arguments = json.dumps([name, *case, xla])
            command = [sys.executable, __file__, "--child", arguments]
            run = subprocess.run(command, capture_output=True, check=True)
            found[name] = float(run.stdout.split()[-1])
        cells = [*case, *(f"{m:.0f}" for m in found.values())]
        cells.append(f"{found['own'] / found['peer']:.2f}")
        print(f"| {' | '.join(map(str, cells))} |", flush=True)


def report_time(cases, xla):
    """Prints the medians, and the ratios to torchvision and to the floor."""
    print(
        "| image | regions | bins | forward ms | ratio | of floor "
        "| both ms | ratio |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for image, regions, bins in cases:
        data = make_data(image, regions)
        floor = copy_of_rows(regions, bins)
        functions = own(*data, bins, xla) + peer(*data, bins, image) + (floor,)
        forward, both, their_forward, their_both, floor = medians(functions)
        print(
            f"| {image} | {regions} | {bins} | {forward:.1f} "
            f"| {forward / their_forward:.2f} | {forward / floor:.1f} "
            f"| {both:.1f} | {both / their_both:.2f} |",
            flush=True,
        )


def main():
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--xla", action="store_true", help="TensorFlow only")
    parser.add_argument("--quick", action="store_true", help="one line")
    parser.add_argument(
        "--memory", action="store_true", help="in place of time"
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(added_memory(*json.loads(options.child)))
        return
    cases = [
        (image, regions, bins)
        for image in (512, 800)
        for regions in (128, 512)
        for bins in (7, 14)
    ]
    cases = cases[:1] if options.quick else cases
    report = report_memory if options.memory else report_time
    report(cases, options.xla)


if __name__ == "__main__":
    main()
