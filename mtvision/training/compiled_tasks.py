"""The losses and metrics of all tasks, as given to `compile`."""

import functools

import keras
import numpy as np
from keras import ops

from mtvision.training import routing, task_metric
from mtvision.training.sized_outputs import SizedOutputs
from mtvision.training.task_loss import TaskLoss
from mtvision.training.task_metric import TaskMetric


class CompiledTasks:
    """Routes truths, predictions and weights to each task by name.

    A plain object, so that Keras does not track what it holds a second time.

    Args:
        outputs: Dict of symbolic output tensors by task name.
        loss: Dict of losses by task, `None` where there is none.
        loss_weights: Dict of floats by task, or `None`.
        metrics: Dict of metrics by task, or `None`.
        weighted_metrics: As `metrics`, or `None`.
        layers: List of the model's layers. One with the name of a task and an
            attribute `loss_names` says which of our losses suit it.
        inputs: List of the model's symbolic inputs, by which the sizes of its
            outputs are found; without them, unknown ones stay so.

    Raises:
        ValueError: If a name is unknown or missing, or a value is wrong.
    """

    def __init__(
        self,
        outputs,
        loss,
        loss_weights=None,
        metrics=None,
        weighted_metrics=None,
        layers=(),
        inputs=(),
    ):
        self.names = list(outputs)
        self.outputs = outputs
        self.sized_outputs = SizedOutputs(inputs, outputs)
        self.arguments = {
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
        }
        routing.check_keys("loss", loss, self.names, required=self.names)
        trained = [n for n in self.names if loss[n] is not None]
        if not trained:
            raise ValueError(
                "Expected a loss for at least one task, received None for "
                f"all of {self.names}."
            )
        weights = routing.check_loss_weights(loss_weights, trained)
        self.losses = {n: TaskLoss(n, loss[n], weights[n]) for n in trained}
        for layer in layers:
            if layer.name in self.losses:
                routing.check_loss(self.losses[layer.name].loss, layer)
        self.metrics = self._make_metrics(outputs, "metrics", metrics)
        self.metrics += self._make_metrics(
            outputs, "weighted_metrics", weighted_metrics
        )
        _check_unique(
            self.metrics, [n.tracker.name for n in self.losses.values()]
        )

    def _make_metrics(self, outputs, argument, given):
        given = {} if given is None else given
        routing.check_keys(argument, given, self.names)
        made = []
        for name in (n for n in self.names if n in given):
            loss = self.losses[name].loss if name in self.losses else None
            for one in routing.as_list(given[name]):
                metric = task_metric.resolve(name, one, outputs[name], loss)
                weighted = argument == "weighted_metrics"
                made.append(TaskMetric(name, metric, loss, weighted=weighted))
        return made

    @property
    def state(self):
        """The running means of the losses, then the metrics."""
        return [loss.tracker for loss in self.losses.values()] + self.metrics

    def measure(self, y, y_pred, sample_weight=None):
        """The loss of each trained task, and whether it has a label at all.

        Args:
            y: Dict of truths by task.
            y_pred: Dict of predictions by task.
            sample_weight: Dict of weights (B,) by task, one tensor for all
                tasks, or `None`.

        Returns:
            List of T scalar tensors, the losses times their weights, and a
            list of T bool scalars: whether any sample of the batch carries
            the task's label.
        """
        weights = self.route(y, sample_weight)
        losses, present = [], []
        for name, loss in self.losses.items():
            value, found = loss.measure(y[name], y_pred[name], weights[name])
            losses.append(loss.weight * value)
            present.append(found)
        return losses, present

    def compute_loss(self, y, y_pred, sample_weight=None):
        """Sums the tasks' losses, each times its weight.

        Args:
            y: As for `measure`.
            y_pred: Likewise.
            sample_weight: Likewise.

        Returns:
            Scalar tensor.
        """
        weights = self.route(y, sample_weight)
        total = [
            loss.weight * loss(y[name], y_pred[name], weights[name])
            for name, loss in self.losses.items()
        ]
        return total[0] if len(total) == 1 else ops.sum(ops.stack(total))

    def update_metrics(self, y, y_pred, sample_weight=None):
        """Feeds one batch to every metric.

        Args:
            y: Dict of truths by task.
            y_pred: Dict of predictions by task.
            sample_weight: As for `compute_loss`.
        """
        weights = self.route(y, sample_weight)
        for metric in self.metrics:
            name = metric.task
            metric.update_state(y[name], y_pred[name], weights[name])

    def check_truth_keys(self, y):
        """Raises unless there is a truth for each task that needs one.

        Args:
            y: What the user gave as truth.

        Raises:
            ValueError: If it is no dict, or a name is unknown or missing.
        """
        used = {*self.losses, *(metric.task for metric in self.metrics)}
        routing.check_keys("y", y, self.names, required=used)

    def complete_weights(self, y, sample_weight):
        """Gives sample weights the structure of `y`, as Keras wants arrays.

        Args:
            y: Dict of truths by task, arrays or dicts of arrays.
            sample_weight: Dict of arrays (B,) by some of the tasks, one array
                for all, or `None`.

        Returns:
            `None`, one array, or a dict like `y`; weights of 1 for tasks that
            `sample_weight` does not name.
        """
        if not isinstance(sample_weight, dict | list | tuple):
            return sample_weight
        routing.check_keys("sample_weight", sample_weight, list(y))
        return {
            name: keras.tree.map_structure(
                functools.partial(_weight_of, sample_weight.get(name)), truth
            )
            for name, truth in y.items()
        }

    def route(self, y, sample_weight):
        """The sample weights of each task.

        Args:
            y: Dict of truths by task.
            sample_weight: Dict of weights (B,) by task, one tensor for all
                tasks, or `None`.

        Returns:
            Dict of a tensor or `None` by task.

        Raises:
            ValueError: If a name is unknown, or a truth is missing.
        """
        self.check_truth_keys(y)
        if not isinstance(sample_weight, dict | list | tuple):
            return dict.fromkeys(self.names, sample_weight)
        routing.check_keys("sample_weight", sample_weight, self.names)
        # Keras repeats a task's weights for each field of its truth.
        flat = {k: keras.tree.flatten(v) for k, v in sample_weight.items()}
        return {name: flat.get(name, [None])[0] for name in self.names}


def _weight_of(given, array):
    return np.ones(len(array), "float32") if given is None else given


def _check_unique(metrics, taken):
    seen = {}
    for metric in metrics:
        if metric.name in taken:
            raise ValueError(
                f"Task '{metric.task}' has a metric that would be logged as "
                f"'{metric.name}', like the task's loss. Give it another "
                "`name`."
            )
        if metric.name in seen:
            raise ValueError(
                f"Task '{metric.task}' has two metrics named "
                f"'{metric.metric.name}'. Give one of them another `name`."
            )
        twins = [m for m in seen.values() if m.metric is metric.metric]
        if twins:
            raise ValueError(
                f"The tasks '{twins[0].task}' and '{metric.task}' share one "
                f"metric object, '{metric.metric.name}', so their results "
                "would be mixed. Make one for each."
            )
        seen[metric.name] = metric
