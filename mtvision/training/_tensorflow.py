"""The training step with balanced gradients, on TensorFlow."""

import functools

import keras
import tensorflow as tf

from mtvision.training.balanced_step import balance_recorded, variables

_REFUSED = {
    tf.distribute.MultiWorkerMirroredStrategy: "fails under Keras 3",
    tf.distribute.ParameterServerStrategy: "is not supported by Keras 3",
    tf.distribute.experimental.CentralStorageStrategy: "is experimental",
    tf.distribute.TPUStrategy: "was never tried",
    tf.distribute.experimental.TPUStrategy: "was never tried",
}


def check_devices(model):
    """Raises unless a model is on one device, or in a `MirroredStrategy`.

    Args:
        model: The model.

    Returns:
        Number of its replicas.

    Raises:
        RuntimeError: If it is in another strategy.
    """
    strategy = model.distribute_strategy
    for refused, why in _REFUSED.items():
        if isinstance(strategy, refused):
            raise RuntimeError(
                f"Training in a {type(strategy).__name__} {why}, and might be "
                "wrong without a word. Use a tf.distribute.MirroredStrategy "
                "for the devices of one machine, and JAX with "
                "keras.distribution.DataParallel for TPUs and many machines."
            )
    return strategy.num_replicas_in_sync


def count_replicas():
    """Number of replicas of a `tf.distribute.Strategy` in this step."""
    context = tf.distribute.get_replica_context()
    return 1 if context is None else context.num_replicas_in_sync


def sum_over_replicas(tensor):
    """Sums a tensor over the replicas of a `tf.distribute.Strategy`."""
    if count_replicas() == 1:
        return tensor
    context = tf.distribute.get_replica_context()
    return context.all_reduce(tf.distribute.ReduceOp.SUM, tensor)


def first_row(size):
    """Number of samples that the replicas before this one have."""
    replicas = count_replicas()
    if replicas == 1:
        return 0
    number = tf.distribute.get_replica_context().replica_id_in_sync_group
    sizes = sum_over_replicas(
        tf.one_hot(number, replicas) * tf.cast(size, "float32")
    )
    before = tf.range(replicas) < number
    return tf.cast(tf.reduce_sum(tf.where(before, sizes, 0.0)), "int32")


def local_variables(strategy, variable):
    """The variable of each replica, which may differ where nothing joins them.

    Seeds do, moving statistics, and what metrics have counted so far.

    Args:
        strategy: A model's `distribute_strategy`.
        variable: `keras.Variable`.

    Returns:
        Sequence of `tf.Variable`, one for each replica.
    """
    return strategy.experimental_local_results(variable.value)


def train_step(run, data):
    """One step of `fit`.

    Args:
        run: The model's `BalancedRun`.
        data: A batch.

    Returns:
        Dict of scalars by name.
    """
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    gradients, step, y_pred = balance(run, x, y, sample_weight)
    run.model.optimizer.apply(gradients, variables(run.graph))
    return run.logs(x, y, y_pred, sample_weight, step)


def guarded_step(guard, step, data):
    """One step of `fit`, of which what is not finite is taken back.

    Args:
        guard: The model's `StepGuard`.
        step: Function of the data.
        data: A batch.

    Returns:
        Dict of scalars by name.
    """
    guard.begin()
    before = {id(v): tf.identity(v.value) for v in guard.everything()}
    give_back = _give_back if count_replicas() == 1 else _give_replicas_back
    if _sums_over_one(guard.model.optimizer):
        context = tf.distribute.get_replica_context()
        context.merge_call(lambda _, data: step(data), args=(data,))
    else:
        step(data)
    for undone, pairs in guard.judge(before):
        give_back(undone, pairs)
    return guard.logs()


def _sums_over_one(optimizer):
    """Whether an optimizer would sum over a single replica.

    It does so by a custom gradient that TensorFlow keeps for ever, and with it
    the graph of every model that was trained. Outside of the replica's context
    it does not.
    """
    scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    in_context = tf.distribute.get_replica_context() is not None
    return in_context and count_replicas() == 1 and not scaled


def _give_back(undone, pairs):
    def assign():
        for variable, value in pairs:
            variable.assign(value)

    tf.cond(undone, assign, lambda: None)


def _give_replicas_back(undone, pairs):
    """Without a condition, within which replicas cannot meet."""
    mirrored, values = [], []
    for variable, value in pairs:
        value = tf.where(undone, value, variable.value)
        on_read = tf.VariableSynchronization.ON_READ
        if variable.value.synchronization == on_read:
            variable.assign(value)
        else:
            mirrored.append(variable.value)
            values.append(value)

    def assign(strategy, values):
        for variable, value in zip(mirrored, values):
            strategy.extended.update(
                variable, lambda v, new: v.assign(new), args=(value,)
            )

    tf.distribute.get_replica_context().merge_call(assign, args=(values,))


def balance(run, x, y, sample_weight):
    """See `balance_recorded`."""
    return balance_recorded(
        run,
        x,
        y,
        sample_weight,
        record=functools.partial(tf.GradientTape, persistent=True),
        copy=tf.identity,
        gradients=_gradients,
    )


def _gradients(tape, outputs, tensors, slopes):
    """Gradients of all tensors, `None` for those that have none."""
    found = tape.gradient(outputs, tensors, output_gradients=slopes)
    # Those of an embedding are sparse.
    return [None if g is None else tf.convert_to_tensor(g) for g in found]
