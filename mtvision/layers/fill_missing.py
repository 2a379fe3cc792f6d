"""Features of an input that a sample lacks."""

import keras
from keras import layers, ops

from mtvision.ops.missing_inputs import fill_features


@keras.saving.register_keras_serializable(package="mtvision")
class FillMissing(layers.Layer):
    """Puts a learned vector in the place of the features of what is missing.

    Call:
        features: Tensor (B, ..., D).
        known: Bool tensor (B,), from `MaskMissing`.

    Returns:
        Tensor (B, ..., D).

    Example:

    >>> features = keras.ops.ones((2, 3))
    >>> known = keras.ops.convert_to_tensor([True, False])
    >>> filled = FillMissing()(features, known)
    >>> keras.ops.convert_to_numpy(filled).tolist()
    [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    """

    def build(self, features_shape, known_shape):
        """Creates the vector."""
        self.vector = self.add_weight(
            shape=(features_shape[-1],), initializer="zeros", name="vector"
        )

    def call(self, features, known):
        """Returns the filled features."""
        return fill_features(
            features, known, ops.cast(self.vector, features.dtype)
        )

    def compute_output_shape(self, features_shape, known_shape):
        """Returns the shape of the features."""
        return features_shape
