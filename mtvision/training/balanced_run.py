"""How a model is balanced: by what method, and where its tasks part."""

import contextlib
import math

import keras
from keras import ops

from mtvision.balancing.balancer import Balancer
from mtvision.ops import missing
from mtvision.training import accumulation
from mtvision.training.balanced_step import variables
from mtvision.training.balancing_monitor import BalancingMonitor
from mtvision.training.graph import Graph
from mtvision.training.replicas import (
    count_replicas,
    first_row,
    sum_over_replicas,
)


class BalancedRun:
    """Runs the training steps of a model whose tasks are balanced.

    A plain object, so that Keras does not track what it holds a second time.

    Args:
        model: The `MultiTaskModel`.
        balancer: A method of `mtvision.balancing`.
        tasks: The model's `CompiledTasks`.

    Attributes:
        guard: The model's `StepGuard`, if steps are to be made.

    Raises:
        ValueError: If there are fewer than two tasks, or nothing that they
            share can be trained.
    """

    def __init__(self, model, balancer, tasks):
        if not isinstance(balancer, Balancer):
            raise ValueError(
                "Expected balancing as a method of mtvision.balancing, such "
                f"as mtvision.balancing.UPGrad(), received {balancer!r}."
            )
        self.model, self.balancer, self.tasks = model, balancer, tasks
        self.reduce = sum_over_replicas
        self.guard = None
        self.part = None
        self.runner = RunPart(self)
        self.accumulation = None
        names = list(tasks.losses)
        if len(names) < 2:
            raise ValueError(
                "Expected at least two tasks with a loss to balance, received "
                f"{names}. Leave `balancing` out."
            )
        self.graph = None
        if self.by_gradients:
            self.graph = _shared_graph(model, names, balancer.at)
        self.monitor = BalancingMonitor(names, gradients=self.by_gradients)
        taken = {metric.name for metric in tasks.metrics} & {
            *self.monitor.names
        }
        if taken:
            raise ValueError(
                f"Balancing logs what it does as {sorted(taken)}, as a metric "
                "would be logged. Give the metric another `name`."
            )
        if not balancer.built:
            balancer.build_for(names, self._num_shared())
        size = getattr(balancer, "num_parameters", None)
        if (
            balancer.num_tasks != len(names)
            or balancer.task_names not in (None, names)
            or size not in (None, self._num_shared())
        ):
            raise ValueError(
                f"Expected a {type(balancer).__name__} of the tasks {names} "
                f"and {self._num_shared()} shared parameters, received one "
                f"that has balanced {balancer.task_names or balancer.num_tasks}"
                f"{'' if size is None else f' and {size} parameters'}. Make a "
                "new one for each model, and after freezing."
            )

    def accumulate_for(self, optimizer):
        """Prepares for an optimizer that averages over several batches.

        Args:
            optimizer: The model's.

        Returns:
            List of layers that hold what is added up.

        Raises:
            ValueError: If the method looks at gradients of features.
        """
        if not self.by_gradients or accumulation.steps_of(optimizer) == 1:
            return []
        if self.balancer.at == "features":
            raise ValueError(
                "Features of different batches cannot be averaged, as the "
                "optimizer's gradient_accumulation_steps asks. Use "
                f"{type(self.balancer).__name__}(at='parameters'), or no "
                "gradient_accumulation_steps."
            )
        self.accumulation = accumulation.Accumulation(
            optimizer,
            self.graph.trunk_variables + self.graph.partly_shared_variables,
            self.graph.private_variables,
            self.balancer.num_tasks,
            self.balancer.num_batches,
        )
        return [self.accumulation.state]

    @property
    def by_gradients(self):
        """Whether the method looks at gradients, not at losses alone."""
        return self.balancer.by_gradients

    def count_replicas(self):
        """Number of the model's replicas that run the present step."""
        return count_replicas()

    def check_losses(self, logs):
        """Raises where the method cannot take a loss as it came out.

        Args:
            logs: Dict of scalars by name; those of the tasks' losses count.

        Raises:
            ValueError: Naming the task.
        """
        if not getattr(self.balancer, "needs_positive_losses", False):
            return
        for task, compiled in self.tasks.losses.items():
            loss = float(logs.get(compiled.tracker.name, 1.0)) * compiled.weight
            if loss < 0:
                raise ValueError(
                    f"Task '{task}': {type(self.balancer).__name__} takes "
                    "the logarithm or ratio of losses, or multiplies by them, "
                    f"and expects them above 0, received {loss:g} on average. "
                    "Add a constant to the loss, or choose a method that does "
                    "not."
                )

    def total_loss(self, y, y_pred, sample_weight):
        """The weighted sum of the losses, for a method that looks at those.

        Args:
            y: Dict of truths by task.
            y_pred: Dict of predictions by task.
            sample_weight: As for `CompiledTasks.measure`.

        Returns:
            Scalar tensor.
        """
        losses, present = self.tasks.measure(y, y_pred, sample_weight)
        losses, present = ops.stack(losses), ops.stack(present)
        everywhere = self.reduce(ops.stop_gradient(losses))
        anywhere = self.reduce(ops.cast(present, "float32")) > 0
        # Weights of NaN would outlast the batch that brought it.
        usable = ops.logical_and(anywhere, ops.isfinite(everywhere))
        known = ops.where(usable, everywhere, 1.0)
        weights = self.balancer.step(known, None, usable)
        self.monitor.update_state(ops.stop_gradient(weights), usable)
        total = ops.sum(ops.where(present, weights * losses, 0.0))
        return total + self.balancer.penalty(usable) / count_replicas()

    def measure(self, y, y_pred, sample_weight):
        """As `CompiledTasks.measure`, of each part that the method asks for.

        Samples go to the parts by turns.

        Args:
            y: Dict of truths by task.
            y_pred: Dict of predictions by task.
            sample_weight: As for `CompiledTasks.measure`.

        Returns:
            List of S * T losses, and a list of as many bool scalars.
        """
        parts = self.balancer.num_batches
        if parts == 1:
            return self.tasks.measure(y, y_pred, sample_weight)
        routed = self.tasks.route(y, sample_weight)
        # A sum over a part stands for the sum over the batch.
        scales = {
            name: parts if loss.loss.reduction == "sum" else 1
            for name, loss in self.tasks.losses.items()
        }
        losses, present = [], []
        for part in range(parts):
            weights = {
                name: scale
                * _weight_in_part(routed[name], y_pred[name], part, parts)
                for name, scale in scales.items()
            }
            measured = self.tasks.measure(y, y_pred, weights)
            losses += measured[0]
            present += measured[1]
        return losses, present

    @contextlib.contextmanager
    def running(self, part):
        """Makes a call of the model run a part of its graph.

        Args:
            part: Function from the model's inputs to anything.

        Yields:
            Nothing.
        """
        self.part = part
        try:
            yield
        finally:
            self.part = None

    def call_with_forks(self, x, copy):
        """Calls the model.

        Args:
            x: Its inputs.
            copy: Function to a tensor that is equal to the one given, but a
                source of gradients of its own. For a fork may depend on
                another: the gradient at the fine maps of a pyramid must not
                hold that which comes by way of the coarse ones.

        Returns:
            List of the tensors at the forks, list of their copies, which the
            rest of the graph has read, and the outputs by task.
        """
        forks, copies = [], []

        def run(inputs):
            forks.extend(self.graph.run_trunk(inputs))
            copies.extend(copy(fork) for fork in forks)
            return self.graph.run_rest(inputs, copies)

        with self.running(run):
            y_pred = self.model(x, training=True)
        return forks, copies, y_pred

    def logs(self, x, y, y_pred, sample_weight, step):
        """Updates the metrics after a step.

        Args:
            x: Inputs.
            y: Dict of truths by task.
            y_pred: Dict of predictions by task.
            sample_weight: As for `fit`.
            step: The `Balanced` step.

        Returns:
            Dict of scalars by name.
        """
        batch = ops.shape(keras.tree.flatten(x)[0])[0]
        losses = ops.where(ops.isfinite(step.losses), step.losses, 0.0)
        total = ops.sum(losses) + step.extra_loss
        self.model.metrics[0].update_state(total, sample_weight=batch)
        self.monitor.update_state(
            step.weights, step.active, step.gram, step.broken
        )
        self.guard.note(step.broken)
        return self.model.compute_metrics(x, y, y_pred, sample_weight)

    def _num_shared(self):
        if self.graph is None:
            return 0
        shared = self.graph.trunk_variables + self.graph.partly_shared_variables
        return sum(math.prod(variable.shape) for variable in shared)


