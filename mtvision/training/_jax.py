"""The training step with balanced gradients, on JAX."""

import jax
import keras
import numpy as np
from jax.experimental import multihost_utils

from mtvision.training.balanced_step import (
    add_gradients,
    balanced_gradients,
    sources,
    variables,
)


def check_devices(model):
    """Raises if processes are connected, but no distribution joins them.

    Args:
        model: Any.

    Raises:
        RuntimeError: If each process would train by itself.
    """
    processes = jax.process_count()
    if processes > 1 and keras.distribution.distribution() is None:
        raise RuntimeError(
            f"{processes} processes are connected, but each would train by "
            "itself. Call keras.distribution.set_distribution("
            "keras.distribution.DataParallel(auto_shard_dataset=False)) "
            "before the model is made."
        )


def joined_processes():
    """The processes that train together with this one.

    Returns:
        Set of their numbers, and the number of this one.
    """
    own = jax.process_index()
    distribution = keras.distribution.distribution()
    if distribution is None:
        return {own}, own
    devices = distribution.device_mesh.backend_mesh.devices
    found = {device.process_index for device in devices.flat}
    return found, own


def count_processes():
    """Number of processes that are connected."""
    return jax.process_count()


def from_first_process(data):
    """Sends bytes from process 0 to all.

    Args:
        data: Bytes; any in the others.

    Returns:
        The bytes of process 0.
    """
    size = np.frombuffer(len(data).to_bytes(8, "little"), np.uint8)
    size = multihost_utils.broadcast_one_to_all(size)
    size = int.from_bytes(size.tobytes(), "little")
    data = np.frombuffer(data, np.uint8)
    if jax.process_index():
        data = np.zeros(size, np.uint8)
    return multihost_utils.broadcast_one_to_all(data).tobytes()


def is_split(variable):
    """Whether no process has all of a variable's value."""
    value = variable.value
    return not (value.is_fully_addressable or value.is_fully_replicated)


def count_replicas():
    """1: a step of JAX sees the whole batch, however it is split."""
    return 1


def first_row(size):
    """0: a step of JAX sees the whole batch, however it is split."""
    return 0


def sum_over_replicas(tensor):
    """The tensor: a step of JAX sees the whole batch, however it is split."""
    return tensor


def train_step(run, state, data):
    """One step of `fit`.

    Args:
        run: The model's `BalancedRun`.
        state: Lists of the values of the trainable and other variables, and
            those of the optimizer and the metrics.
        data: A batch.

    Returns:
        Dict of scalars by name, and the new state.
    """
    step = _Step(run, state, *keras.utils.unpack_x_y_sample_weight(data))
    gradients, balanced = step.gradients()
    logs = step.logs(balanced)
    values, optimizer_values = run.model.optimizer.stateless_apply(
        step.optimizer_values, gradients, step.values
    )
    return logs, (values, step.fixed, optimizer_values, step.metric_values)


def guarded_step(guard, step, state, data):
    """One step of `fit`, of which what is not finite is taken back.

    Args:
        guard: The model's `StepGuard`.
        step: Function of the state and the data.
        state: As for `train_step`.
        data: A batch.

    Returns:
        Dict of scalars by name, and the new state.
    """
    model = guard.model
    with _scope(model, state) as scope:
        guard.begin()
        before = {id(v): v.value for v in guard.everything()}
    _, new = step(_state(model, scope), data)
    with _scope(model, new) as scope:
        for undone, pairs in guard.judge(before):
            for variable, old in pairs:
                value = jax.numpy.where(undone, old, variable.value)
                variable.assign(value)
        logs = guard.logs()
    return logs, _state(model, scope)


def balance(run, x, y, sample_weight):
    """The gradients of one batch.

    Args:
        run: The model's `BalancedRun`.
        x: Inputs.
        y: Dict of truths by task.
        sample_weight: As for `fit`.

    Returns:
        List of gradients of the trainable variables, the `Balanced` step, and
        the predictions.
    """
    state = [[v.value for v in group] for group in _groups(run.model)]
    step = _Step(run, state, x, y, sample_weight)
    return *step.gradients(), step.y_pred


