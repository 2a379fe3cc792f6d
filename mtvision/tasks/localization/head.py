"""Head that finds one object, or one object of each kind."""

import keras
from keras import ops

from mtvision.layers.voting_head import VotingHead
from mtvision.ops.option_checks import require_count
from mtvision.ops.voting import attend, boxes_around, cell_centres
from mtvision.tasks.localization.columns import join

# Sides start some two cells away, as the anchors of RetinaNet, 2017.
CELLS = 2


@keras.saving.register_keras_serializable(package="mtvision")
class LocalizationHead(VotingHead):
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
        require_count(num_classes, 0, "num_classes")
        if num_objects is not None:
            require_count(num_objects, 1, "num_objects")
        super().__init__(
            (num_objects or 1) * (6 + num_classes),
            level=level,
            hidden=hidden,
            **kwargs,
        )
        self.num_classes = num_classes
        self.num_objects = num_objects

    def call(self, features):
        """Returns the vectors of the objects."""
        vectors = self._count(self.cast_votes(features))
        return vectors if self.num_objects else vectors[:, 0]

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "num_objects": self.num_objects,
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
