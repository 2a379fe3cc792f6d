"""The same training on one device, on all of a machine, or on many machines.

    python examples/train_on_devices.py --devices all  # or one, or hosts (JAX)

See docs/devices.md. `--cpus 2` makes two devices of the CPU, to try it.
"""

import argparse
import contextlib
import pathlib

import keras

import mtvision as mtv
from mtvision import tasks


def on_devices(options):
    """Makes a context in which a model is on the devices asked for."""
    able = {"all": ("jax", "tensorflow"), "hosts": ("jax",)}
    backend = keras.backend.backend()
    if backend not in able.get(options.devices, backend):
        raise SystemExit(f"Not with {backend}: set KERAS_BACKEND=jax.")
    if backend == "tensorflow":
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        parts = [tf.config.LogicalDeviceConfiguration()] * options.cpus
        tf.config.set_logical_device_configuration(cpu, parts)
        names = [f"CPU:{n}" for n in range(options.cpus)] if parts[1:] else None
        if options.devices != "one":
            return tf.distribute.MirroredStrategy(names).scope()
    elif backend == "jax":
        import jax

        jax.config.update("jax_num_cpu_devices", options.cpus)
    if options.devices == "hosts":
        keras.distribution.initialize()
    if options.devices == "one":
        return contextlib.nullcontext()
    return keras.distribution.DataParallel(auto_shard_dataset=False).scope()


def load(images, folder):
    """Opens the data; each process reads its part of every batch."""
    source = mtv.data.load_digit_scenes(
        "train", num_images=images, data_dir=folder / "data"
    )
    targets = {"digit": "label", "mask": "mask"}
    sizes = {"batch_size": 32, "drop_remainder": True}
    batches = mtv.data.Batches(source, targets, shuffle=True, **sizes)
    if (joined := keras.distribution.distribution()) is None:
        return batches
    number, count = joined.data_shard_id, joined.num_processes
    return mtv.data.Shard(batches, index=number, count=count)


def build():
    """Builds and compiles the model, as for one device."""
    image = keras.Input((64, 64, 3), name="image")
    features = mtv.trunks.SmallResNet()(image)
    digit = tasks.ClassificationHead(10)(features)
    mask = tasks.SegmentationHead(2)(mtv.necks.FeaturePyramid()(features))
    model = mtv.MultiTaskModel(image, {"digit": digit, "mask": mask})
    losses = tasks.ClassificationLoss(), tasks.SegmentationLoss()
    model.compile("adam", dict(zip(model.task_names, losses)))
    return model


parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--devices", choices=["one", "all", "hosts"], default="one")
parser.add_argument("--cpus", type=int, default=1)
parser.add_argument("--images", type=int, default=2048)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--output", type=pathlib.Path, default="runs/devices")
given = parser.parse_args()
with on_devices(given):
    train = load(given.images, given.output)
    keras.utils.set_random_seed(0)  # here: who makes the data draws numbers
    build().fit(train, epochs=given.epochs, verbose=2)
