"""Models in other precisions."""

import contextlib

import keras

# Heads and decoders compute in float32 whatever the trunk does.
OUTPUTS = ("float32", "int32", "uint8")


@contextlib.contextmanager
def precision(policy):
    """Builds models in a precision of `keras.config.set_dtype_policy`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
