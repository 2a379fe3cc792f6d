"""Truths for `fuzz.py`: right ones, with something wrong in them, and what a
model makes of them: checks, losses and scores.
"""

import types

import keras
import numpy as np

from mtvision.ops.box_rows import join_region
from mtvision.ops.map_cells import join_cells
from mtvision.tasks.yolo import columns as yolo_columns
from mtvision.training import arrays
from mtvision.training.task_loss import TaskLoss
from mtvision.training.task_metric import TaskMetric

SIZE, STRIDE, CLASSES, BATCH = 32, 8, 3, 3
# Most of a truth stays as it is.
ODD = [
    *(np.nan, np.nan, np.inf, -np.inf, -1, -1, 0, 1, 2, 3, -7, 0.5, 254, 255),
    *(1e-30, 1e9, -1e9, 1e30, 2**31 - 1, 31.999, 32, 33),
]
KINDS = ["float64", "float32", "float16", "int64", "int32", "uint8", "bool"]
x, y = np.meshgrid(np.arange(4.0) * STRIDE, np.arange(4.0) * STRIDE)
CELLS = np.stack([x, y, x + STRIDE, y + STRIDE], -1).reshape(-1, 4)


def spoil_array(array, rng):
    """An array with odd values, of another type or shape; or as it is."""
    if np.asarray(array).dtype.kind not in "fiub":
        return array
    choice = rng.random()
    if choice < 0.6:
        array = np.array(array, "float64" if rng.random() < 0.7 else None)
        for _ in range(rng.randint(1, 4)):
            if not array.size:
                break
            value = rng.choice(ODD)
            place = tuple(rng.randrange(n) for n in array.shape)
            place = place[: rng.randint(0, array.ndim)]
            with np.errstate(all="ignore"):
                array[place] = np.array(value).astype(array.dtype)
        return array
    if choice < 0.75:
        with np.errstate(all="ignore"):
            return np.asarray(array).astype(rng.choice(KINDS))
    axis = rng.randrange(max(np.ndim(array), 1))
    forms = [
        lambda a: a[..., None],
        lambda a: a[:0],
        lambda a: a[:-1],
        lambda a: np.take(a, range(0), axis=axis),
        lambda a: np.take(a, [0], axis=axis),
        lambda a: np.repeat(a, 2, axis=axis),
        lambda a: np.moveaxis(a, axis, -1),
        lambda a: a[..., 0],
        lambda a: np.float32(a).sum(axis=axis),
    ]
    try:
        return np.asarray(rng.choice(forms)(np.asarray(array)))
    except (IndexError, TypeError, ValueError):
        return array


def spoil(truth, rng, most=2):
    """A truth with something wrong in it, more often than not."""
    truth = dict(truth) if isinstance(truth, dict) else truth
    for _ in range(rng.randint(0, most)):
        if not isinstance(truth, dict):
            truth = spoil_array(truth, rng)
            continue
        name = rng.choice(list(truth) or ["boxes"])
        choice = rng.random()
        if choice < 0.05:
            truth.pop(name, None)
        elif choice < 0.08:
            truth["unknown"] = np.zeros(BATCH)
        elif choice < 0.1 and name in truth:
            return truth[name]
        elif name in truth:
            truth[name] = spoil_array(truth[name], rng)
    return truth


class Numbers:
    """Random outputs, of any size."""

    def __init__(self, rng):
        self.random = np.random.default_rng(rng.getrandbits(32))
        self.scale = rng.choice([0.1, 1.0, 1.0, 30.0])

    def __call__(self, *shape):
        """Normal numbers (B, ...)."""
        values = self.random.normal(size=(BATCH, *shape)) * self.scale
        return values.astype("float32")

    def rows(self, before):
        """Outputs of anchors that are the cells of a grid."""
        cells = np.broadcast_to(CELLS, (BATCH, 16, 4)).astype("float32")
        return np.concatenate([self(16, before), cells], -1)

    def maps(self, channels):
        """Outputs of a grid."""
        return as_numpy(join_cells(self(4, 4, channels), STRIDE))

    def regions(self, *shape):
        """Outputs of regions that lie near the objects."""
        near = np.float32([[1, 3, 13, 11], [18, 2, 29, 12], [0, 19, 12, 26]])
        near = np.broadcast_to(near, (BATCH, 3, 4))
        return as_numpy(join_region(self(3, *shape), near))

    def yolo(self):
        """Outputs of YOLO."""
        return as_numpy(
            yolo_columns.join(
                self(16),
                self(16, 3),
                self(16, 4),
                CELLS.astype("float32"),
                np.full((16, 2), 9.0, "float32"),
            )
        )


def as_numpy(tensor):
    """A tensor as numpy."""
    return keras.ops.convert_to_numpy(tensor)


def objects():
    """Three, two and no objects in three images."""
    corner = np.array([[1, 2], [17, 2], [1, 18]])
    boxes = np.concatenate([corner, corner + np.array([12, 9])], -1).astype(
        "float32"
    )
    x1, y1, x2, y2 = boxes.T
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    extremes = np.array([[x, y1], [x1, y], [x, y2], [x2, y]])
    fields = {
        "boxes": boxes,
        "classes": np.arange(3, dtype="int32"),
        "crowd": np.zeros(3, "int32"),
        "masks": np.ones((3, SIZE, SIZE), "uint8"),
        "phrases": np.array([[3, 0]] * 3, "int32"),
        "keypoints": np.stack([x, y, x * 0 + 2], -1)[:, None].repeat(3, 1),
        "extreme_points": extremes.transpose(2, 0, 1).astype("float32"),
    }
    truth = {k: np.stack([v] * BATCH) for k, v in fields.items()}
    truth["classes"][1, 2:] = truth["classes"][2] = -1
    return truth


def _checks(loss, outputs):
    """What `fit` has of a task when it checks a truth."""
    symbol = keras.KerasTensor((None, *outputs.shape[1:]), "float32")
    return types.SimpleNamespace(
        check_truth_keys=lambda y: None,
        losses={"task": TaskLoss("task", loss)},
        sized_outputs=types.SimpleNamespace(of=lambda *sizes: {"task": symbol}),
    )


def check(loss, truth, outputs):
    """Checks a truth as `fit` does."""
    checks = _checks(loss, outputs)
    arrays.check_truths({"task": truth}, checks, (SIZE, SIZE), (4, 12, 20))
    arrays.check_lengths({"x": outputs}, {"task": truth}, None)


def require_batch(truth):
    """Raises for what no pipeline makes: samples that differ in number."""
    sizes = {np.shape(leaf)[:1] for leaf in keras.tree.flatten(truth)}
    if sizes != {(BATCH,)}:
        raise ValueError(f"expected {BATCH} samples, received {sizes}")


def loss_of(loss, truth, outputs):
    """The loss and its gradient, as a training step has them."""
    from batteries.backend import gradient

    task = TaskLoss("task", loss)
    value = float(task(truth, outputs))
    slope = gradient(lambda p: TaskLoss("task", loss)(truth, p), outputs)
    return [value, slope]


def scores_of(metric, loss, truth, outputs):
    """What a metric of a model tells of a batch."""
    metric = TaskMetric("task", metric, loss)
    metric.update_state(truth, outputs)
    return [float(v) for v in keras.tree.flatten(metric.result())]
