"""The step of the Adam optimizer, where a method carries its own."""

from keras import ops


def adam_step(gradient, mean, square, count, *, learning_rate):
    """What Adam takes off, and its moments afterwards.

    The constants are the paper's: 0.9, 0.999 and 1e-8.

    Args:
        gradient: Tensor of any shape.
        mean: Tensor of that shape: running mean of the gradient, 0 at first.
        square: The same of its square.
        count: Number of this step, from 1; a tensor that broadcasts.
        learning_rate: Number above 0.

    Returns:
        What to subtract, the new `mean` and the new `square`.

    Example:

    >>> step, _, _ = adam_step(np.array([3.0, -0.2]), 0, 0, 1, learning_rate=1)
    >>> [round(float(x), 3) for x in step]
    [1.0, -1.0]

    Reference:
        Kingma and Ba, Adam, 2015.
    """
    mean = 0.9 * mean + 0.1 * gradient
    square = 0.999 * square + 0.001 * ops.square(gradient)
    unbiased_mean = mean / (1 - 0.9**count)
    unbiased_square = square / (1 - 0.999**count)
    step = learning_rate * unbiased_mean / (ops.sqrt(unbiased_square) + 1e-8)
    return step, mean, square
