"""How many random cases a property is tried on."""

import keras
from hypothesis import settings


def cases(number):
    """Settings of a property.

    Args:
        number: How many cases are drawn; a quarter of them on JAX, which
            compiles the operations of each new shape.
    """
    if keras.backend.backend() == "jax":
        number = max(number // 4, 4)
    return settings(max_examples=number, deadline=None)
