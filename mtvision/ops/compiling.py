"""Compilation of functions that take many small steps."""

import keras

from mtvision.ops.exporting import is_exporting

if keras.backend.backend() == "tensorflow":
    from mtvision.ops._tensorflow import compiled as _compiled

    def compiled(function):
        """`function` by XLA, but in graphs for other runtimes as it is."""
        fast = _compiled(function)

        def call(*tensors, **options):
            run = function if is_exporting() else fast
            return run(*tensors, **options)

        return call

elif keras.backend.backend() == "jax":
    from mtvision.ops._jax import compiled
else:

    def compiled(function):
        """`function` as it is: this backend runs step by step."""
        return function
