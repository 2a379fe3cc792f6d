"""The replicas of a model that take one training step together.

`tf.distribute.MirroredStrategy` runs the step once for each device, each on its
part of the batch. On JAX a step sees the whole batch, however it is split; on
PyTorch there is one device.
"""

import keras
from keras import ops

if keras.backend.backend() == "tensorflow":
    from mtvision.training import _tensorflow as backend_steps
elif keras.backend.backend() == "jax":
    from mtvision.training import _jax as backend_steps
else:
    from mtvision.training import _torch as backend_steps


def count_replicas():
    """Number R of the replicas that run the present step."""
    return backend_steps.count_replicas()


def sum_over_replicas(tensor):
    """Sums a tensor over the replicas.

    Args:
        tensor: Tensor of the same shape on each.

    Returns:
        Tensor of that shape.
    """
    return backend_steps.sum_over_replicas(tensor)


def first_row(size):
    """Where in the whole batch the part of this replica begins.

    Args:
        size: Number of its samples.

    Returns:
        Whole number, or an int32 scalar.
    """
    return backend_steps.first_row(size)


def share_of_mean(total, count):
    """The share of one replica in the mean over the samples of all.

    Not a mean of means: the labels of a task may all be on one device. The
    shares are equal, so that logs do not depend on how the batch was split;
    the gradient of each is that of its own samples. Keras sums over replicas.

    Args:
        total: Scalar tensor: sum over the samples of this replica.
        count: Scalar tensor: their number, or the sum of their weights.

    Returns:
        Scalar tensor, 0 if nothing is counted anywhere; and the count of all
        replicas.

    Example:

    >>> share, count = share_of_mean(ops.ones(()) * 6.0, ops.ones(()) * 4.0)
    >>> float(share), float(count)
    (1.5, 4.0)
    """
    replicas = count_replicas()
    if replicas == 1:
        return ops.divide_no_nan(total, count), count
    both = ops.stop_gradient(ops.stack([total, count]))
    everywhere, count = ops.unstack(sum_over_replicas(both))
    own = ops.divide_no_nan(total, count)
    mean = ops.divide_no_nan(everywhere, count)
    return own + ops.stop_gradient(mean / replicas - own), count


def share_of_sum(total):
    """As `share_of_mean`, of the sum.

    Args:
        total: Scalar tensor: sum over the samples of this replica.

    Returns:
        Scalar tensor.
    """
    return share_of_mean(total, ops.ones_like(total) / count_replicas())[0]
