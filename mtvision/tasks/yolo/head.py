"""The head of YOLO with anchor boxes."""

import math

import keras
from keras import layers, ops

from mtvision.ops.grid_cells import grid_cells
from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride, require_room, take_level
from mtvision.ops.shapes import require_channels_last
from mtvision.tasks.yolo.anchor_sizes import read_anchors
from mtvision.tasks.yolo.columns import join

# Of the leaky ReLU, as in the papers on YOLO.
_SLOPE = 0.1


@keras.saving.register_keras_serializable(package="mtvision")
class YOLOHead(layers.Layer):
    """Predicts objectness, classes and a box for each anchor of each cell.

    Each level has a 3x3 convolution with BatchNorm and leaky ReLU, and a 1x1
    convolution, of its own. Images may be of any size.

    Args:
        num_classes: C, at least 1.
        anchors: Dict from levels, such as `"P5"`, to the widths and heights
            of their anchors in pixels, (K, 2). `ops.cluster_anchors` finds
            sizes that fit a data set.
        hidden: Filters of the 3x3 convolutions.
        prior: Objectness that all anchors start from, so that the many
            without an object do not outweigh the others at first.

    Call:
        features: Dict of maps (B, h, w, D), or a single one if the anchors
            are those of one level.

    Returns:
        Tensor (B, A, 11 + C), float32: for each anchor objectness and class
        logits, deltas, its cell and its size; level by level, row by row.

    Raises:
        ValueError: If an option is out of range, a level is missing, or the
            image is seen to be smaller than a cell of the coarsest level.

    Example:

    >>> head = YOLOHead(20, {"P5": [[40, 60], [120, 100]]}, hidden=4)
    >>> tuple(head({"P5": keras.ops.ones((1, 13, 13, 4))}).shape)
    (1, 338, 31)

    Reference:
        Redmon and Farhadi, YOLO9000, 2017; several levels, without shared
        weights: the same, YOLOv3, 2018; the prior: Lin et al., Focal Loss
        for Dense Object Detection, 2017.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("YOLOLoss",)

    def __init__(
        self, num_classes, anchors, *, hidden=256, prior=0.01, **kwargs
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(num_classes, 1, "num_classes")
        require_count(hidden, 1, "hidden")
        if not 0 < prior < 1:
            raise ValueError(
                f"Expected prior between 0 and 1, received prior={prior}."
            )
        self.num_classes = num_classes
        self.anchors = read_anchors(anchors)
        self.hidden = hidden
        self.prior = prior
        self.blocks = {level: self._block(level) for level in self.anchors}

    def build(self, features_shape):
        """Creates the weights."""
        self.coarsest_stride = max(level_stride(k) for k in self.anchors)
        inner = (None, None, None, self.hidden)
        for level, block in self.blocks.items():
            first, normalisation, last = block
            first.build(self._take(features_shape, level))
            normalisation.build(inner)
            last.build(inner)
            count = len(self.anchors[level])
            bias = ops.reshape(last.bias, (count, 5 + self.num_classes))
            start = math.log(self.prior / (1 - self.prior))
            prior = ops.full((count, 1), start, dtype="float32")
            bias = ops.concatenate([prior, bias[:, 1:]], axis=-1)
            last.bias.assign(ops.reshape(bias, (-1,)))

    def call(self, features, training=None):
        """Returns the predictions of all anchors."""
        if isinstance(features, dict):
            shapes = {level: x.shape for level, x in features.items()}
            require_room(shapes, self.anchors)
        rows = []
        for level in self.anchors:
            x = self._take(features, level)
            rows.append(self._predict(x, level, training))
        return ops.concatenate(rows, axis=1)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "anchors": self.anchors,
            "hidden": self.hidden,
            "prior": self.prior,
        }

    def _block(self, level):
        policy = self.dtype_policy
        count = len(self.anchors[level])
        return (
            layers.Conv2D(
                self.hidden,
                3,
                padding="same",
                use_bias=False,
                dtype=policy,
                name=f"{level}_conv",
            ),
            layers.BatchNormalization(
                momentum=0.9, dtype=policy, name=f"{level}_norm"
            ),
            layers.Conv2D(
                count * (5 + self.num_classes),
                1,
                dtype="float32",
                name=f"{level}_last",
            ),
        )

    def _take(self, features, level):
        if not isinstance(features, dict) and len(self.anchors) > 1:
            raise ValueError(
                f"{self.name} has anchors for {list(self.anchors)}: expected "
                "a dict of these maps, received a single one."
            )
        return take_level(features, level)

    def _predict(self, x, level, training):
        first, normalisation, last = self.blocks[level]
        x = normalisation(first(x), training=training)
        x = last(ops.leaky_relu(x, negative_slope=_SLOPE))
        anchors = self.anchors[level]
        map_shape = ops.shape(x)[1:3]
        cells = grid_cells(map_shape, level_stride(level), repeats=len(anchors))
        # One block (K, 2) after the other, as many as there are cells.
        blocks = ops.reshape(cells[:, :2], (-1, len(anchors), 2))
        sizes = ops.add(ops.zeros_like(blocks), anchors)
        sizes = ops.reshape(sizes, (-1, 2))
        number = 5 + self.num_classes
        x = ops.reshape(x, (ops.shape(x)[0], -1, number))
        return join(x[..., 0], x[..., 1:-4], x[..., -4:], cells, sizes)
