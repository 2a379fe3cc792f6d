"""Forms of operations that were measured faster on TensorFlow."""

import keras
import tensorflow as tf


def compiled(function):
    """`function` by XLA, inside of graphs that do not use it as well.

    Args:
        function: Function of tensors and, by keyword only, of options:
            numbers and strings.

    Returns:
        Function of the same arguments, compiled once for each shape and
        each choice of options.
    """
    run = tf.function(function, jit_compile=True, autograph=False)

    def call(*tensors, **options):
        # Keras leaves its variables as they are, which no graph takes.
        return run(*map(_value, tensors), **options)

    return call


def _value(x):
    return tf.convert_to_tensor(x) if isinstance(x, keras.Variable) else x
