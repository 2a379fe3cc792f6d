"""What a model does with an input that a sample may lack."""

import keras
from keras import layers

from mtvision.ops.missing_inputs import (
    drop_inputs,
    fill_inputs,
    known_inputs,
)
from mtvision.ops.option_checks import require_share


@keras.saving.register_keras_serializable(package="mtvision")
class MaskMissing(layers.Layer):
    """Separates an input from the question whether it is there.

    It is missing where a sample is NaN all over, or -1 all over for integers.
    A `MultiTaskModel` refuses inputs with NaN, but where a `MaskMissing` is
    the only layer that reads the input it lets those pass that are missing.
    `FillMissing` then takes the place of the input's features.

    Args:
        rate: Probability with which training takes an input away that is
            there, so that the model learns to do without it.
        seed: Seed of these draws, or `None`.

    Call:
        inputs: Tensor (B, ...).
        training: Whether to take inputs away.

    Returns:
        The input, with zeros where it is missing, and a bool tensor (B,):
        where it is known.

    Raises:
        ValueError: If the rate is not from 0 to below 1.

    Example:

    >>> nan = float("nan")
    >>> filled, known = MaskMissing()(np.array([[1.0, 2.0], [nan, nan]]))
    >>> [float(x) for x in filled[1]], [bool(x) for x in known]
    ([0.0, 0.0], [True, False])

    Reference:
        Neverova et al., ModDrop: adaptive multi-modal gesture recognition,
        2014.
    """

    # By this, `MultiTaskModel` knows where NaN may come in.
    takes_missing = True

    def __init__(self, *, rate=0.0, seed=None, **kwargs):
        # Years and prices lose their last digits in bfloat16.
        super().__init__(**{"autocast": False, **kwargs})
        require_share(rate, "rate")
        self.rate = rate
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, inputs, training=False):
        """Returns the filled input, and where it is known."""
        known = known_inputs(inputs)
        if training and self.rate:
            known = drop_inputs(known, self.rate, self.generator)
        return fill_inputs(inputs, known), known

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
