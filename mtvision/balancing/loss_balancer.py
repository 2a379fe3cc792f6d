"""Base of the methods that weigh by the losses alone."""

import numpy as np
from keras import ops

from mtvision.balancing.balancer import Balancer, require_finite


class LossBalancer(Balancer):
    """Weights from the losses (T,) of the tasks.

    A step costs what a plain one costs. The weights multiply the losses, and
    so weigh the heads as well as the trunk.

    `compute_weights(losses, None, active)` gets losses through which no
    gradient flows; where the weights depend on trainable variables of the
    method, the gradient of the weighted sum reaches those.

    Args:
        smoothing: As in `Balancer`.

    Example:

    >>> class Squares(LossBalancer):
    ...     def compute_weights(self, losses, _, active):
    ...         return losses
    >>> [float(w) for w in Squares().weights([0.5, 2.0])]
    [0.5, 2.0]
    """

    by_gradients = False
    # Whether the method takes logarithms or ratios of losses.
    needs_positive_losses = False

    def penalty(self, active):
        """Scalar that is added to the weighted sum of the losses.

        Args:
            active: Bool tensor (T,).

        Returns:
            Scalar tensor, or 0.
        """
        return 0.0

    def _checked(self, values):
        if values.ndim != 1:
            raise ValueError(
                f"{type(self).__name__} expects losses (T,), received shape "
                f"{values.shape}."
            )
        require_finite(values, "losses")
        if self.needs_positive_losses and (values <= 0).any():
            task = int(np.argmax(values <= 0))
            raise ValueError(
                f"{type(self).__name__} expects losses above 0, received "
                f"{values[task]} for task {task}."
            )
        return ops.convert_to_tensor(values, "float32")
