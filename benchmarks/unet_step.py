"""A training step of U-Net against the same network written by hand in Keras.

The hand-written one is a plain `keras.Model` of `Conv2DTranspose`,
`Concatenate` and blocks of convolution, BatchNorm and ReLU, with Keras' own
cross entropy. 128 pixels, batch 8, channels 32 to 256, 12 classes, Adam;
batches in memory, calls of `train_on_batch` interleaved; the median of the
ratios of neighbours.

With it the share of the max-unpooling in a step of SegNet: all of its
unpoolings alone, forward and backward, on maps of the same sizes; and SegNet's
step against the same with `nearest`.

    KERAS_BACKEND=tensorflow python benchmarks/unet_step.py
    KERAS_BACKEND=tensorflow python benchmarks/unet_step.py --xla
    KERAS_BACKEND=jax python benchmarks/unet_step.py
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

import mtvision as mtv
from mtvision import models

SIZE, BATCH, CLASSES, FILTERS = 128, 8, 12, (32, 64, 128, 256)


def plain_unet():
    """U-Net as one writes it by hand."""

    def block(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
        return x

    image = keras.Input((SIZE, SIZE, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    skips = []
    for number, filters in enumerate(FILTERS):
        x = block(layers.MaxPooling2D()(x) if number else x, filters)
        skips.append(x)
    for filters, skip in zip(FILTERS[-2::-1], skips[-2::-1]):
        x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
        x = block(layers.Concatenate()([x, skip]), filters)
    return keras.Model(image, layers.Conv2D(CLASSES, 1)(x))


def make_trunk():
    """The same left half for all."""
    return mtv.trunks.ContractingPath(FILTERS, image_shape=(SIZE, SIZE, 3))


def make_data():
    """Random images and classes."""
    random = np.random.default_rng(0)
    images = random.uniform(0, 255, (BATCH, SIZE, SIZE, 3)).astype("float32")
    return images, random.integers(0, CLASSES, images.shape[:3]).astype("int32")


def own_step(recipe, xla, **options):
    """A function that takes a step of a recipe."""
    model = recipe(CLASSES, image_size=SIZE, trunk=make_trunk(), **options)
    images, classes = make_data()
    model.compile("adam", **models.segmentation_losses(), jit_compile=xla)
    truth = {"semantic": classes}
    return lambda: model.train_on_batch(images, truth)


def plain_step(xla):
    """A function that takes a step of the hand-written U-Net."""
    model = plain_unet()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    images, classes = make_data()
    model.compile("adam", loss, jit_compile=xla)
    return lambda: model.train_on_batch(images, classes)


def unpooling_step(xla):
    """A function that does SegNet's unpoolings and their gradients alone.

    Maps come as weights of a model without data, so that `fit`'s own step
    takes their gradients.
    """

    @keras.saving.register_keras_serializable(package="benchmarks")
    class Maps(layers.Layer):
        """Small and large maps, unpooled."""

        def build(self, shape):
            self.pairs = []
            random = keras.initializers.RandomNormal()
            for number, channels in enumerate(FILTERS[:-1]):
                side = SIZE // 2**number
                options = {"initializer": random}
                large = self.add_weight(
                    shape=(BATCH, side, side, channels), **options
                )
                small = self.add_weight(
                    shape=(BATCH, side // 2, side // 2, channels), **options
                )
                self.pairs.append((small, large))
            self.unpool = [
                mtv.layers.Upsample2D("max_unpool") for _ in self.pairs
            ]

        def call(self, x):
            rows = zip(self.unpool, self.pairs)
            sums = [
                keras.ops.sum(layer(*map(keras.ops.convert_to_tensor, pair)))
                for layer, pair in rows
            ]
            return x * sum(sums)

        def compute_output_shape(self, shape):
            return shape

    x = keras.Input((1,))
    model = keras.Model(x, Maps()(x))
    model.compile(keras.optimizers.SGD(0.0), "mae", jit_compile=xla)
    one = np.ones((1, 1), "float32")
    return lambda: model.train_on_batch(one, one)


def measure(functions, rounds):
    """Times of each function in milliseconds, in turns."""
    times = {name: [] for name in functions}
    for k in range(rounds + 2):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            if k > 1:
                times[name].append(1000 * (time.perf_counter() - start))
    return times


def median_ratio(first, second):
    """Median of the ratios of neighbours."""
    return statistics.median(a / b for a, b in zip(first, second))


def main():
    """Measures, and prints a line of each table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--xla", action="store_true")
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    backend = keras.backend.backend()
    xla = given.xla or backend == "jax"
    mode = f"{backend} {'XLA' if xla else ''}"
    unet = measure(
        {
            "own": own_step(models.UNet, xla),
            "plain": plain_step(xla),
            "again": plain_step(xla),
        },
        given.rounds,
    )
    segnet = measure(
        {
            "step": own_step(models.SegNet, xla, depth=2),
            "nearest": own_step(
                models.SegNet, xla, depth=2, upsampling="nearest"
            ),
            "unpooling": unpooling_step(xla),
        },
        given.rounds,
    )
    row = {
        "backend": mode,
        "mtvision ms": statistics.median(unet["own"]),
        "by hand ms": statistics.median(unet["plain"]),
        "ratio": median_ratio(unet["own"], unet["plain"]),
        "noise": median_ratio(unet["again"], unet["plain"]),
    }
    print(mtv.training.format_table([row]))
    row = {
        "backend": mode,
        "SegNet ms": statistics.median(segnet["step"]),
        "unpooling ms": statistics.median(segnet["unpooling"]),
        "share": median_ratio(segnet["unpooling"], segnet["step"]),
        "step / nearest": median_ratio(segnet["step"], segnet["nearest"]),
    }
    print(mtv.training.format_table([row]))


if __name__ == "__main__":
    main()
