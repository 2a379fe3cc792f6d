"""Whether a model can train on the devices that it was given."""

import math

import keras

from mtvision.training.arrays import is_array_data
from mtvision.training.data_epochs import knows_epochs
from mtvision.training.replicas import backend_steps


def check_devices(model, method, given):
    """Raises where Keras would train wrongly, or break off in the last batch.

    Args:
        model: The compiled model.
        method: Name of the method of Keras that is to run.
        given: Dict of its arguments.

    Raises:
        RuntimeError: If processes would train without each other, or the
            model is distributed in a way that is not known to be right.
        ValueError: If the devices cannot share the batches evenly.
    """
    replicas = backend_steps.check_devices(model) or 1
    if replicas > 1 and method == "fit":
        _require_samples(given, replicas)
    check_shares(method, given)


def check_shares(method, given):
    """Raises if devices cannot share each batch, the last included.

    A `keras.distribution` splits batches into parts of one size; a
    `tf.distribute.Strategy` and a single device take any.

    Args:
        method: As for `check_devices`.
        given: Likewise.

    Raises:
        ValueError: Naming the size of the batch.
    """
    distribution = keras.distribution.distribution()
    if distribution is None:
        return
    if distribution.auto_shard_dataset and distribution.num_processes > 1:
        return  # Keras takes a tf.data.Dataset alone, and shares it itself.
    if method.endswith("_on_batch"):
        given = {**given, "batch_size": len(_first(given["x"]))}
    validation = given.get("validation_data")
    if isinstance(validation, list | tuple):
        validation = validation[0]
    for data in (given.get("x"), validation):
        _require_processes(data, distribution)
    train, split = _train_sizes(given)
    if given.get("steps_per_epoch") is None:
        _check_sizes(train, distribution)
    if given.get("validation_steps") is None:
        size = _validation_size(given)
        _check_sizes(split, distribution)
        _check_sizes(_sizes(validation, size), distribution)


def _require_samples(given, replicas):
    """Raises if a replica would get no sample: BatchNormalization gives NaN."""
    sizes, _ = _train_sizes(given)
    if not sizes or given.get("steps_per_epoch"):
        return
    share = math.ceil(sizes[0] / replicas)
    if min(sizes) <= share * (replicas - 1):
        raise ValueError(
            f"Expected batches with samples for each of {replicas} devices, "
            f"{share} for each but the last, received one of {min(sizes)}. "
            "Choose another batch_size, or leave a smaller last batch out "
            "(drop_remainder=True of mtvision.data.Batches)."
        )


def _require_processes(data, distribution):
    """Raises if each process would read all of what it is to share."""
    processes = distribution.num_processes
    shards = getattr(data, "count", 1)
    if not knows_epochs(data) or shards == processes:
        return
    raise ValueError(
        f"Expected data in {processes} shards, one for each process, received "
        f"a {type(data).__name__} in {shards}. Wrap it: mtvision.data.Shard("
        "data, index=distribution.data_shard_id, "
        "count=distribution.num_processes)."
    )


def _train_sizes(given):
    """Sizes of the batches to train on, and of those that are split off."""
    x, size = given.get("x"), given.get("batch_size")
    split = given.get("validation_split")
    has_own = given.get("validation_data") is not None
    if not split or has_own or not is_array_data(x):
        return _sizes(x, size), []
    number = len(_first(x))
    first = math.floor(number * (1 - split))
    return (
        _sizes_of(first, size),
        _sizes_of(number - first, _validation_size(given)),
    )


def _validation_size(given):
    return given.get("validation_batch_size") or given.get("batch_size")


def _sizes(data, batch_size):
    """The different sizes of the batches, if they are known."""
    if data is not None and is_array_data(data):
        return _sizes_of(len(_first(data)), batch_size)
    if not knows_epochs(data) or not hasattr(data, "order"):
        return []
    if data.drop_remainder:
        return [data.batch_size]
    return _sizes_of(len(data.order(0)), data.batch_size)


def _sizes_of(number, batch_size):
    size = batch_size or 32
    return [s for s in (min(number, size), number % size) if s]


def _check_sizes(sizes, distribution):
    """Raises unless each size is a multiple of the number of devices."""
    layout = distribution.get_data_layout((1,))
    mesh = layout.device_mesh
    axis = mesh.axis_names.index(distribution.batch_dim_name)
    parts = max(mesh.shape[axis] // distribution.num_processes, 1)
    wrong = [size for size in sizes if size % parts]
    if wrong:
        raise ValueError(
            f"Expected batches of a multiple of {parts} samples, for "
            f"{parts} devices, received one of {wrong[0]}. Choose another "
            "batch_size, or leave a smaller last batch out "
            "(drop_remainder=True of mtvision.data.Batches)."
        )


def _first(data):
    return keras.tree.flatten(data)[0]
