"""RetinaNet's head: two towers of convolutions, shared by all levels."""

import math

import keras
from keras import initializers, layers, ops

from mtvision.ops.grid_anchors import GridAnchors
from mtvision.ops.level_maps import (
    as_rows,
    choose_levels,
    map_shapes,
)
from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride, require_room
from mtvision.ops.shapes import require_channels_last
from mtvision.tasks.detection.columns import join

NORMS = (None, "batch", "group")
TOWERS = ("classes", "boxes")
# Channels in a group of GroupNormalization, as in the 32 groups of 256.
GROUP = 8


@keras.saving.register_keras_serializable(package="mtvision")
class DetectionHead(layers.Layer):
    """Gives every anchor of every level a class and a box.

    Args:
        num_classes: C. There is none for the background, which is where all
            classes are improbable.
        levels: Names of the levels to use, or `None` for all that come.
        filters: Channels of the towers.
        depth: 3x3 convolutions in each tower.
        norm: `None`, `"group"`, or `"batch"`, with statistics for each level
            of its own. Normalisation helps in a short training from scratch.
        anchors: `GridAnchors`, by default nine a cell as in the paper.
        prior: The probability of every class before training.

    Call:
        features: Dict of maps `{"P3": (B, H / 8, W / 8, D), ...}`, all of
            the same D.

    Returns:
        Tensor (B, A, 4 + C + 4), float32: for every anchor the deltas of its
        box, class logits, and the anchor itself, xyxy in pixels.

    Raises:
        ValueError: If a level is missing, or the image is smaller than a
            cell of the coarsest level.

    Example:

    >>> pyramid = {"P3": keras.ops.ones((2, 4, 4, 8))}
    >>> tuple(DetectionHead(20, filters=8, depth=1)(pyramid).shape)
    (2, 144, 28)

    Reference:
        Lin et al., Focal Loss for Dense Object Detection, 2017.
    """

    # Those of ours that read what it gives: `compile` refuses others.
    loss_names = ("DetectionLoss",)

    def __init__(
        self,
        num_classes,
        *,
        levels=None,
        filters=256,
        depth=4,
        norm=None,
        anchors=None,
        prior=0.01,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        require_count(num_classes, 1, "num_classes")
        require_count(filters, 1, "filters")
        require_count(depth, 0, "depth")
        if norm not in NORMS:
            raise ValueError(
                f"Expected norm to be one of {NORMS}, received {norm!r}."
            )
        if not 0 < prior < 1:
            raise ValueError(
                f"Expected prior between 0 and 1, received {prior!r}."
            )
        if levels is not None and not levels:
            raise ValueError(
                "Expected levels as names such as ('P3', 'P4'), or None for "
                f"all, received {levels!r}."
            )
        self.num_classes = num_classes
        self.levels = None if levels is None else tuple(levels)
        self.filters = filters
        self.depth = depth
        self.norm = norm
        self.anchors = GridAnchors() if anchors is None else anchors
        self.prior = prior

    def build(self, features_shape):
        """Creates the weights."""
        levels = choose_levels(features_shape, self.levels, self.name)
        require_room({k: features_shape[k] for k in levels})
        self.coarsest_stride = max(level_stride(k) for k in levels)
        per_cell = set(self.anchors.per_cell(levels))
        channels = {features_shape[k][-1] for k in levels}
        if len(per_cell) > 1 or len(channels) > 1:
            raise ValueError(
                f"{self.name} shares its weights, so it expects as many "
                "channels and anchors a cell at every level, received "
                f"{channels} channels and {per_cell} anchors. Put a "
                "FeaturePyramid before it."
            )
        per_cell, channels = per_cell.pop(), channels.pop()
        self.towers = {tower: [] for tower in TOWERS}
        self.norms = {}
        for tower in TOWERS:
            shape = (None, None, None, channels)
            for i in range(self.depth):
                step = self._convolution(self.filters, f"{tower}_{i}")
                step.build(shape)
                shape = (None, None, None, self.filters)
                self.towers[tower].append(step)
                self._build_norms(f"{tower}_{i}", levels)
        odds = -math.log((1 - self.prior) / self.prior)
        self.logits = self._convolution(
            per_cell * self.num_classes,
            "logits",
            dtype="float32",
            bias_initializer=initializers.Constant(odds),
        )
        self.deltas = self._convolution(per_cell * 4, "deltas", dtype="float32")
        self.logits.build(shape)
        self.deltas.build(shape)

    def call(self, features, training=None):
        """Returns the rows of all anchors."""
        levels = choose_levels(features, self.levels, self.name)
        require_room({k: features[k].shape for k in levels})
        logits, deltas = [], []
        for level in levels:
            x = self._climb("classes", features[level], level, training)
            logits.append(as_rows(self.logits(x), self.num_classes))
            x = self._climb("boxes", features[level], level, training)
            deltas.append(as_rows(self.deltas(x), 4))
        anchors = self.anchors(map_shapes(features, levels))
        return join(
            ops.concatenate(deltas, axis=1),
            ops.concatenate(logits, axis=1),
            anchors,
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "levels": self.levels,
            "filters": self.filters,
            "depth": self.depth,
            "norm": self.norm,
            "anchors": keras.saving.serialize_keras_object(self.anchors),
            "prior": self.prior,
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        anchors = keras.saving.deserialize_keras_object(config["anchors"])
        return cls(**{**config, "anchors": anchors})

    def _climb(self, tower, x, level, training):
        for i, convolution in enumerate(self.towers[tower]):
            x = convolution(x)
            norm = self.norms.get(f"{tower}_{i}_{level}")
            if norm is None:
                norm = self.norms.get(f"{tower}_{i}")
            if norm is not None:
                x = norm(x, training=training)
            x = ops.relu(x)
        return x

    def _convolution(self, filters, name, *, dtype=None, **options):
        return layers.Conv2D(
            filters,
            3,
            padding="same",
            kernel_initializer=initializers.RandomNormal(stddev=0.01),
            dtype=dtype or self.dtype_policy,
            name=name,
            **options,
        )

    def _build_norms(self, name, levels):
        if self.norm == "group":
            groups = self.filters // math.gcd(self.filters, GROUP)
            self.norms[name] = layers.GroupNormalization(
                groups, dtype=self.dtype_policy, name=f"{name}_norm"
            )
        elif self.norm == "batch":
            for level in levels:
                # Keras' 0.99 evaluates as noise in a short training.
                self.norms[f"{name}_{level}"] = layers.BatchNormalization(
                    momentum=0.9,
                    dtype=self.dtype_policy,
                    name=f"{name}_{level}_norm",
                )
        for key, norm in self.norms.items():
            if key.startswith(name) and not norm.built:
                norm.build((None, None, None, self.filters))