class _Step:
    """The values of a model's variables while one step goes on."""

    def __init__(self, run, state, x, y, sample_weight):
        self.run, self.model, self.graph = run, run.model, run.graph
        self.values, self.fixed = state[:2]
        self.optimizer_values, self.metric_values = state[2:]
        self.x, self.y, self.sample_weight = x, y, sample_weight
        places = {
            id(v): i for i, v in enumerate(self.model.trainable_variables)
        }
        self.trunk_places, self.other_places = (
            [places[id(variable)] for variable in group]
            for group in (self.graph.trunk_variables, sources(self.graph))
        )
        with self._scope():
            self.scale = self.model.optimizer.scale_loss(jax.numpy.ones(()))

    def gradients(self):
        """Gradients of all trainable variables, and the `Balanced` step."""
        before = self.fixed
        trunk = [self.values[place] for place in self.trunk_places]
        others = [self.values[place] for place in self.other_places]
        forks, pull, (fixed, extra, self.constants) = jax.vjp(
            self._run_trunk, trunk, has_aux=True
        )
        self.fixed = fixed
        self.losses, aux = self._run_rest(forks, others)
        present, self.y_pred, fixed, metric_values, more = aux
        # The compiler finds that all of them run the same, and runs it once.
        rows = [
            self._task_gradients(index, forks, others)
            for index in range(len(self.losses))
        ]
        self.fixed, self.metric_values = fixed, metric_values

        def pull_all(slopes):
            given = [s for s, c in zip(slopes, self.constants) if c is None]
            pairs = zip(forks, given)
            zeros = jax.numpy.zeros_like
            return pull([zeros(f) if s is None else s for f, s in pairs])[0]

        gradients, balanced = self._balance(rows, pull_all, present)
        gradients = self._in_order(gradients)
        if extra or more:
            value, slopes = jax.value_and_grad(self._extra_loss)(
                self.values, before
            )
            balanced.extra_loss = value / self.scale
            gradients = add_gradients(gradients, slopes)
        return gradients, balanced

    def logs(self, balanced):
        """Updates the metrics, and returns all results."""
        with self._scope() as scope:
            logs = self.run.logs(
                self.x,
                self.y,
                self.y_pred,
                self.sample_weight,
                balanced,
            )
        self._keep(scope)
        return logs

    def _run_trunk(self, trunk):
        values = self._merged(self.trunk_places, trunk)
        with self.run.running(self.graph.run_trunk):
            forks, fixed, extra = self._call(values, self.fixed)
        # Integers and masks have no gradient.
        constants = [None if _is_float(fork) else fork for fork in forks]
        return [f for f in forks if _is_float(f)], (fixed, extra, constants)

    def _run_rest(self, forks, others):
        """The losses; then labels, predictions, state and losses of layers."""
        values = self._merged(self.other_places, others)
        given = iter(forks)
        forks = [next(given) if c is None else c for c in self.constants]
        with self.run.running(lambda x: self.graph.run_rest(x, forks)):
            y_pred, fixed, extra = self._call(values, self.fixed)
        with self._scope() as scope:
            losses, present = self.run.measure(
                self.y, y_pred, self.sample_weight
            )
        metric_values = _current(scope, self.model.metrics_variables)
        return losses, (present, y_pred, fixed, metric_values, extra)

    def _task_gradients(self, index, forks, others):
        def loss(forks, others):
            return self._run_rest(forks, others)[0][index] * self.scale

        at_forks, at_others = jax.grad(loss, argnums=(0, 1))(forks, others)
        given = iter(at_forks)
        return [
            *(next(given) if c is None else None for c in self.constants),
            *at_others,
        ]

    def _balance(self, rows, pull, present):
        with self._scope() as scope:
            found = balanced_gradients(
                self.run, rows, pull, self.losses, present, self.scale
            )
        self._keep(scope)
        return found

    def _extra_loss(self, values, fixed):
        losses = self._call(values, fixed)[2]
        return sum(jax.numpy.sum(loss) for loss in losses) * self.scale

    def _call(self, values, fixed):
        return self.model.stateless_call(
            values, fixed, self.x, return_losses=True, training=True
        )

    def _merged(self, places, new):
        merged = list(self.values)
        for place, value in zip(places, new):
            merged[place] = value
        return merged

    def _in_order(self, gradients):
        order = {id(v): g for v, g in zip(variables(self.graph), gradients)}
        return [
            jax.numpy.zeros_like(value)
            if order.get(id(variable)) is None
            else order[id(variable)]
            for variable, value in zip(
                self.model.trainable_variables, self.values
            )
        ]

    def _scope(self):
        return _scope(
            self.model,
            (
                self.values,
                self.fixed,
                self.optimizer_values,
                self.metric_values,
            ),
        )

    def _keep(self, scope):
        self.fixed = _current(scope, self.model.non_trainable_variables)
        self.metric_values = _current(scope, self.model.metrics_variables)


def _groups(model):
    """The variables of which Keras' state of a step is made."""
    return (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )


def _scope(model, state):
    """A scope in which the variables have the values of a state."""
    pairs = [
        pair
        for group, values in zip(_groups(model), state)
        for pair in zip(group, values)
    ]
    return keras.StatelessScope(state_mapping=pairs)


def _state(model, scope):
    """What the variables have in a scope, as a state."""
    return tuple(_current(scope, group) for group in _groups(model))


def _is_float(tensor):
    return jax.numpy.issubdtype(tensor.dtype, jax.numpy.inexact)


def _current(scope, keras_variables):
    return [scope.get_current_value(variable) for variable in keras_variables]
