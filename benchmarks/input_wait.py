"""Whether reading and augmenting keep up with a training step.

Fits `SmallResNet` with two heads on JPEG files of 500 x 375 pixels that are
read, augmented and resized by two threads while it trains, and on the same
batches held in memory. `wait` is the share of the time in which the training
stands still because no batch is ready, after the first ones. `slower` is what
the reading costs all the same, as it needs some of the cores that train.
`memory` is the growth over the batches after the first tenth.

    KERAS_BACKEND=torch python benchmarks/input_wait.py
    KERAS_BACKEND=torch python benchmarks/input_wait.py --batches 10000 --tiny

On JAX and PyTorch, where `fit` takes the batches in the thread that trains.
"""

import argparse
import concurrent.futures
import pathlib
import resource
import statistics
import tempfile
import time

import keras
import numpy as np

import mtvision as mtv

FIRST = 3  # batches for which any training has to wait


class Watched(keras.utils.PyDataset):
    """Batches made ahead by threads, as `fit` does, and how long it waited."""

    def __init__(self, batches, workers=2, ahead=10):
        super().__init__(workers=1)
        self.batches, self.ahead = batches, ahead
        self.pool = concurrent.futures.ThreadPoolExecutor(workers)
        self.pending, self.waits = {}, []

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        for k in range(index, min(index + self.ahead, len(self))):
            if k not in self.pending:
                self.pending[k] = self.pool.submit(self.batches.__getitem__, k)
        start = time.perf_counter()
        batch = self.pending.pop(index).result()
        self.waits.append(time.perf_counter() - start)
        return batch


def write_files(folder, count, shape):
    """Writes smooth random pictures as JPEG."""
    from PIL import Image

    generator = np.random.default_rng(0)
    for number in range(count):
        small = generator.integers(0, 256, (12, 16, 3), "uint8")
        image = Image.fromarray(small).resize(shape[::-1], Image.BICUBIC)
        image.save(folder / f"{number:04d}.jpg", quality=90)


class Labelled:
    """Files with a class and boxes."""

    def __init__(self, folder, shape):
        self.images = mtv.data.Folder(folder)
        boxes = np.array([[0.1, 0.1, 0.4, 0.8], [0.4, 0.2, 0.9, 0.7]])
        self.boxes = (boxes * (*shape[::-1], *shape[::-1])).astype("float32")

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return {
            **self.images[index],
            "label": index % 10,
            "box": self.boxes[index % 2],
        }


def build_model(size):
    """A small trunk with two heads."""
    image = keras.Input((size, size, 3))
    features = mtv.trunks.SmallResNet()(image)
    outputs = {
        "kind": mtv.tasks.ClassificationHead(10)(features),
        "where": keras.layers.Dense(4)(
            keras.layers.GlobalAveragePooling2D()(features["P5"])
        ),
    }
    model = mtv.MultiTaskModel(image, outputs)
    model.compile(
        "adam", {"kind": mtv.tasks.ClassificationLoss(), "where": "huber"}
    )
    return model


def main():
    """Measures, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tiny", action="store_true")
    given = parser.parse_args()
    shape = (60, 80) if given.tiny else (375, 500)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        write_files(folder, 64, shape)
        source = Labelled(folder, shape)
        print(
            "| pixels | wait | slower | memory MiB |\n| --- | --- | --- | --- |"
        )
        for size in [32] if given.tiny else [128, 256]:
            print(row(source, size, given), flush=True)


def row(source, size, given):
    """One line of the table."""
    augment = mtv.data.Augment(
        [
            mtv.data.RandomFlip(),
            mtv.data.LargeScaleJitter(low=0.5, high=1.5),
            mtv.data.RandomRotation(10),
            mtv.data.RandomHSV(),
        ]
    )
    repeated = mtv.data.mix({"files": source}, epoch_size=8 * given.batches)
    batches = mtv.data.Batches(
        repeated,
        {"kind": "label", "where": "box"},
        image_size=size,
        batch_size=8,
        shuffle=True,
        augment=augment,
    )
    held = [batches[k] for k in range(min(4, given.batches))]
    held = [held[k % len(held)] for k in range(given.batches)]
    model = build_model(size)
    model.fit(Watched(held), verbose=0, shuffle=False)
    ratios, waits = [], []
    watch = Memory(given.batches // 10)
    for _ in range(given.rounds):
        seconds = {}
        for name, data in (("memory", held), ("files", batches)):
            data = Watched(data)
            start = time.perf_counter()
            model.fit(data, verbose=0, shuffle=False, callbacks=[watch])
            seconds[name] = time.perf_counter() - start
        ratios.append(seconds["files"] / seconds["memory"])
        waits.append(sum(data.waits[FIRST:]) / seconds["files"])
    return (
        f"| {size} | {100 * statistics.median(waits):.1f} % "
        f"| {statistics.median(ratios):.2f} | {watch.growth:.1f} |"
    )


class Memory(keras.callbacks.Callback):
    """The largest growth of this process after its first batches."""

    def __init__(self, first):
        super().__init__()
        self.first = max(first, 1)
        self.start, self.growth = None, 0.0

    def on_train_batch_end(self, batch, logs=None):
        """Looks at the memory."""
        pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
        used = pages * resource.getpagesize() / 2**20
        if self.start is None and batch >= self.first:
            self.start = used
        if self.start is not None:
            self.growth = max(self.growth, used - self.start)


if __name__ == "__main__":
    main()