def _weight_in_part(weight, y_pred, part, parts):
    """A task's sample weights, 0 for the samples of the other parts."""
    batch = ops.shape(y_pred)[0]
    rows = first_row(batch) + ops.arange(batch, dtype="int32")
    here = rows % parts == part
    weight = ops.ones((batch,)) if weight is None else weight
    weight = ops.cast(weight, "float32")
    return ops.where(missing.align(here, weight), weight, 0.0)


class RunPart(keras.layers.Layer):
    """Runs a part of a graph, all layers of which learn whether they train.

    Args:
        run: The `BalancedRun` that says which part.
    """

    def __init__(self, run):
        super().__init__(dtype="float32", autocast=False)
        self.run = run
        self.built = True

    def call(self, inputs, training=None):
        """Returns what the part returns."""
        return self.run.part(inputs)


def _shared_graph(model, names, at):
    graph = Graph(model, names)
    if not graph.trunk and not graph.partly_shared_variables:
        raise ValueError(
            f"The tasks {names} have no layer in common, so that there are no "
            "shared gradients to balance. Give them a common trunk, or use a "
            "method that looks at the losses, such as UncertaintyWeighting."
        )
    if not graph.trunk_variables and (
        at == "features" or not graph.partly_shared_variables
    ):
        raise ValueError(
            "No layer that all tasks pass is trainable: it is frozen, or used "
            "again after the tasks part. So there are no gradients at the "
            "features to balance. Make a part of the trunk trainable and "
            "compile again, use at='parameters', or a method that looks at "
            "the losses."
        )
    known = {id(variable) for variable in variables(graph)}
    known |= {id(v) for s in model.balancing_state for v in s.variables}
    lost = [v for v in model.trainable_variables if id(v) not in known]
    if lost:
        raise ValueError(
            f"The variables {[v.path for v in lost]} are in no layer of the "
            "graph, so that it is not known which tasks use them. Make them "
            "part of a layer."
        )
    return graph
