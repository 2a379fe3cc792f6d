"""The feature pyramid network."""

import itertools

import keras
from keras import layers, ops

from mtvision.ops.option_checks import require_count
from mtvision.ops.pyramids import level_stride, require_room
from mtvision.ops.resizing import resize_like


@keras.saving.register_keras_serializable(package="mtvision")
class FeaturePyramid(layers.Layer):
    """Carries the meaning of coarse maps down to the fine ones.

    Every level passes a 1x1 convolution, is added to the enlarged level
    above and smoothed by a 3x3 convolution. Sizes need not be halves of each
    other.

    Args:
        filters: Channels of every level of the result.
        levels: Names of the levels to use, such as `("P3", "P4", "P5")`;
            the result leaves the others out. None uses all.
        extra_levels: Number of levels on top, each by a strided 3x3
            convolution of the one below, with a ReLU between them.
        extra_from: What the first of them is computed from: the coarsest
            level of the `"pyramid"` or of the `"trunk"`.
        outputs: Names of the levels to give, such as `("P2",)`; None for all.
            The others lack the weights that only they would need.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        features: Dict from levels to feature maps (B, H, W, C).

    Returns:
        Dict from levels to feature maps (B, H, W, filters).

    Raises:
        ValueError: If the features are no dict or lack a level; if there are
            `outputs`, and the image is smaller than the coarsest level's
            stride.

    Example:

    >>> features = {
    ...     "P2": keras.ops.ones((1, 8, 8, 16)),
    ...     "P3": keras.ops.ones((1, 4, 4, 32)),
    ... }
    >>> pyramid = FeaturePyramid(filters=8, extra_levels=1)(features)
    >>> {level: tuple(x.shape) for level, x in pyramid.items()}
    {'P2': (1, 8, 8, 8), 'P3': (1, 4, 4, 8), 'P4': (1, 2, 2, 8)}

    Reference: Lin et al., Feature Pyramid Networks for Object Detection,
    2017; extra levels as Lin et al., Focal Loss for Dense Object Detection,
    2017, where they come from the trunk.
    """

    def __init__(
        self,
        filters=256,
        *,
        levels=None,
        extra_levels=0,
        extra_from="pyramid",
        outputs=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_count(filters, 1, "filters")
        require_count(extra_levels, 0, "extra_levels")
        if levels is not None and not levels:
            raise ValueError(
                "Expected levels as names such as ('P3', 'P4'), or None for "
                f"all, received {levels!r}."
            )
        if extra_from not in ("pyramid", "trunk"):
            raise ValueError(
                "Expected extra_from to be 'pyramid' or 'trunk', received "
                f"{extra_from!r}."
            )
        if outputs is not None and not outputs:
            raise ValueError(
                "Expected outputs as names such as ('P2',), or None for all, "
                f"received {outputs!r}."
            )
        self.filters = filters
        self.levels = None if levels is None else tuple(levels)
        self.extra_levels = extra_levels
        self.extra_from = extra_from
        self.outputs = None if outputs is None else tuple(outputs)

    def build(self, input_shape):
        """Creates the weights."""
        merged, smoothed, extras = self._needed(input_shape)
        if self.outputs is not None:
            coarsest = self._inner_levels(input_shape)[-1]
            self.coarsest_stride = level_stride(coarsest)
        self.laterals, self.smoothers, self.extras = {}, {}, {}
        for level in self._inner_levels(input_shape):
            if level in merged:
                self.laterals[level] = self._convolution(1, f"{level}_lateral")
                self.laterals[level].build(input_shape[level])
            if level in smoothed:
                self.smoothers[level] = self._convolution(3, f"{level}_smooth")
                self.smoothers[level].build((None, None, None, self.filters))
        channels = self.filters
        if self.extra_from == "trunk":
            channels = input_shape[self._inner_levels(input_shape)[-1]][-1]
        for level in extras:
            self.extras[level] = self._convolution(3, level, strides=2)
            self.extras[level].build((None, None, None, channels))
            channels = self.filters

    def call(self, features):
        """Returns the pyramid's levels, from fine to coarse."""
        inner, smoothed, extras = self._needed(features)
        if self.outputs is not None:
            # Heads cannot tell, as they do not see the coarse levels.
            every = self._inner_levels(features)
            require_room({k: features[k].shape for k in every})
        merged = {k: self.laterals[k](features[k]) for k in inner}
        for coarse, fine in itertools.pairwise(reversed(inner)):
            merged[fine] += resize_like(
                merged[coarse], merged[fine], interpolation="nearest"
            )
        outputs = {k: self.smoothers[k](merged[k]) for k in smoothed}
        from_trunk = self.extra_from == "trunk"
        x = None
        if extras:
            top = self._inner_levels(features)[-1]
            x = (features if from_trunk else outputs)[top]
        for level in extras:
            outputs[level] = self.extras[level](x)
            x = ops.relu(outputs[level])
        return {k: outputs[k] for k in self._given_levels(features)}

    def compute_output_shape(self, input_shape):
        """Returns the shape of every level."""
        inner = self._inner_levels(input_shape)
        shapes = {k: (*input_shape[k][:3], self.filters) for k in inner}
        batch, *size, _ = shapes[inner[-1]]
        for level in self._extra_levels(input_shape):
            size = [None if n is None else -(-n // 2) for n in size]
            shapes[level] = (batch, *size, self.filters)
        return {k: shapes[k] for k in self._given_levels(input_shape)}

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "levels": self.levels,
            "extra_levels": self.extra_levels,
            "extra_from": self.extra_from,
            "outputs": self.outputs,
        }

    def _inner_levels(self, features):
        """The levels that are used, from fine to coarse."""
        if not isinstance(features, dict):
            raise ValueError(
                "FeaturePyramid expects a dict from levels to feature maps "
                f"such as {{'P3': ..., 'P4': ...}}, received {features!r}."
            )
        levels = self.levels or tuple(features)
        missing = [level for level in levels if level not in features]
        if missing:
            raise ValueError(
                f"FeaturePyramid expects the levels {levels}, received "
                f"{sorted(features)} without {missing}. Change `levels`."
            )
        return sorted(levels, key=_number)

    def _extra_levels(self, features):
        top = _number(self._inner_levels(features)[-1])
        return [f"P{top + 1 + k}" for k in range(self.extra_levels)]

    def _given_levels(self, features):
        """The levels of the result, from fine to coarse."""
        inner = self._inner_levels(features)
        levels = [*inner, *self._extra_levels(features)]
        outputs = self.outputs or levels
        unknown = [level for level in outputs if level not in levels]
        if unknown:
            raise ValueError(
                f"FeaturePyramid has the levels {levels}, but outputs="
                f"{self.outputs} names {unknown}."
            )
        return [level for level in levels if level in outputs]

    def _needed(self, features):
        """The levels to merge, to smooth and to add on top."""
        inner = self._inner_levels(features)
        given = self._given_levels(features)
        extras = self._extra_levels(features)
        while extras and extras[-1] not in given:
            extras.pop()
        smoothed = [k for k in inner if k in given]
        if extras and self.extra_from == "pyramid":
            smoothed = [k for k in inner if k in (*given, inner[-1])]
        merged = inner[inner.index(smoothed[0]) :] if smoothed else []
        return merged, smoothed, extras

    def _convolution(self, kernel, name, strides=1):
        return layers.Conv2D(
            self.filters,
            kernel,
            strides=strides,
            padding="same",
            dtype=self.dtype_policy,
            name=name,
        )


def _number(level):
    return int(level[1:])
