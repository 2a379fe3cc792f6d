"""Base of the methods that need the gradients themselves."""

import numpy as np
from keras import ops

from mtvision.balancing.balancer import Balancer, require_finite


class JacobianBalancer(Balancer):
    """A direction (P,) from the gradients (T, P) of the tasks.

    For methods that look at single elements or remember gradients. They work
    at the shared parameters only. Where `num_batches` is more than 1, the
    gradients are those of as many independent parts of the batch,
    (num_batches, T, P).

    Args:
        smoothing: As in `Balancer`.

    Example:

    >>> class Signs(JacobianBalancer):
    ...     def transform(self, gradients, losses, active):
    ...         return keras.ops.sign(gradients), keras.ops.ones_like(losses)
    >>> direction = Signs().direction([[4.0, -0.5], [3.0, -2.0]], losses=[1, 1])
    >>> [float(v) for v in direction]
    [2.0, -2.0]
    """

    at = "parameters"
    weighs_heads = False
    # Whether it compares gradients of different steps, in which a scale of
    # the loss may differ.
    remembers_gradients = True

    def build(self, num_tasks, num_parameters):
        """Creates the state of `num_tasks` gradients of P numbers each."""
        super().build(num_tasks)
        self.num_parameters = num_parameters

    def build_for(self, task_names, num_parameters):
        """As `Balancer.build_for`."""
        self.task_names = list(task_names)
        self.build(len(task_names), num_parameters)

    def direction(self, gradients, losses=None, active=None):
        """Direction for one call outside of a model; moves the state on.

        Args:
            gradients: Array (T, P), or (num_batches, T, P).
            losses: Array (T,), or `None` where the method does not read it.
            active: Bool array (T,): which tasks have a label in this batch;
                `None` for all.

        Returns:
            Tensor (P,), float32.

        Raises:
            ValueError: If a shape does not fit or a value is not finite.
        """
        gradients = np.asarray(ops.convert_to_numpy(gradients))
        parts = () if self.num_batches == 1 else (self.num_batches,)
        if gradients.shape[:-2] != parts or gradients.ndim < 2:
            shape = ", ".join([*map(str, parts), "T", "P"])
            raise ValueError(
                f"{type(self).__name__} expects gradients ({shape}), received "
                f"shape {gradients.shape}."
            )
        require_finite(gradients, "gradients")
        if not self.built:
            self.build(*gradients.shape[-2:])
        if losses is not None:
            losses = ops.convert_to_tensor(losses, "float32")
        if active is None:
            active = ops.ones((self.num_tasks,), "bool")
        active = ops.convert_to_tensor(active, "bool")
        gradients = ops.convert_to_tensor(gradients, "float32")
        gradients = ops.where(active[:, None], gradients, 0.0)
        return self.combine(gradients, losses, active)[0]

    def mix(self, stacks, gram, losses, active):
        """As `GradientBalancer.mix`."""
        direction, weights = self.combine(
            ops.cast(ops.concatenate(stacks, axis=-1), "float32"),
            losses,
            active,
        )
        ends = np.cumsum([stack.shape[-1] for stack in stacks])[:-1]
        return ops.split(direction, ends.tolist()), weights

    def combine(self, gradients, losses, active):
        """The direction (P,), and the weights (T,) of what it is made of."""
        rows, weights = self.transform(gradients, losses, active)
        weights = self._final(weights, active)
        return ops.matmul(weights, rows), weights

    def transform(self, gradients, losses, active):
        """What the method makes of the gradients, and how it weighs that.

        To be defined by each method.

        Args:
            gradients: Tensor (T, P), or (num_batches, T, P), float32, with
                zeros in the rows of tasks that are not active.
            losses: Tensor (T,), or `None`.
            active: Bool tensor (T,).

        Returns:
            Rows (T, P) and weights (T,): the direction is `weights @ rows`.
        """
        raise NotImplementedError
