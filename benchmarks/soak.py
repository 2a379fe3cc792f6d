"""Long runs in one process: whether memory, files or threads grow.

    MALLOC_ARENA_MAX=2 python benchmarks/soak.py --steps 20000
    MALLOC_ARENA_MAX=2 python benchmarks/soak.py --trials 500

The first trains the quickstart's model on its data, augmented, in batches of 4
instead of 32, with the callbacks that a user has: a table of the logs, the best
model, early stopping (which never comes), and `Resume`; and TensorBoard, if
`--tensorboard` asks for it, for that grows by itself with each step. The second
is a search of tiny trials into Optuna's SQLite file. What is sampled every 100
steps, or after every trial, is the resident memory, the heap in use, the open
file handles and the threads of the process (Linux, glibc).

Each is flat if the median of the last quarter of its samples is not more than
1 % above that of the second quarter; the first quarter fills caches. What is
not flat makes the exit code 1. `MALLOC_ARENA_MAX` keeps glibc from scattering
what is freed over a heap for every few threads, which makes the resident memory
creep though no more is in use.
"""

import argparse
import ctypes
import functools
import importlib.metadata
import os
import pathlib
import platform
import statistics
import sys
import tempfile
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from markdown_table import print_table

import mtvision as mtv

HERE = pathlib.Path(__file__).resolve().parent
EVERY = 100
BATCH = 4
EPOCH = 200  # steps
ROWS = 10
MOST = 1.01  # times the second quarter
JUDGED = ["RSS MB", "heap MB", "handles", "threads"]


class HeapUse(ctypes.Structure):
    """What glibc's `mallinfo2` returns, bytes."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks"),
            *("fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


class Samples:
    """What the process holds, every so many calls.

    Args:
        unit: What a call stands for.
        every: How many calls between two samples.
    """

    def __init__(self, unit, every=1):
        self.unit = unit
        self.every = every
        self.rows = []
        self._calls = 0
        self._begin = time.perf_counter()

    def __call__(self, *place, logs=None):
        """Counts, and may sample."""
        self._calls += 1
        if self._calls % self.every:
            return
        now = time.perf_counter()
        passed = 1000 * (now - self._begin) / self.every
        self._begin = now
        self.rows.append({self.unit: self._calls} | held() | {"ms": passed})
        print(*self.rows[-1].values(), file=sys.stderr, flush=True)


def held():
    """Megabytes, file handles and threads of this process."""
    status = pathlib.Path("/proc/self/status").read_text()
    lines = dict(line.split(":", 1) for line in status.splitlines())
    return {
        "RSS MB": int(lines["VmRSS"].split()[0]) * 1024 / 1e6,
        "heap MB": heap_in_use() / 1e6,
        "handles": len(os.listdir("/proc/self/fd")),
        "threads": len(os.listdir("/proc/self/task")),
    }


def heap_in_use():
    """Bytes of the heap that are not free."""
    mallinfo = ctypes.CDLL("libc.so.6").mallinfo2
    mallinfo.restype = HeapUse
    found = mallinfo()
    return found.uordblks + found.hblkhd


def train(steps, tensorboard, folder):
    """Trains the quickstart's model for so many steps."""
    sys.path.insert(0, str(HERE.parent / "examples"))
    import quickstart

    epochs = steps // EPOCH
    keras.utils.set_random_seed(0)
    samples = Samples("steps", EVERY)
    quickstart.build_model(steps).fit(
        load(quickstart, "train", EPOCH * BATCH, folder),
        validation_data=load(quickstart, "validation", EPOCH, folder),
        epochs=epochs,
        callbacks=[
            keras.callbacks.LambdaCallback(on_train_batch_end=samples),
            keras.callbacks.CSVLogger(folder / "logs.csv", append=True),
            keras.callbacks.ModelCheckpoint(
                folder / "best.keras", save_best_only=True
            ),
            keras.callbacks.EarlyStopping(
                patience=epochs, restore_best_weights=True
            ),
            *([keras.callbacks.TensorBoard(folder)] if tensorboard else []),
            mtv.training.Resume(folder / "resume", every=EVERY),
        ],
        verbose=0,
    )
    return samples


def load(quickstart, split, images, folder):
    """One split, as the quickstart has it, smaller and augmented."""
    source = mtv.data.load_digit_scenes(
        split,
        num_images=images,
        max_digits=2,
        fields=quickstart.FIELDS,
        data_dir=folder / "data",
    )
    changes = [
        mtv.data.RandomScale(),
        mtv.data.RandomTranslation(),
        mtv.data.RandomHSV(),
    ]
    is_train = split == "train"
    return mtv.data.Batches(
        source,
        quickstart.TARGETS,
        batch_size=BATCH,
        shuffle=is_train,
        augment=mtv.data.Augment(changes) if is_train else None,
        num_classes={"digit": 10, "mask": 2},
        cache=True,
        workers=2,
    )


def search(trials, folder):
    """Searches so many tiny trials."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from batteries import small_search

    samples = Samples("trials")
    after = keras.callbacks.LambdaCallback
    small_search.run(
        folder,
        trials=trials,
        sampler="tpe",
        callbacks=lambda name: [after(on_train_end=samples)],
    )
    return samples


def judge(samples):
    """A row for each measure: both quarters, and whether it is flat."""
    rows = []
    quarter = len(samples.rows) // 4
    for name in JUDGED:
        values = [row[name] for row in samples.rows]
        second = statistics.median(values[quarter : 2 * quarter])
        last = statistics.median(values[-quarter:])
        rows.append(
            {
                "": name,
                "second quarter": second,
                "last quarter": last,
                "ratio": last / second,
                "flat": "yes" if last <= MOST * second else "NO",
            }
        )
    return rows


def summary(samples):
    """Ten rows, each with the medians of a tenth of the samples."""
    size, rows = -(-len(samples.rows) // ROWS), []
    for start in range(0, len(samples.rows), size):
        part = samples.rows[start : start + size]
        row = {samples.unit: part[-1][samples.unit]}
        for name in [*JUDGED, "ms"]:
            row[name] = statistics.median(each[name] for each in part)
        rows.append(row)
    return rows


def versions():
    """Where and with what."""
    packages = ("keras", keras.backend.backend(), "numpy", "optuna")
    found = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    return f"{machine}, Python {platform.python_version()}, {', '.join(found)}"


def main(options):
    """Runs what is asked for, and prints the tables."""
    jobs = []
    if options.steps:
        jobs.append(
            functools.partial(train, options.steps, options.tensorboard)
        )
    if options.trials:
        jobs.append(functools.partial(search, options.trials))
    grows = False
    for job in jobs:
        with tempfile.TemporaryDirectory() as folder:
            samples = job(pathlib.Path(folder))
        print(versions())
        print_table(summary(samples))
        print()
        found = judge(samples)
        print_table(found)
        grows |= any(row["flat"] != "yes" for row in found)
    sys.exit(grows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--tensorboard", action="store_true")
    parser.add_argument("--trials", type=int, default=0)
    main(parser.parse_args())
