"""A functional Keras model whose outputs are tasks."""

import functools
import inspect

import keras
from keras import ops

from mtvision.balancing.sum import Sum
from mtvision.training import routing
from mtvision.training.balanced_run import BalancedRun
from mtvision.training.checked_call import CheckedCall
from mtvision.training.checked_data import CheckedData, CheckedInputs
from mtvision.training.compiled_tasks import CompiledTasks
from mtvision.training.data_epochs import hold
from mtvision.training.devices import check_devices, check_shares
from mtvision.training.graph import inputs_of
from mtvision.training.guarding.guard_callback import tell_of_batch
from mtvision.training.guarding.step_guard import StepGuard
from mtvision.training.measured_gradients import measure_gradients
from mtvision.training.recovery import keep_variables, unchanged
from mtvision.training.replicas import backend_steps, count_replicas


@keras.saving.register_keras_serializable(package="mtvision")
class MultiTaskModel(keras.Model):
    """A functional model with one output tensor, and one loss, for each task.

    The names of the outputs are the names of the tasks, and everything given
    by task is routed by that name and checked: a name that is unknown or
    missing is an error. A sample may lack the label of any task; it then adds
    exactly zero to that task's loss and gradients, and the task's mean is
    over the samples that do carry the label. "No label" is a sample weight of
    0, a NaN in a float truth, or -1 in an integer truth (class index).

    Everything else is a `keras.Model`: `fit`, `summary`, sub-models, `.keras`
    files.

    Args:
        inputs: `keras.Input`, or a list or dict of several.
        outputs: Dict of output tensors (B, ...) by task name.
        name: Optional name of the model.

    Attributes:
        epochs_trained: Number of the epochs of `fit` so far, by which
            `mtvision.data.Batches` know which of theirs comes next.
        optional_inputs: Names of the inputs that a sample may lack, or a dict
            of inputs for all samples.
        unchecked_inputs: Names of those in which `predict` takes NaN.

    Raises:
        ValueError: If `outputs` is no flat dict of tensors.

    Example:

    >>> image = keras.Input((8, 8, 3), name="image")
    >>> features = keras.layers.Flatten()(image)
    >>> model = MultiTaskModel(image, {
    ...     "scene": keras.layers.Dense(4)(features),
    ...     "depth": keras.layers.Dense(1)(features),
    ... })
    >>> model.compile(
    ...     "sgd",
    ...     loss={
    ...         "scene": keras.losses.SparseCategoricalCrossentropy(
    ...             from_logits=True
    ...         ),
    ...         "depth": "mean_squared_error",
    ...     },
    ...     loss_weights={"scene": 1.0, "depth": 0.5},
    ... )
    >>> nan = float("nan")
    >>> history = model.fit(
    ...     np.ones((4, 8, 8, 3)),
    ...     {"scene": np.array([0, 1, 2, -1]),
    ...      "depth": np.array([[1.0], [nan], [3.0], [nan]])},
    ...     verbose=0,
    ... )
    >>> sorted(history.history)
    ['depth_loss', 'loss', 'scene_loss']
    """

    def __init__(self, inputs, outputs, name=None, **kwargs):
        routing.check_outputs(outputs)
        super().__init__(inputs, outputs, name=name, **kwargs)
        self._symbolic_outputs = {n: outputs[n] for n in sorted(outputs)}
        self._compiled_tasks = None
        self._balanced = None
        self._guard = None
        self._show_balancing = False
        self._is_testing = False
        self.epochs_trained = 0
        self.optional_inputs = inputs_of(self, "takes_missing")
        self.unchecked_inputs = inputs_of(self, "takes_nan")
        self.balancing_state = []  # Keras forgets what is taken out of one.

    @property
    def task_names(self):
        """Names of the tasks, sorted: saving loses a dict's own order."""
        return list(self._symbolic_outputs)

    def compile(
        self,
        optimizer="rmsprop",
        loss=None,
        *,
        loss_weights=None,
        metrics=None,
        weighted_metrics=None,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
        auto_scale_loss=True,
        balancing=None,
        show_balancing=False,
        on_non_finite=None,
    ):
        """Configures the model for training.

        Args:
            optimizer: As for `keras.Model.compile`.
            loss: Dict of losses by task, one for every output; `None` for an
                output that is not to be trained.
            loss_weights: Dict of floats by task, one for every task that has
                a loss, or `None` for 1 each.
            metrics: Dict of a metric or a list of metrics by task. They see
                labelled samples only.
            weighted_metrics: As `metrics`, scaled by the sample weights.
            run_eagerly: As for `keras.Model.compile`.
            steps_per_execution: As for `keras.Model.compile`.
            jit_compile: As for `keras.Model.compile`.
            auto_scale_loss: As for `keras.Model.compile`.
            balancing: A method of `mtvision.balancing`, which says at each
                step how much each task counts, or `None`. It gets the losses
                times their `loss_weights`.
            show_balancing: Whether the progress bar shows the weights, and
                norms and cosines of the gradients, which `History` and
                TensorBoard get in any case.
            on_non_finite: What is done with a training step that would make
                a loss, a gradient, or a number of the model NaN or infinite.
                `"mask"` leaves the task out of the step if a gradient method
                balances, and the whole step otherwise, or where no other task
                is left; `"skip"` leaves the whole step out, also if a batch
                has no label at all; of a step left out nothing stays, in
                weights, optimizer, seeds, balancing and metrics; the mean of
                no step is NaN in the logs. Each epoch warns of what it left
                out, and `left_out_steps` keeps it. `"raise"` ends `fit` with a
                `ValueError`, the model as it was before the step. `None` is
                `"mask"`, but inputs that are not finite are an error already
                where arrays are given.

        Raises:
            ValueError: If a dict names an unknown task or lacks one, or a
                value is not what its place needs.
        """
        self._compiled_tasks = CompiledTasks(
            self._symbolic_outputs,
            loss=loss,
            loss_weights=loss_weights,
            metrics=metrics,
            weighted_metrics=weighted_metrics,
            layers=self.layers,
            inputs=self.inputs,
        )
        self._set_balancer(balancing, show_balancing)
        self._guard = StepGuard(
            self,
            self._compiled_tasks,
            on_non_finite,
            by_gradients=self._balances_gradients,
            steps=steps_per_execution,
        )
        if self._balanced is not None:
            self._balanced.guard = self._guard
        super().compile(
            optimizer=optimizer,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            auto_scale_loss=auto_scale_loss,
        )
        self._auto_scale_loss = auto_scale_loss
        if self._balanced is not None:
            states = self._balanced.accumulate_for(self.optimizer)
            self.balancing_state.extend(states)

    def get_compile_config(self):
        """Returns the arguments of `compile`, serialised."""
        config = super().get_compile_config()
        if config:
            arguments = {
                **self._compiled_tasks.arguments,
                "auto_scale_loss": self._auto_scale_loss,
                "balancing": self.balancer,
                "show_balancing": self._show_balancing,
                "on_non_finite": self._guard.on_non_finite,
            }
            config.update(keras.saving.serialize_keras_object(arguments))
        return config

    def compile_from_config(self, config):
        """Compiles the model as `get_compile_config` says.

        Args:
            config: Dict from `get_compile_config`.
        """
        self.compile(**keras.saving.deserialize_keras_object(config))
        self.optimizer.build(self.trainable_variables)

    @property
    def balancer(self):
        """The method given to `compile(balancing=...)`, or `None`."""
        return None if self._balanced is None else self._balanced.balancer

    @property
    def _balances_gradients(self):
        return self._balanced is not None and self._balanced.by_gradients

    @property
    def left_out_steps(self):
        """What the last `fit` left out: rows for `mtvision.format_table`."""
        return [] if self._guard is None else self._guard.rows()

    @property
    def metrics(self):
        """The total's running mean, the tasks' losses, then their metrics."""
        total, *others = super().metrics or [None]
        if self._compiled_tasks is None or total is None:
            return super().metrics
        monitors = [] if self._balanced is None else [self._balanced.monitor]
        monitors.append(self._guard.counts)
        return [total, *self._compiled_tasks.state, *monitors, *others]

    def call(self, inputs, training=None, mask=None, **kwargs):
        """Runs the graph, or the part of it that a training step asks for."""
        if self._balanced is not None and self._balanced.part is not None:
            return self._balanced.runner(inputs, training=training)
        return super().call(inputs, training=training, mask=mask, **kwargs)

    def train_step(self, *args):
        """One step of `fit`."""
        return backend_steps.guarded_step(self._guard, self._step, *args)

    def _step(self, *args):
        if self._balances_gradients:
            return backend_steps.train_step(self._balanced, *args)
        return super().train_step(*args)

    def test_step(self, *args):
        """One step of `evaluate`, which balances nothing."""
        self._is_testing = True
        try:
            return super().test_step(*args)
        finally:
            self._is_testing = False

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """Sums the tasks' weighted losses and the regularisation losses.

        Args:
            x: Not used.
            y: Dict of truths by task: tensors (B, ...) or dicts of tensors.
            y_pred: Dict of predictions by task.
            sample_weight: Dict of weights (B,) by task, one tensor (B,) for
                all tasks, or `None`. Zero means "no label".
            training: Whether the losses are to be balanced.

        Returns:
            Scalar tensor.

        Raises:
            ValueError: If a key is wrong, or a truth does not fit its task.
        """
        if training and self._balanced is not None:
            total = self._balanced.total_loss(y, y_pred, sample_weight)
        else:
            total = self._compiled_tasks.compute_loss(y, y_pred, sample_weight)
        for loss in self.losses:
            share = ops.cast(loss, total.dtype) / count_replicas()
            total += ops.sum(share)
        return total

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Feeds one batch to every metric and returns all results.

        Args:
            x: Not used.
            y: As for `compute_loss`.
            y_pred: As for `compute_loss`.
            sample_weight: As for `compute_loss`.

        Returns:
            Dict of scalars by name.
        """
        self._compiled_tasks.update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self):
        """Returns the results of all metrics."""
        results = super().get_metrics_result()
        if self._balanced is None:
            return results
        if self._show_balancing and not self._is_testing:
            return results
        hidden = self._balanced.monitor.names
        return {k: v for k, v in results.items() if k not in hidden}

    def _set_balancer(self, balancer, show):
        self._balanced = None
        self.balancing_state.clear()
        self._show_balancing = show
        if balancer is not None:
            self._balanced = BalancedRun(self, balancer, self._compiled_tasks)
            self.balancing_state.append(balancer.state)

    def measure_gradients(self, batch, *, at="parameters"):
        """Takes the tasks' gradients on one batch; changes nothing.

        Args:
            batch: `(x, y)` or `(x, y, sample_weight)`.
            at: As for a gradient method of `mtvision.balancing`.

        Returns:
            Names of the T tasks that have a loss, their losses (T,) times
            their loss weights, NaN without a label, and the inner products
            (T, T) of their gradients, as numpy.

        Raises:
            ValueError: If the model is not compiled, the batch does not fit,
                or there is nothing that two tasks share.
        """
        self._check_call({})
        tasks = self._compiled_tasks
        batch = CheckedData(tasks, self).check(batch)
        x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
        weights = tasks.complete_weights(y, weights)
        run = BalancedRun(self, Sum(at=at), tasks)
        balanced, self._balanced = self._balanced, run
        try:
            with unchanged(self):
                found = measure_gradients(run, x, y, weights)
        finally:
            self._balanced = balanced
        return list(tasks.losses), *found

    @functools.wraps(keras.Model.fit)
    def fit(self, *args, **kwargs):
        """As `keras.Model.fit`; refuses `class_weight`, checks the data."""
        return self._run("fit", args, kwargs)

    @functools.wraps(keras.Model.evaluate)
    def evaluate(self, *args, **kwargs):
        """As `keras.Model.evaluate`; checks the data."""
        return self._run("evaluate", args, kwargs)

    @functools.wraps(keras.Model.predict)
    def predict(self, x, *args, **kwargs):
        """As `keras.Model.predict`; leaves the data in its epoch."""
        size = kwargs.get("batch_size", args[0] if args else None)
        check_shares("predict", {"x": x, "batch_size": size})
        data = CheckedInputs(self)
        x = data.check_parts(x)
        with keep_variables(self), data.raising():
            return super().predict(data.wrap(hold(x)), *args, **kwargs)

    @functools.wraps(keras.Model.train_on_batch)
    def train_on_batch(self, *args, **kwargs):
        """As `keras.Model.train_on_batch`; checks the data."""
        self._check_call({})
        self._guard.counts.clear()
        results = self._run("train_on_batch", args, kwargs)
        tell_of_batch(self._guard)
        if self._balanced is not None:
            trackers = [x.tracker for x in self._compiled_tasks.losses.values()]
            self._balanced.check_losses({t.name: t.result() for t in trackers})
        return results

    @functools.wraps(keras.Model.test_on_batch)
    def test_on_batch(self, *args, **kwargs):
        """As `keras.Model.test_on_batch`; checks the data."""
        return self._run("test_on_batch", args, kwargs)

    def _run(self, name, args, kwargs):
        """Calls a method of Keras with its data checked."""
        method = getattr(super(), name)
        given = inspect.signature(method).bind(*args, **kwargs).arguments
        given |= given.pop("kwargs", {})
        self._check_call(given)
        check_devices(self, name, given)
        call = CheckedCall(
            self, method, self._compiled_tasks, self._guard, self._balanced
        )
        return call.run(given)

    def _check_call(self, given):
        if self._compiled_tasks is None:
            raise ValueError("Call `compile` before training or evaluating.")
        routing.refuse_class_weight(given.get("class_weight"))
