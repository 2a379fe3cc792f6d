"""Max-pooling with indices and max-unpooling against other formulations.

Windows of 2 x 2 side by side, two maps of 256 channels, float32; pooled,
unpooled at once, and the gradient of both. Every peer gives the same numbers.
The calls are interleaved; medians, and the median of the ratios of neighbours.

- windows: windows as an axis, argmax, one-hot
- slices: four slices, comparisons, `where`, stacked again
- native: TensorFlow's `MaxPoolGrad` (in graphs only: XLA's gradient of it is
  another), PyTorch's `max_unpool2d`

    python benchmarks/pool_unpool.py                 # all backends
    KERAS_BACKEND=jax python benchmarks/pool_unpool.py --here
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

import numpy as np

MODES = {
    "tensorflow": ["graph", "XLA"],
    "jax": ["jit"],
    "torch": ["eager"],
}
PEERS = ("windows", "slices", "native")
SIDES = (32, 64, 100, 128)
BATCH, CHANNELS, ROUNDS = 2, 256, 31


def own(x):
    """The pair of mtvision."""
    import mtvision as mtv

    values, indices = mtv.ops.max_pool_with_argmax(x, 2)
    return mtv.ops.max_unpool(values, indices, x.shape[1:3])


def windows(x):
    """An axis of the four pixels of a window, and a one-hot of the largest."""
    from keras import ops

    batch, height, width, channels = x.shape
    h, w = height // 2, width // 2
    x = ops.reshape(x, (batch, h, 2, w, 2, channels))
    x = ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (batch, h, w, 4, -1))
    chosen = ops.one_hot(ops.argmax(x, axis=3), 4, axis=3, dtype=x.dtype)
    x = ops.sum(x * chosen, axis=3, keepdims=True) * chosen
    x = ops.reshape(x, (batch, h, w, 2, 2, channels))
    x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (batch, height, width, channels))


def slices(x):
    """Four slices, of which the largest is written back."""
    from keras import ops

    batch, height, width, channels = x.shape
    x = ops.reshape(x, (batch, height // 2, 2, width // 2, 2, channels))
    parts = [x[:, :, i, :, j] for i in (0, 1) for j in (0, 1)]
    right = parts[1] > parts[0], parts[3] > parts[2]
    upper = ops.where(right[0], parts[1], parts[0])
    lower = ops.where(right[1], parts[3], parts[2])
    is_lower = lower > upper
    values = ops.where(is_lower, lower, upper)
    place = ops.where(
        is_lower,
        2 + ops.cast(right[1], "int32"),
        ops.cast(right[0], "int32"),
    )
    rows = [
        ops.stack([ops.where(place == k, values, 0.0) for k in pair], axis=3)
        for pair in ((0, 1), (2, 3))
    ]
    x = ops.stack(rows, axis=2)
    return ops.reshape(x, (batch, height, width, channels))


def native_tensorflow(x):
    """The gradient of max-pooling writes the maxima back."""
    import tensorflow as tf

    values = tf.nn.max_pool2d(x, 2, 2, "VALID")
    return tf.raw_ops.MaxPoolGrad(
        orig_input=x,
        orig_output=values,
        grad=values,
        ksize=[1, 2, 2, 1],
        strides=[1, 2, 2, 1],
        padding="VALID",
    )


def native_torch(x):
    """PyTorch's own pair, on the layout that its kernels read as it is."""
    from torch.nn.functional import max_pool2d, max_unpool2d

    values, indices = max_pool2d(x.permute(0, 3, 1, 2), 2, return_indices=True)
    return max_unpool2d(values, indices, 2).permute(0, 2, 3, 1)


def functions(backend, mode):
    """The functions to time by name."""
    found = {"own": own, "windows": windows, "slices": slices}
    if mode in ("graph", "eager"):
        found["native"] = globals()[f"native_{backend}"]
    return found


def step(function, mode):
    """The function and its gradient, in the mode of the backend."""
    if mode == "jit":
        import jax

        @jax.jit
        def both(x, slope):
            y, pull = jax.vjp(function, x)
            return y, pull(slope)[0]

        return lambda *inputs: jax.block_until_ready(both(*inputs))
    if mode == "eager":
        import torch

        def both(x, slope):
            with torch.enable_grad():
                y = function(x.requires_grad_())
                return y.detach(), torch.autograd.grad(y, x, slope)[0]

        return both
    import tensorflow as tf

    @tf.function(jit_compile=mode == "XLA", autograph=False)
    def both(x, slope):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return y, tape.gradient(y, x, slope)

    def finished(*inputs):
        outputs = both(*inputs)
        return [y[0, 0, 0, 0].numpy() for y in outputs] and outputs

    return finished


def measure(steps, inputs):
    """Times of each function, in ms, in turns."""
    times = {name: [] for name in steps}
    for round_number in range(ROUNDS + 3):
        for name in list(steps)[:: 1 if round_number % 2 else -1]:
            start = time.perf_counter()
            steps[name](*inputs)
            if round_number >= 3:
                times[name].append(1e3 * (time.perf_counter() - start))
    return times


def require_same(steps, inputs):
    """Raises unless all give the same numbers."""
    from keras import ops

    expected = [ops.convert_to_numpy(y) for y in steps["own"](*inputs)]
    for name, function in steps.items():
        for x, y in zip(function(*inputs), expected):
            np.testing.assert_allclose(ops.convert_to_numpy(x), y, err_msg=name)


def report(backend):
    """Runs this backend and prints its rows."""
    from keras import ops

    rng = np.random.default_rng(0)
    for mode in MODES[backend]:
        for side in SIDES:
            shape = (BATCH, side, side, CHANNELS)
            inputs = [
                ops.convert_to_tensor(rng.normal(size=shape).astype("float32"))
                for _ in range(2)
            ]
            steps = {
                name: step(function, mode)
                for name, function in functions(backend, mode).items()
            }
            require_same(steps, inputs)
            times = measure(steps, inputs)
            cells = [f"{backend} {mode}", f"{side} x {side}"]
            cells += [f"{statistics.median(times['own']):.2f}"]
            for name in PEERS:
                if name not in times:
                    cells += ["-", "-"]
                    continue
                pairs = zip(times["own"], times[name])
                ratio = statistics.median(a / b for a, b in pairs)
                cells += [f"{statistics.median(times[name]):.2f}"]
                cells += [f"{ratio:.2f}"]
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true")
    if parser.parse_args().here:
        report(os.environ["KERAS_BACKEND"])
    else:
        columns = " | ".join(f"{name} ms | ratio" for name in PEERS)
        print(f"| backend | map | mtvision ms | {columns} |")
        print("|" + " --- |" * 9, flush=True)
        for name in MODES:
            environment = {**os.environ, "KERAS_BACKEND": name}
            environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
            subprocess.run(
                [sys.executable, __file__, "--here"],
                env=environment,
                stderr=subprocess.DEVNULL,
                check=True,
            )
