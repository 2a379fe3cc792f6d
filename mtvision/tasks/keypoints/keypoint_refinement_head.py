"""Head that looks at each key point again, closely."""

import keras
from keras import initializers, layers, ops

from mtvision.layers import RoIAlign
from mtvision.ops.keypoint_scores import keypoint_boxes, longer_sides
from mtvision.ops.option_checks import require_above_zero, require_count
from mtvision.ops.pyramids import level_stride, take_level
from mtvision.tasks.keypoints.columns import join, split


@keras.saving.register_keras_serializable(package="mtvision")
class KeypointRefinementHead(layers.Layer):
    """Moves each key point by what a square around it shows.

    A stage of a cascade. The square has a side in proportion to the pose, the
    longer side of what all its points span. No gradient flows to the points
    that it starts from, nor to the presence, which it hands on.

    Args:
        num_keypoints: K.
        share: Side of a square as a share of the pose.
        level: Which map of a pyramid is looked at.
        bins: Cells along each side of what is pooled from a square.
        hidden: Units of the layer between.

    Call:
        features: Dict of maps (B, h, w, D), or the map of `level` itself.
        vectors: Tensor (B, 1 + 2 K) of `KeypointsHead`, or of the stage
            before.

    Returns:
        Vectors (B, 1 + 2 K), float32, as `KeypointsHead` gives them.

    Raises:
        ValueError: If an option is out of range or the level is missing.

    Example:

    >>> pyramid = {"P2": keras.ops.ones((2, 16, 16, 4))}
    >>> vectors = np.ones((2, 29))
    >>> tuple(KeypointRefinementHead(14)(pyramid, vectors).shape)
    (2, 29)

    Reference:
        Toshev and Szegedy, DeepPose, 2014. There, each stage has a network of
        its own that sees the image; here all look at one trunk's map, and
        train at once.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("KeypointsLoss",)

    def __init__(
        self,
        num_keypoints,
        *,
        share=0.4,
        level="P2",
        bins=5,
        hidden=128,
        **kwargs,
    ):
        super().__init__(**{**kwargs, "autocast": False})
        require_count(num_keypoints, 1, "num_keypoints")
        require_above_zero(share, "share")
        require_count(bins, 1, "bins")
        require_count(hidden, 1, "hidden")
        self.num_keypoints = num_keypoints
        self.share = share
        self.level = level
        self.bins = bins
        self.hidden = hidden
        self.pool = RoIAlign(
            bins, spatial_scale=1 / level_stride(level), dtype=self.dtype_policy
        )
        self.dense = layers.Dense(
            hidden, use_bias=False, dtype=self.dtype_policy, name="hidden"
        )
        # Without it, the first steps leave nothing but zeros of the ReLU.
        # Keras' momentum of 0.99 evaluates as noise in a short training.
        self.normalisation = layers.BatchNormalization(
            momentum=0.9, dtype="float32", name="normalisation"
        )

    def build(self, features_shape, vectors_shape):
        """Creates the weights."""
        channels = take_level(features_shape, self.level)[-1]
        self.dense.build((None, self.bins**2 * channels))
        self.normalisation.build((None, self.num_keypoints, self.hidden))
        # What one key point has for itself.
        self.offset = self._weight("offset", (self.hidden,), "zeros")
        self.kernel = self._weight(
            "kernel",
            (self.hidden, 2),
            initializers.RandomNormal(stddev=0.01),
        )
        self.bias = self._weight("bias", (2,), "zeros")

    def call(self, features, vectors):
        """Returns the vectors of the moved key points."""
        logit, points = split(ops.stop_gradient(vectors))
        sides = self._sides(points)
        corners = [points - sides / 2, points + sides / 2]
        x = take_level(features, self.level)
        x = self.pool(x, ops.concatenate(corners, axis=-1))
        shape = (-1, self.num_keypoints, self.bins**2 * x.shape[-1])
        x = self.dense(ops.reshape(x, shape))
        x = ops.relu(self.normalisation(x) + self.offset)
        ways = ops.einsum("bkd,kdc->bkc", x, self.kernel) + self.bias
        return join(logit, points + sides * ways)

    def compute_output_spec(self, features, vectors):
        """Returns the shape and dtype of the vectors."""
        return keras.KerasTensor(vectors.shape, "float32")

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_keypoints": self.num_keypoints,
            "share": self.share,
            "level": self.level,
            "bins": self.bins,
            "hidden": self.hidden,
        }

    def _weight(self, name, shape, initializer):
        return self.add_weight(
            shape=(self.num_keypoints, *shape),
            initializer=initializer,
            autocast=False,
            name=name,
        )

    def _sides(self, points):
        """Sides of the squares, (B, 1, 1), at least a cell of the map."""
        everything = ops.ones_like(points[..., 0], dtype="bool")
        sides = self.share * longer_sides(keypoint_boxes(points, everything))
        return ops.maximum(sides, float(level_stride(self.level)))[
            :, None, None
        ]
