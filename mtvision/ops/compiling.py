"""Compilation of functions that take many small steps."""

import keras

if keras.backend.backend() == "tensorflow":
    from mtvision.ops._tensorflow import compiled
elif keras.backend.backend() == "jax":
    from mtvision.ops._jax import compiled
else:

    def compiled(function):
        """`function` as it is: this backend runs step by step."""
        return function
