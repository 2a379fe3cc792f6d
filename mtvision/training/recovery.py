"""Keeping a model whole when its training breaks off."""

import contextlib

import keras


@contextlib.contextmanager
def keep_variables(model):
    """Gives a model its variables back if an error leaves it without.

    While Keras trains or predicts on JAX, the variables are with the compiled
    step, and an error in it (a truth of the wrong shape) or in the data would
    lose them.

    Args:
        model: A `keras.Model`, compiled or not.

    Yields:
        Nothing.
    """
    if not hasattr(model, "jax_state_sync"):
        yield
        return
    variables = [*model.variables, *model.metrics_variables]
    if model.compiled:
        variables += model.optimizer.variables
    before = [(variable, variable.value) for variable in variables]
    try:
        yield
    except BaseException:
        model.jax_state_sync()
        for variable, value in before:
            if _is_lost(variable):
                variable.assign(value)
        raise


@contextlib.contextmanager
def unchanged(model):
    """Undoes what a forward pass does to a model's state.

    Args:
        model: A compiled `keras.Model`.

    Yields:
        Nothing.
    """
    variables = [*model.non_trainable_variables, *model.metrics_variables]
    before = [keras.ops.convert_to_numpy(v.value) for v in variables]
    # A tensor of PyTorch and its numpy form are the same memory.
    before = [value.copy() for value in before]
    try:
        yield
    finally:
        for variable, value in zip(variables, before):
            variable.assign(value)


def _is_lost(variable):
    try:
        return variable.value is None
    except TypeError:  # Keras looks for an initializer to make it anew.
        return True
