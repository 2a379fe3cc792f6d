"""The head of YOLO v1."""

import keras
from keras import layers, ops

from mtvision.ops.option_checks import require_count, require_share
from mtvision.ops.pyramids import take_level
from mtvision.ops.shapes import require_channels_last
from mtvision.tasks.yolo_v1.columns import num_columns

# Of the leaky ReLU, as in the paper.
_SLOPE = 0.1


@keras.saving.register_keras_serializable(package="mtvision")
class YOLOv1Head(layers.Layer):
    """Predicts a few boxes and one class in each cell of a grid.

    The map is flattened; a dense layer with leaky ReLU and dropout sees the
    whole image, and a second, linear one makes the grid. So the map, and the
    image before it, are of one fixed size, while the grid may be of any.
    With `convolutional` a 3x3 and a 1x1 convolution take their place, which
    need far fewer weights, and the grid must be that of the map.

    Args:
        num_classes: C, at least 1.
        grid: S, cells along each side of the image.
        boxes_per_cell: K, boxes that a cell predicts.
        level: Which map of a pyramid is read.
        hidden: Units of the first dense layer, or filters of the first
            convolution.
        dropout: Share of the hidden units that is dropped in training.
        convolutional: Whether it is made of convolutions.

    Call:
        features: Dict of maps (B, h, w, D), or the map of `level` itself.

    Returns:
        Grids (B, S, S, 5 K + C), float32: for each box x, y, square roots of
        width and height, confidence; then classes. The paper's 7 x 7 x 30 for
        S = 7, K = 2, C = 20.

    Raises:
        ValueError: If an option is out of range or the map does not fit.

    Example:

    >>> head = YOLOv1Head(20, hidden=8)
    >>> tuple(head({"P6": keras.ops.ones((1, 7, 7, 4))}).shape)
    (1, 7, 7, 30)

    Reference:
        Redmon et al., You Only Look Once, 2016. The convolutional form: ours.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("YOLOv1Loss",)

    def __init__(
        self,
        num_classes,
        *,
        grid=7,
        boxes_per_cell=2,
        level="P6",
        hidden=4096,
        dropout=0.5,
        convolutional=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(num_classes, 1, "num_classes")
        require_count(grid, 1, "grid")
        require_count(boxes_per_cell, 1, "boxes_per_cell")
        require_count(hidden, 1, "hidden")
        require_share(dropout, "dropout")
        self.num_classes = num_classes
        self.grid = grid
        self.boxes_per_cell = boxes_per_cell
        self.level = level
        self.hidden = hidden
        self.dropout = dropout
        self.convolutional = convolutional
        columns = num_columns(boxes_per_cell, num_classes)
        policy = self.dtype_policy
        if convolutional:
            self.first = layers.Conv2D(
                hidden, 3, padding="same", dtype=policy, name="first"
            )
            self.last = layers.Conv2D(columns, 1, dtype="float32", name="last")
        else:
            self.first = layers.Dense(hidden, dtype=policy, name="first")
            self.last = layers.Dense(
                grid * grid * columns, dtype="float32", name="last"
            )
        self.drop = layers.Dropout(dropout, dtype=policy)

    def build(self, features_shape):
        """Creates the weights."""
        shape = take_level(features_shape, self.level)
        self._require_map(shape)
        inner = (None, *shape[1:3], self.hidden)
        if not self.convolutional:
            shape = (None, shape[1] * shape[2] * shape[3])
            inner = (None, self.hidden)
        self.first.build(shape)
        self.last.build(inner)

    def call(self, features, training=None):
        """Returns the grids."""
        x = take_level(features, self.level)
        self._require_map(x.shape)
        if not self.convolutional:
            x = ops.reshape(x, (-1, x.shape[1] * x.shape[2] * x.shape[3]))
        x = ops.leaky_relu(self.first(x), negative_slope=_SLOPE)
        x = self.last(self.drop(x, training=training))
        columns = num_columns(self.boxes_per_cell, self.num_classes)
        return ops.reshape(x, (-1, self.grid, self.grid, columns))

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "grid": self.grid,
            "boxes_per_cell": self.boxes_per_cell,
            "level": self.level,
            "hidden": self.hidden,
            "dropout": self.dropout,
            "convolutional": self.convolutional,
        }

    def _require_map(self, shape):
        shape = tuple(shape)
        if len(shape) != 4 or None in shape[1:]:
            raise ValueError(
                f"{self.name} expects a map of known size, as YOLO v1 sees "
                f"the whole image at once; received {shape}. Build the model "
                "for one image_size."
            )
        if self.convolutional and shape[1:3] != (self.grid, self.grid):
            raise ValueError(
                f"{self.name} with convolutional=True expects a map of "
                f"{self.grid} x {self.grid} cells, as many as its grid has; "
                f"received {shape}. Change grid, level or the image size."
            )
