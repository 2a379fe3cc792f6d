"""Non-maximum suppression against keras-hub's layer and torchvision's kernel.

Two images; boxes spread evenly, or crowded around twenty objects each; IoU
threshold 0.5. Each function returns the chosen boxes and their scores. The
calls are interleaved; medians, and the median of the ratios of neighbours.
`right` is the share of the boxes that are those of a plain numpy loop. Peers
that are not installed are left out.

    python benchmarks/non_max_suppression.py                 # all backends
    KERAS_BACKEND=jax python benchmarks/non_max_suppression.py --here
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
SIZES = ((1000, 100), (4000, 1000))
KINDS = ("even", "crowded")
BATCH, PIXELS, OBJECTS, THRESHOLD, ROUNDS = 2, 800, 20, 0.5, 31


def make_candidates(kind, n):
    """Boxes (B, N, 4) and scores (B, N) as float32."""
    rng = np.random.default_rng(0)
    if kind == "even":
        centres = rng.uniform(0, PIXELS, (BATCH, n, 2))
        sides = rng.uniform(8, 128, (BATCH, n, 2))
    else:
        objects = rng.integers(0, OBJECTS, (BATCH, n, 1))
        places = rng.uniform(0, PIXELS, (BATCH, OBJECTS, 2))
        sizes = rng.uniform(32, 200, (BATCH, OBJECTS, 2))
        sides = np.take_along_axis(sizes, objects, 1)
        centres = np.take_along_axis(places, objects, 1)
        centres += 0.15 * sides * rng.normal(size=(BATCH, n, 2))
        sides *= np.exp(0.2 * rng.normal(size=(BATCH, n, 2)))
    boxes = np.concatenate([centres - sides / 2, centres + sides / 2], -1)
    scores = rng.uniform(0.01, 1, (BATCH, n))
    return boxes.astype("float32"), scores.astype("float32")


def plain(boxes, scores, max_outputs):
    """The chosen boxes of one image, by a loop, padded with -1."""
    x1, y1, x2, y2 = boxes.T
    area = (x2 - x1) * (y2 - y1)
    free = np.ones(len(boxes), bool)
    chosen = np.full((max_outputs, 4), -1.0)
    count = 0
    for i in np.argsort(-scores, kind="stable"):
        if free[i] and count < max_outputs:
            width = np.minimum(x2[i], x2) - np.maximum(x1[i], x1)
            height = np.minimum(y2[i], y2) - np.maximum(y1[i], y1)
            inter = np.maximum(width, 0) * np.maximum(height, 0)
            free &= inter / (area[i] + area - inter) <= THRESHOLD
            chosen[count] = boxes[i]
            count += 1
    return chosen


def own(max_outputs):
    """Our function."""
    from keras import ops

    import mtvision as mtv

    def chosen(boxes, scores):
        indices = mtv.ops.non_max_suppression(
            boxes, scores, max_outputs=max_outputs, iou_threshold=THRESHOLD
        )
        places, is_box = ops.maximum(indices, 0), indices >= 0
        boxes = ops.take_along_axis(boxes, places[..., None], axis=1)
        scores = ops.take_along_axis(scores, places, axis=1)
        return (
            ops.where(is_box[..., None], boxes, -1.0),
            ops.where(is_box, scores, -1.0),
        )

    return chosen


def keras_hub(max_outputs):
    """The layer of keras-hub."""
    from keras_hub.layers import NonMaxSuppression

    layer = NonMaxSuppression("xyxy", False, THRESHOLD, 0.0, max_outputs)

    def chosen(boxes, scores):
        outputs = layer(boxes, scores[..., None])
        return outputs["boxes"], outputs["confidence"]

    return chosen


def torchvision(max_outputs):
    """The compiled kernel, image by image."""
    from torch.nn.functional import pad
    from torchvision.ops import nms

    def of_image(boxes, scores):
        indices = nms(boxes, scores, THRESHOLD)[:max_outputs]
        rest = (0, max_outputs - len(indices))
        chosen = pad(boxes[indices], (0, 0, *rest), value=-1.0)
        return chosen, pad(scores[indices], rest, value=-1.0)

    return lambda *batch: [of_image(*image) for image in zip(*batch)]


def peers(backend, max_outputs):
    """The functions to time by name, as far as they are installed."""
    makers = [own, keras_hub] + [torchvision] * (backend == "torch")
    found = {}
    for maker in makers:
        try:
            found[maker.__name__] = maker(max_outputs)
        except ImportError:
            continue
    return found


def prepared(function, mode):
    """A function in the mode in which the backend runs it."""
    if mode == "jit":
        import jax

        function = jax.jit(function)
        return lambda *inputs: jax.block_until_ready(function(*inputs))
    if mode == "eager":
        return function
    import tensorflow as tf

    function = tf.function(function, jit_compile=mode == "XLA", autograph=False)

    def finished(*inputs):
        outputs = function(*inputs)
        return [x.numpy() for x in outputs] and outputs

    return finished


def measure(functions, inputs):
    """Times of each function, in ms, in turns."""
    times = {name: [] for name in functions}
    for round_number in range(ROUNDS + 3):
        for name in list(functions)[:: 1 if round_number % 2 else -1]:
            start = time.perf_counter()
            functions[name](*inputs)
            if round_number >= 3:
                times[name].append(1e3 * (time.perf_counter() - start))
    return times


def right(function, name, inputs, expected):
    """Share of the chosen boxes that are the expected ones."""
    from keras import ops

    outputs = function(*inputs)
    if name == "torchvision":
        boxes = np.stack([ops.convert_to_numpy(x[0]) for x in outputs])
    else:
        boxes = ops.convert_to_numpy(outputs[0])
    return (boxes == expected).all(-1).mean()


def report(backend):
    """Runs this backend and prints its rows."""
    from keras import ops

    for mode in MODES[backend]:
        for n, max_outputs in SIZES:
            for kind in KINDS:
                arrays = make_candidates(kind, n)
                expected = [
                    plain(*image, max_outputs) for image in zip(*arrays)
                ]
                inputs = [ops.convert_to_tensor(x) for x in arrays]
                functions = {
                    name: prepared(function, mode)
                    for name, function in peers(backend, max_outputs).items()
                }
                times = measure(functions, inputs)
                cells = [f"{backend} {mode}", f"{n} to {max_outputs}, {kind}"]
                for name in ("own", "keras_hub", "torchvision"):
                    if name not in functions:
                        cells += ["-"] * (2 if name == "own" else 3)
                        continue
                    share = right(functions[name], name, inputs, expected)
                    cells += [f"{statistics.median(times[name]):.2f}"]
                    cells += [f"{share:.3f}"]
                    if name != "own":
                        pairs = zip(times["own"], times[name])
                        ratio = statistics.median(a / b for a, b in pairs)
                        cells += [f"{ratio:.3f}"]
                print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--here", action="store_true")
    if parser.parse_args().here:
        report(os.environ["KERAS_BACKEND"])
    else:
        peer_columns = "ms | right | ratio |"
        print(
            f"| backend | boxes | mtvision ms | right | keras-hub "
            f"{peer_columns} torchvision {peer_columns}"
        )
        print("|" + " --- |" * 10, flush=True)
        for name in MODES:
            environment = {**os.environ, "KERAS_BACKEND": name}
            environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
            subprocess.run(
                [sys.executable, __file__, "--here"],
                env=environment,
                stderr=subprocess.DEVNULL,
                check=True,
            )
