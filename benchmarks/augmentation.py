"""Images a second from JPEG files to augmented, padded batches with boxes.

Decode files of about 500 x 375 pixels with 8 boxes each; mirror, scale by 0.5
to 1.5 and cut or pad to the size of the batch, turn by up to 10 degrees,
change hue, saturation and value; batches of 16 in float32. All run in one
process on the same number of cores, in turns; medians.

- mtvision: `mtv.data.Batches(..., augment=mtv.data.Augment(...))`, with as many
  threads as cores, as `fit` reads it
- keras-cv: its layers in `tf.data`, as its guides write it
- keras: Keras' own layers in `tf.data`, which want one size first and have no
  jitter by cutting: resize, mirror, zoom, turn, colours
- pillow: one image at a time with Pillow and numpy, step by step
- torchvision: `transforms.v2` on one image at a time, boxes as `tv_tensors`

Peers that are not installed are left out.

    python benchmarks/augmentation.py --cores 1
"""

import argparse
import contextlib
import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

IMAGES, OBJECTS, BATCH, ROUNDS = 64, 8, 16, 7
LOW, HIGH, DEGREES = 0.5, 1.5, 10
HUE, SATURATION, VALUE = 0.015, 0.7, 0.4


def write_images(folder):
    """Smooth random pictures as JPEG files; returns samples without images."""
    from PIL import Image

    rng = np.random.default_rng(0)
    samples = []
    for number in range(IMAGES):
        height, width = 375 + rng.integers(-40, 41), 500 + rng.integers(-40, 41)
        rough = rng.integers(0, 256, (12, 16, 3), dtype="uint8")
        path = os.path.join(folder, f"{number}.jpg")
        picture = Image.fromarray(rough).resize(
            (int(width), int(height)), Image.Resampling.BICUBIC
        )
        picture.save(path, quality=90)
        corners = rng.uniform(0, [width, height], (OBJECTS, 2, 2))
        corners[:, 1] = corners[:, 0] + 0.3 * np.abs(corners[:, 1])
        boxes = np.clip(corners.reshape(-1, 4), 0, [width, height] * 2)
        classes = rng.integers(0, 5, OBJECTS, dtype="int32")
        samples.append((path, boxes.astype("float32"), classes))
    return samples


class Files:
    """The samples as a source."""

    def __init__(self, samples):
        self.samples = samples

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        import mtvision as mtv

        path, boxes, classes = self.samples[index]
        image = mtv.data.read_image(path)
        return {"image": image, "boxes": boxes, "classes": classes}


