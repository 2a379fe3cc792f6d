"""Head that finds one object, or one object of each kind."""

import keras
from keras import layers, ops

from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride, take_level
from mtvision.ops.shapes import require_channels_last
from mtvision.ops.voting import attend, boxes_around, cell_centres
from mtvision.tasks.localization.columns import join

# Sides start some two cells away, as the anchors of RetinaNet, 2017.
CELLS = 2


@keras.saving.register_keras_serializable(package="mtvision")
class LocalizationHead(layers.Layer):
    """Lets every cell vote for an object, and attention weigh the votes.

    From a convolution of one level, each cell votes on objectness, box and
    classes of the object, and says how much its vote counts; the result is
    the mean of the votes, weighted by a softmax over the cells. A cell gives
    its box as the distances from its centre to the four sides, which are
    positive (softplus), in cells: so x1 < x2 and y1 < y2 always, and the box
    is in pixels of the model's input, whatever its size. A box may reach
    beyond the image.

    A fine level places boxes best. Where its features see too little of a
    large object, put a `FeaturePyramid` before the head or take a coarser
    level.

    Args:
        num_classes: C, 0 for none.
        num_objects: K for one object of each of K kinds (multi-label
            classification with a box a label), `None` for a single object.
        level: Which map of a pyramid the cells are taken from.
        hidden: Channels of the map that the votes are read from.

    Call:
        features: Dict of maps (B, h, w, D), or the map of `level` itself.

    Returns:
        Vectors (B, 5 + C), or (B, K, 5 + C), float32: objectness logit, x1,
        y1, x2, y2 in pixels, class logits.

    Example:

    >>> pyramid = {"P3": keras.ops.ones((2, 8, 8, 4))}
    >>> tuple(LocalizationHead(10)(pyramid).shape)
    (2, 15)
    >>> tuple(LocalizationHead(num_objects=3)(pyramid).shape)
    (2, 3, 5)

    Reference:
        The distances to the sides: Tian et al., FCOS, 2019. The attention
        in place of a centre map: a soft form of it, ours.
    """

    def __init__(
        self,
        num_classes=0,
        *,
        num_objects=None,
        level="P3",
        hidden=128,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(num_classes, 0, "num_classes")
        if num_objects is not None:
            require_count(num_objects, 1, "num_objects")
        require_count(hidden, 1, "hidden")
        self.num_classes = num_classes
        self.num_objects = num_objects
        self.level = level
        self.hidden = hidden
        self.stride = level_stride(level)
        self.convolution = layers.Conv2D(
            hidden, 3, padding="same", use_bias=False, dtype=self.dtype_policy
        )
        # Keras' momentum of 0.99 evaluates as noise in a short training.
        self.normalisation = layers.BatchNormalization(
            momentum=0.9, dtype=self.dtype_policy
        )
        self.votes = layers.Conv2D(
            (num_objects or 1) * (6 + num_classes),
            1,
            dtype="float32",
            name="votes",
        )

    def build(self, features_shape):
        """Creates the weights."""
        self.convolution.build(take_level(features_shape, self.level))
        shape = (None, None, None, self.hidden)
        for layer in (self.normalisation, self.votes):
            layer.build(shape)

    def call(self, features):
        """Returns the vectors of the objects."""
        x = self.convolution(take_level(features, self.level))
        x = ops.relu(self.normalisation(x))
        vectors = self._count(self.votes(x))
        return vectors if self.num_objects else vectors[:, 0]

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "num_objects": self.num_objects,
            "level": self.level,
            "hidden": self.hidden,
        }

    def _count(self, votes):
        """Votes (B, h, w, K * (6 + C)) to vectors (B, K, 5 + C)."""
        batch, height, width = ops.shape(votes)[:3]
        shape = (batch, -1, self.num_objects or 1, 6 + self.num_classes)
        votes = ops.reshape(votes, shape)
        centres = cell_centres(height, width, self.stride)
        distances = CELLS * self.stride * ops.softplus(votes[..., 2:6])
        boxes = boxes_around(ops.expand_dims(centres, 1), distances)
        vectors = join(votes[..., 1], boxes, votes[..., 6:])
        return attend(votes[..., 0], vectors)
