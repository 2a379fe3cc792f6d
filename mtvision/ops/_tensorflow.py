"""Forms of operations that were measured faster on TensorFlow.

And its words for what LiteRT is to hold.
"""

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


def litert_options(*, float16):
    """Arguments of `model.export` for LiteRT, without TensorFlow's operations.

    Args:
        float16: Whether weights are kept in float16.

    Returns:
        Dict of keyword arguments.
    """
    target = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}
    if not float16:
        return {"target_spec": target}
    target["supported_types"] = [tf.float16]
    return {"target_spec": target, "optimizations": [tf.lite.Optimize.DEFAULT]}


def _value(x):
    return tf.convert_to_tensor(x) if isinstance(x, keras.Variable) else x