def in_threads(read, cores):
    """Calls a function of the number of a batch for all batches."""
    if cores == 1:
        return lambda: [read(k) for k in range(IMAGES // BATCH)]

    def run():
        with ThreadPoolExecutor(cores) as pool:
            return list(pool.map(read, range(IMAGES // BATCH)))

    return run


def own(samples, size, cores):
    """The batches of mtvision."""
    import mtvision as mtv

    batches = mtv.data.Batches(
        Files(samples),
        {"boxes": {"boxes": "boxes", "classes": "classes"}},
        image_size=size,
        batch_size=BATCH,
        max_objects=OBJECTS,
        augment=mtv.data.Augment(
            [
                mtv.data.RandomFlip(),
                mtv.data.LargeScaleJitter(low=LOW, high=HIGH),
                mtv.data.RandomRotation(DEGREES),
                mtv.data.RandomHSV(hue=HUE, saturation=SATURATION, value=VALUE),
            ]
        ),
    )

    def read(number):
        inputs, targets, _ = batches[number]
        return inputs, targets["boxes"]["boxes"]

    return in_threads(read, cores)


def files_of_tensorflow(samples):
    """A `tf.data` data set of decoded images and boxes."""
    import tensorflow as tf

    paths, boxes, classes = (list(column) for column in zip(*samples))

    def read(path, boxes, classes):
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        labels = {"boxes": boxes, "classes": tf.cast(classes, "float32")}
        return {
            "images": tf.cast(image, "float32"),
            "bounding_boxes": labels,
        }

    data = tf.data.Dataset.from_tensor_slices(
        (paths, np.stack(boxes), np.stack(classes))
    )
    return data.map(read, num_parallel_calls=tf.data.AUTOTUNE)


def keras_cv(samples, size, cores):
    """The layers of keras-cv, on ragged batches until all have one size."""
    import keras_cv
    import tensorflow as tf

    layers = keras_cv.layers
    boxes = {"bounding_box_format": "xyxy"}
    colours = {"value_range": (0, 255)}
    chain = [
        layers.RandomFlip("horizontal", **boxes),
        layers.JitteredResize(
            target_size=(size, size), scale_factor=(LOW, HIGH), **boxes
        ),
        layers.RandomRotation(DEGREES / 360, fill_mode="constant", **boxes),
        layers.RandomHue(HUE, **colours),
        layers.RandomSaturation((0.5 - SATURATION / 2, 0.5 + SATURATION / 2)),
        layers.RandomBrightness((-VALUE, VALUE), **colours),
    ]
    data = files_of_tensorflow(samples).ragged_batch(BATCH)
    for layer in chain:
        data = data.map(layer, num_parallel_calls=tf.data.AUTOTUNE)

    def run():
        found = []
        for batch in data:
            dense = keras_cv.bounding_box.to_dense(
                batch["bounding_boxes"], max_boxes=OBJECTS
            )
            found.append((batch["images"].numpy(), dense["boxes"].numpy()))
        return found

    return run


def keras_layers(samples, size, cores):
    """The layers of Keras, on batches of one size."""
    import tensorflow as tf
    from keras import layers

    boxes = {"bounding_box_format": "xyxy"}
    colours = {"value_range": (0, 255), **boxes}
    resizing = layers.Resizing(size, size, **boxes)
    chain = [
        layers.RandomFlip("horizontal", **boxes),
        layers.RandomZoom((1 - HIGH, 1 - LOW), fill_mode="constant", **boxes),
        layers.RandomRotation(DEGREES / 360, fill_mode="constant", **boxes),
        layers.RandomHue(HUE, **colours),
        layers.RandomSaturation(
            (0.5 - SATURATION / 2, 0.5 + SATURATION / 2), **colours
        ),
        layers.RandomBrightness((-VALUE, VALUE), **colours),
    ]

    def relabel(sample):
        labels = sample["bounding_boxes"]
        labels = {"boxes": labels["boxes"], "labels": labels["classes"]}
        return {"images": sample["images"], "bounding_boxes": labels}

    data = files_of_tensorflow(samples).map(relabel)
    parallel = {"num_parallel_calls": tf.data.AUTOTUNE}
    data = data.map(resizing, **parallel).batch(BATCH)
    for layer in chain:
        data = data.map(layer, **parallel)

    def run():
        return [
            (batch["images"].numpy(), batch["bounding_boxes"]["boxes"].numpy())
            for batch in data
        ]

    return run


def one_by_one(change, samples, size, cores):
    """Batches of a function of one sample."""

    def read(number):
        images = np.empty((BATCH, size, size, 3), "float32")
        padded = np.zeros((BATCH, OBJECTS, 4), "float32")
        for row in range(BATCH):
            path, boxes, classes = samples[number * BATCH + row]
            images[row], boxes = change(path, boxes, classes)
            padded[row, : len(boxes)] = boxes
        return images, padded

    return in_threads(read, cores)


def pillow(samples, size, cores):
    """Pillow, a picture for each step."""
    from PIL import Image, ImageOps

    rng = np.random.default_rng(0)
    bilinear = Image.Resampling.BILINEAR

    def change(path, boxes, classes):
        with Image.open(path) as file:
            image = file.convert("RGB")
        corners = boxes[:, [0, 1, 2, 1, 0, 3, 2, 3]].reshape(-1, 4, 2)
        if rng.random() < 0.5:
            image = ImageOps.mirror(image)
            corners = [image.width, 0] + [-1, 1] * corners
        scale = rng.uniform(LOW, HIGH) * size / max(image.size)
        image = image.resize(
            [round(side * scale) for side in image.size], bilinear
        )
        corner = [rng.integers(max(0, k - size) + 1) for k in image.size]
        image = image.crop((*corner, corner[0] + size, corner[1] + size))
        corners = corners * scale - corner
        angle = rng.uniform(-DEGREES, DEGREES)
        image = image.rotate(angle, bilinear)
        sine, cosine = np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))
        turn = np.array([[cosine, sine], [-sine, cosine]])
        corners = (corners - size / 2) @ turn.T + size / 2
        image = jitter(image)
        boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], 1)
        boxes = np.clip(boxes, 0, size)
        seen = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        return np.asarray(image), boxes[seen]

    def jitter(image):
        hue, saturation, value = rng.uniform(-1, 1, 3)
        levels = np.arange(256)
        table = [
            (levels + 256 * hue * HUE) % 256,
            np.minimum(255, levels * (1 + saturation * SATURATION)),
            np.minimum(255, levels * (1 + value * VALUE)),
        ]
        table = np.concatenate(table).astype(int).tolist()
        return image.convert("HSV").point(table).convert("RGB")

    return one_by_one(change, samples, size, cores)


def torchvision(samples, size, cores):
    """The transforms of torchvision, version 2."""
    import torch
    from PIL import Image
    from torchvision import tv_tensors
    from torchvision.transforms import v2

    torch.set_num_threads(1)
    chain = v2.Compose(
        [
            v2.RandomHorizontalFlip(),
            v2.ScaleJitter((size, size), (LOW, HIGH), antialias=True),
            v2.RandomCrop((size, size), pad_if_needed=True),
            v2.RandomRotation(DEGREES, v2.InterpolationMode.BILINEAR),
            v2.ColorJitter(brightness=VALUE, saturation=SATURATION, hue=HUE),
            v2.SanitizeBoundingBoxes(),
        ]
    )

    def change(path, boxes, classes):
        with Image.open(path) as file:
            image = v2.functional.pil_to_tensor(file.convert("RGB"))
        boxes = tv_tensors.BoundingBoxes(
            boxes, format="XYXY", canvas_size=image.shape[1:]
        )
        labels = torch.from_numpy(classes)
        image, target = chain(
            tv_tensors.Image(image), {"boxes": boxes, "labels": labels}
        )
        return image.permute(1, 2, 0).numpy(), target["boxes"].numpy()

    return one_by_one(change, samples, size, cores)


PEERS = {
    "mtvision": own,
    "keras-cv": keras_cv,
    "keras": keras_layers,
    "pillow": pillow,
    "torchvision": torchvision,
}


def build(samples, size, cores):
    """The peers that are installed, each tried once."""
    runs = {}
    for name, maker in PEERS.items():
        with contextlib.suppress(ImportError):
            runs[name] = maker(samples, size, cores)
    for name, run in runs.items():
        images = np.concatenate([images for images, _ in run()])
        boxes = np.concatenate([boxes for _, boxes in run()])
        if images.shape != (IMAGES, size, size, 3):
            raise ValueError(f"{name} gives images {images.shape}.")
        if boxes.shape != (IMAGES, OBJECTS, 4) or not (
            20 < images.mean() < 160 and boxes.max() <= size + 1
        ):
            raise ValueError(f"{name} gives other pictures or boxes.")
    return runs


def measure(runs):
    """Seconds of each, in turns."""
    times = {name: [] for name in runs}
    for number in range(ROUNDS + 1):
        for name in list(runs)[:: 1 if number % 2 else -1]:
            start = time.perf_counter()
            runs[name]()
            if number:
                times[name].append(time.perf_counter() - start)
    return times


def report(cores, sizes):
    """Prints images a second, and how many times those of each peer."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        samples = write_images(folder)
        for size in sizes:
            times = measure(build(samples, size, cores))
            cells = [f"{size}", f"{cores}"]
            for name, taken in times.items():
                cells.append(f"{IMAGES / statistics.median(taken):.0f}")
                if name != "mtvision":
                    pairs = zip(taken, times["mtvision"])
                    ratio = statistics.median(a / b for a, b in pairs)
                    cells[-1] += f" ({ratio:.2f})"
            rows.append(cells)
    peers = [f"{name} (ours is x times)" for name in list(times)[1:]]
    print("| " + " | ".join(["pixels", "cores", "mtvision", *peers]) + " |")
    print("|" + " --- |" * len(rows[0]))
    for cells in rows:
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    arguments = parser.parse_args()
    # Before the libraries count the cores.
    cores = sorted(os.sched_getaffinity(0))[: arguments.cores]
    os.sched_setaffinity(0, cores)
    report(len(cores), arguments.sizes)
