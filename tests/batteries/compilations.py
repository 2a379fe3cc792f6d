"""How often a backend builds the step of `fit` or `predict`."""

import logging

import keras


class _Names(logging.Handler):
    """Collects the names of the functions that JAX compiles."""

    def __init__(self):
        super().__init__()
        self.names = []

    def emit(self, record):
        """Takes the name out of a message of JAX."""
        words = record.getMessage().split()
        if words[0] == "Compiling":
            self.names.append(words[1])


def count_compilations(run, model, kind):
    """How often a step is compiled by JAX, or traced by TensorFlow.

    Args:
        run: Function without arguments that calls `fit` or `predict`.
        model: The model of which it does so for the first time.
        kind: `"train"` or `"predict"`.

    Returns:
        A number.
    """
    if keras.backend.backend() == "jax":
        return sum(f"{kind}_step" in name for name in _compiled_by_jax(run))
    name, calls = f"{kind}_step", []
    step = getattr(model, name)
    setattr(model, name, lambda *args: calls.append(0) or step(*args))
    run()
    return len(calls)


def _compiled_by_jax(run):
    import jax

    handler, logger = _Names(), logging.getLogger("jax")
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        with jax.log_compiles():
            run()
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagates
    return handler.names
