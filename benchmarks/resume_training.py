"""A training that `resume.py` kills: of three tasks, with all that remembers.

    python benchmarks/resume_training.py folder --kind arrays --slow 0.1

Tells its steps, and at last what it comes to, to who reads its output.
"""

import argparse
import hashlib
import json
import os
import pathlib
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")

import keras
import numpy as np

import mtvision as mtv

KINDS = ["batches", "arrays"]
SIZE, SAMPLES, BATCH, EPOCHS = 16, 84, 8, 4


class Tell(keras.callbacks.Callback):
    """Tells the process that watches what this one is at."""

    def on_train_batch_begin(self, batch, logs=None):
        """A step."""
        print("step", flush=True)

    def on_test_batch_begin(self, batch, logs=None):
        """A step of a validation."""
        print("test", flush=True)

    def on_epoch_end(self, epoch, logs=None):
        """The end of an epoch."""
        print("epoch", flush=True)


def make_samples(number, seed):
    """Bright rectangles, some of them without a label."""
    generator = np.random.default_rng(seed)
    samples = []
    for index in range(number):
        image = generator.integers(0, 100, (SIZE, SIZE, 3)).astype("uint8")
        mask = np.zeros((SIZE, SIZE), "int32")
        x, y, w, h = generator.integers(2, 8, 4)
        mask[y : y + h, x : x + w] = 1
        image[mask == 1] += 100
        sample = {"image": image, "area": np.float32(w * h) / 49}
        if index % 3:
            sample |= {"mask": mask, "wide": int(w > h)}
        samples.append(sample)
    return samples


def make_data(kind, number, seed):
    """What `fit` takes as `x` and `y`."""
    targets = {"area": ("area",), "mask": "mask", "wide": "wide"}
    changes = [mtv.data.RandomFlip(), mtv.data.RandomHSV(), mtv.data.Cutout()]
    batches = mtv.data.Batches(
        make_samples(number, seed),
        targets,
        batch_size=BATCH if kind == "batches" else number,
        shuffle=kind == "batches",
        augment=mtv.data.Augment(changes) if kind == "batches" else None,
        workers=2,
    )
    return (batches,) if kind == "batches" else batches.batch(0, 0)


def build_model():
    """A small trunk with random layers inside, and three heads."""
    image = keras.Input((SIZE, SIZE, 3), name="image")
    changed = keras.layers.RandomContrast(0.2)(image)
    features = mtv.trunks.SmallResNet()(changed)
    pyramid = mtv.necks.FeaturePyramid(filters=8)(features)
    outputs = {
        "area": mtv.tasks.RegressionHead(1)(features),
        "mask": mtv.tasks.SegmentationHead(2, filters=8)(pyramid),
        "wide": mtv.tasks.ClassificationHead(2, dropout=0.3)(features),
    }
    return mtv.MultiTaskModel(image, outputs)


def compile_model(model, kind):
    """Compiles a model, with all that has a state of its own."""
    if kind == "batches":
        rate = keras.optimizers.schedules.CosineDecay(3e-3, 44)
        optimizer, balancing = keras.optimizers.Adam(rate), mtv.balancing.PCGrad
    else:
        optimizer = keras.optimizers.Adam(3e-3, use_ema=True, ema_momentum=0.9)
        balancing = mtv.balancing.DWA
    model.compile(
        optimizer,
        {
            "area": "mse",
            "mask": mtv.tasks.SegmentationLoss(),
            "wide": mtv.tasks.ClassificationLoss(),
        },
        loss_weights={"area": 2.0, "mask": 1.0, "wide": 0.5},
        metrics={"mask": mtv.metrics.MeanIoU(2)},
        balancing=balancing(),
    )


def make_callbacks(kind):
    """Those that remember, and may end the training early."""
    if kind == "batches":
        stop = keras.callbacks.EarlyStopping(
            "val_loss", patience=2, restore_best_weights=True
        )
        return [stop]
    return [
        keras.callbacks.ReduceLROnPlateau("val_loss", patience=0, min_delta=0.1)
    ]


def train(folder, kind):
    """Trains to the end, and prints what all of it comes to."""
    keras.utils.set_random_seed(7)
    model = build_model()
    compile_model(model, kind)
    data = make_data(kind, SAMPLES, seed=0)
    options = {} if kind == "batches" else {"batch_size": BATCH}
    if len(data) == 3:
        data, options["sample_weight"] = data[:2], data[2]
    resume = mtv.training.Resume(folder, every=4, keep=2)
    history = model.fit(
        *data,
        validation_data=make_data("batches", 24, seed=1)[0],
        epochs=EPOCHS,
        callbacks=[*make_callbacks(kind), Tell(), resume],
        verbose=0,
        **options,
    )
    seeds = [v for v in model.variables if "seed" in v.path]
    found = {
        "weights": digest(model.weights),
        "optimizer": digest(model.optimizer.variables),
        "seeds": digest(seeds),
        "balancing": digest(model.balancer.variables),
        "history": repr(history.history),
    }
    print("found", json.dumps(found), flush=True)


def digest(variables):
    """SHA-256 of the bytes of variables."""
    arrays = [keras.ops.convert_to_numpy(v.value) for v in variables]
    return hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()


def write_slowly(seconds):
    """Tells when a file is being written, and lingers there."""
    fsync = os.fsync

    def slow(number):
        print("write", flush=True)
        time.sleep(seconds)
        fsync(number)

    os.fsync = slow


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0])
    parser.add_argument("--slow", type=float, default=0.0)
    options = parser.parse_args()
    write_slowly(options.slow)
    train(options.folder, options.kind)
