"""What all methods of balancing have in common."""

import keras
import numpy as np
from keras import ops

from mtvision.ops.loss_weights import one_for_each_task
from mtvision.ops.option_checks import require_count, require_share


class BalancerState(keras.layers.Layer):
    """The variables of a balancer: what has it as an attribute saves them.

    A layer without a call. Unlike other layers, it saves the state of its
    random numbers, too.
    """

    def save_own_variables(self, store):
        """Puts the variables into a file."""
        for number, variable in enumerate(self.variables):
            store[str(number)] = variable

    def load_own_variables(self, store):
        """Takes the variables from a file."""
        for number, variable in enumerate(self.variables):
            variable.assign(store[str(number)])


class Balancer:
    """Base of all methods: weights of T tasks, step by step.

    A method never sees the network. Its state, Keras variables, belongs to
    the model that it balances, is saved with it and lives in its compiled
    step.

    Args:
        smoothing: Share of the previous weights in the new ones, from 0 to
            below 1: `smoothing * previous + (1 - smoothing) * new`.

    Example:

    >>> balancer = mtv.balancing.LogLoss(smoothing=0.5)  # 1 / loss, smoothed
    >>> [float(balancer.weights([loss])[0]) for loss in (0.5, 0.25, 0.25)]
    [2.0, 3.0, 3.5]

    Reference:
        The smoothing: Zhou et al., On the Convergence of Stochastic
        Multi-Objective Gradient Manipulation and Beyond (CR-MOGM), 2022.
    """

    # Whether it looks at gradients, which costs more than losses alone.
    by_gradients = True
    # Of how many parts of the batch it needs the gradients.
    num_batches = 1

    def __init__(self, *, smoothing=0.0):
        require_share(smoothing, "smoothing")
        self.smoothing = smoothing
        self.num_tasks = None
        self.task_names = None
        self.state = BalancerState(name="balancing", dtype="float32")

    def build(self, num_tasks):
        """Creates the state of `num_tasks` tasks."""
        require_count(num_tasks, 1, "num_tasks")
        self.num_tasks = num_tasks
        self.state.built = True
        if self.smoothing:
            self._smoothed = self.add_state("smoothed", (num_tasks,))
            self._started = self.add_state("started", (num_tasks,))

    @property
    def built(self):
        """Whether the state has been created."""
        return self.num_tasks is not None

    @property
    def variables(self):
        """The variables of the state."""
        return self.state.variables

    def build_for(self, task_names, num_parameters):
        """Creates the state, for a model.

        Args:
            task_names: List of T names.
            num_parameters: Numbers in the gradient of what the tasks share.
        """
        self.task_names = list(task_names)
        self.build(len(task_names))

    def for_each_task(self, values, argument):
        """An option as a list of T values; see `one_for_each_task`."""
        tasks = self.task_names or self.num_tasks
        return one_for_each_task(values, tasks, argument)

    def add_state(self, name, shape, value=0.0):
        """Adds a variable that steps move, not the optimizer.

        Args:
            name: Its name.
            shape: Its shape.
            value: What it is filled with at first.

        Returns:
            A `keras.Variable`, float32.
        """
        return self.state.add_weight(
            name=name,
            shape=shape,
            initializer=keras.initializers.Constant(value),
            trainable=False,
        )

    def add_generator(self, seed):
        """Adds a source of random numbers, which go on in compiled steps.

        Args:
            seed: Whole number, or `None`.

        Returns:
            A `keras.random.SeedGenerator`.
        """
        self.state.generator = keras.random.SeedGenerator(seed)
        return self.state.generator

    def move_state(self, variable, values, where):
        """Assigns values to a variable (T,), to the tasks that are selected.

        Args:
            variable: From `add_state`.
            values: Tensor (T,), or a number.
            where: Bool tensor (T,). The rest stays as it is.
        """
        # JAX's `where` takes the value of a variable, not the variable.
        variable.assign(ops.where(where, values, variable.value))

    def step(self, values, losses=None, active=None):
        """Weights for this step; moves the state on.

        Args:
            values: Tensor: what the method weighs by.
            losses: Tensor (T,), or `None` where the method does not read it.
            active: Bool tensor (T,): which tasks have a label in this batch;
                the others get the weight 0. `None` for all.

        Returns:
            Tensor (T,), float32.
        """
        if active is None:
            active = ops.ones((self.num_tasks,), "bool")
        return self._final(self.compute_weights(values, losses, active), active)

    def weights(self, values, losses=None, active=None):
        """Weights for one call outside of a model; moves the state on.

        Args:
            values: Array, as for `step`.
            losses: Array (T,), or `None`.
            active: Bool array (T,), or `None`.

        Returns:
            Tensor (T,), float32.

        Raises:
            ValueError: If a shape does not fit or a value is not finite.
        """
        values = self._checked(np.asarray(ops.convert_to_numpy(values)))
        if losses is not None:
            losses = ops.convert_to_tensor(losses, "float32")
        if active is not None:
            active = ops.convert_to_tensor(active, "bool")
        if not self.built:
            self.build(len(values))
        return self.step(values, losses, active)

    def on_epoch_end(self, logs=None):
        """Called between epochs, outside of compiled code.

        Args:
            logs: Dict of the epoch's logs by name, or `None`.
        """

    def compute_weights(self, values, losses, active):
        """Weights (T,) for this step; those of tasks not active are ignored.

        To be defined by each method. Tasks that are not active must not
        change the weights of the others, nor their own state.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not define compute_weights."
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {"smoothing": self.smoothing}

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        return cls(**config)

    def _checked(self, values):
        """Values as a tensor, or an error."""
        raise NotImplementedError

    def _final(self, weights, active):
        """A method's weights as they count: 0 for absent tasks, smoothed."""
        weights = ops.where(active, ops.cast(weights, "float32"), 0.0)
        return self._smooth(weights, active) if self.smoothing else weights

    def _smooth(self, weights, active):
        """Absent tasks keep their smoothed weight for when they return."""
        share = self.smoothing * self._started
        mixed = share * self._smoothed + (1 - share) * weights
        self.move_state(self._smoothed, mixed, active)
        self.move_state(self._started, 1.0, active)
        return ops.where(active, mixed, 0.0)


def require_finite(values, what):
    """Raises unless an array is finite.

    Args:
        values: Array.
        what: What it holds, for the message.

    Raises:
        ValueError: Naming the first index of a bad value.
    """
    if not np.isfinite(values).all():
        index = np.argwhere(~np.isfinite(values))[0].tolist()
        raise ValueError(
            f"Expected finite {what}, received {values[tuple(index)]} at "
            f"{index}."
        )
