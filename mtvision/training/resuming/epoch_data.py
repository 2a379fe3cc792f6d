"""Data of `fit` of which any batch of any epoch can be had."""

from mtvision.training import arrays
from mtvision.training.data_epochs import (
    FollowEpochs,
    follow_epochs,
    knows_epochs,
)
from mtvision.training.resuming.array_batches import ArrayBatches


def with_known_epochs(given, seed):
    """Arguments of `fit` whose data are a function of epoch and step.

    What Keras would shuffle is shuffled by `seed` and the epoch instead.

    Args:
        given: Dict of arguments; arrays have been checked.
        seed: Whole number.

    Returns:
        Dict of arguments, and the `FollowEpochs` among its callbacks.

    Raises:
        ValueError: If the order of the data cannot be known.
    """
    _check(given)
    x = given["x"]
    if knows_epochs(x):
        # Keras shuffles whole batches, unless the data or the user say no.
        shuffle = given.get("shuffle", not getattr(x, "shuffle", False))
        given = {**given, "shuffle": False}
    else:
        given, shuffle = _batched(given, seed), False
    given = follow_epochs(given, seed=seed if shuffle else None)
    follow = next(c for c in given["callbacks"] if isinstance(c, FollowEpochs))
    return given, follow


def _batched(given, seed):
    data = ArrayBatches(
        given["x"],
        given["y"],
        given.get("sample_weight"),
        batch_size=given.get("batch_size") or 32,
        shuffle=bool(given.get("shuffle", True)),
        seed=seed,
    )
    names = ("x", "y", "sample_weight", "batch_size", "shuffle")
    kept = {k: v for k, v in given.items() if k not in names}
    return kept | {"x": data, "shuffle": False}


def _check(given):
    x = given.get("x")
    if not knows_epochs(x) and given.get("y") is None:
        raise ValueError(
            "Resume needs data of which it can have any batch of any epoch, "
            f"received a {type(x).__name__}. Give mtvision.data.Batches, "
            "arrays, or a keras.utils.PyDataset with an attribute `epoch` and "
            "a method `batch(epoch, step)` that always gives the same."
        )
    if not knows_epochs(x) and not arrays.is_array_data(x):
        raise ValueError(
            "Resume needs inputs as numpy arrays or tensors, received a "
            f"{type(x).__name__}."
        )
    if given.get("steps_per_epoch") is not None:
        raise ValueError(
            "With steps_per_epoch an epoch has no beginning in the data that "
            "Resume could find again. Leave it out; mtvision.data.mix takes an "
            "`epoch_size`."
        )
    if given.get("validation_split"):
        raise ValueError(
            "Resume expects the samples of the validation apart from those of "
            "the training. Give validation_data in place of validation_split."
        )
    if knows_epochs(x) and x.num_batches is None:
        raise ValueError("Resume expects epochs of a known number of batches.")
