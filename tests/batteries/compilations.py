"""What JAX compiles."""

import logging


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


def compiled_by_jax(run, part):
    """How often JAX compiles a function whose name has a part.

    Args:
        run: Function without arguments, such as one that calls `fit`.
        part: For example `"train_step"`, or `"predict_step"`.

    Returns:
        A number.
    """
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
    return sum(part in name for name in handler.names)
