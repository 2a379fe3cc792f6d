"""How far apart two embeddings are."""

import keras
from keras import layers

from mtvision.ops.embeddings import squared_distances
from mtvision.ops.shapes import require_rank, require_same_shape


@keras.saving.register_keras_serializable(package="mtvision")
class SquaredDistance(layers.Layer):
    """Squared Euclidean distance of two embeddings, in float32.

    Call:
        first: Embeddings (B, D).
        second: Embeddings (B, D).

    Returns:
        Tensor (B, 1), float32.

    Raises:
        ValueError: If the shapes differ, or are not (B, D).

    Example:

    >>> pair = np.array([[0.0, 3.0]]), np.array([[4.0, 0.0]])
    >>> float(SquaredDistance()(*pair)[0, 0])
    25.0

    Reference:
        Taigman et al., DeepFace, 2014 (there, weighted and absolute);
        Schroff et al., FaceNet, 2015.
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def build(self, first_shape, second_shape):
        """Checks the shapes."""
        require_rank(first_shape, 2, "embeddings (B, D)")
        self.built = True

    def call(self, first, second):
        """Returns the distances."""
        require_same_shape(first, second, self.name)
        return squared_distances(first, second)[:, None]

    def compute_output_spec(self, first, second):
        """Returns the shape and dtype of the distances."""
        require_same_shape(first, second, self.name)
        return keras.KerasTensor((first.shape[0], 1), dtype="float32")
