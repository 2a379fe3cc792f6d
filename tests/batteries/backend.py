"""The three backends behind one set of words, for tests only."""

import keras
import numpy as np


def to_numpy(x):
    return keras.tree.map_structure(keras.ops.convert_to_numpy, x)


def gradient(function, x):
    """Gradient of the sum of `function(x)` with respect to `x`, as numpy."""
    x = np.asarray(x, "float32")
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        variable = tf.Variable(x)
        with tf.GradientTape() as tape:
            value = keras.ops.sum(function(variable.value()))
        result = tape.gradient(value, variable)
        return np.zeros_like(x) if result is None else result.numpy()
    if backend == "jax":
        import jax

        return np.asarray(jax.grad(lambda v: keras.ops.sum(function(v)))(x))
    import torch

    with torch.enable_grad():
        variable = torch.tensor(x, requires_grad=True)
        value = keras.ops.sum(function(variable))
        value.backward()
    grad = variable.grad
    return np.zeros_like(x) if grad is None else grad.cpu().numpy()


def compiled(function):
    """`function` compiled as the backend's `fit` would: XLA where it is."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True, autograph=False)
    if backend == "jax":
        import jax

        return jax.jit(function)
    return function


def parameter_gradients(model, inputs, loss):
    """Gradients of `loss(model(inputs))` by variable path, as numpy arrays.

    A variable that the loss does not depend on gets zeros.
    """
    variables = model.trainable_variables
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value = loss(model(inputs, training=True))
        grads = tape.gradient(value, [v.value for v in variables])
        # Embeddings have sparse gradients.
        grads = [
            None if g is None else tf.convert_to_tensor(g).numpy()
            for g in grads
        ]
    elif backend == "jax":
        import jax

        fixed = model.non_trainable_variables

        def stateless(values):
            outputs, _ = model.stateless_call(
                values, [v.value for v in fixed], inputs, training=True
            )
            with keras.StatelessScope():  # metrics must not keep tracers
                return loss(outputs)

        grads = jax.grad(stateless)([v.value for v in variables])
        grads = [np.asarray(g) for g in grads]
    else:
        model.zero_grad()
        loss(model(inputs, training=True)).backward()
        grads = [v.value.grad for v in variables]
        grads = [None if g is None else g.cpu().numpy() for g in grads]
    return {
        v.path: np.zeros(v.shape, "float32") if g is None else np.array(g)
        for v, g in zip(variables, grads)
    }
