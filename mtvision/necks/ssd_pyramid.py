"""SSD's maps: some of a trunk, and ever coarser ones on top."""

import math

import keras
from keras import layers

from mtvision.layers import L2Normalization
from mtvision.ops.option_checks import require_count, require_not_negative
from mtvision.ops.pyramids import level_stride

# Of the normalised features of VGG16's conv4_3.
PAPER_SCALE, PAPER_CHANNELS = 20.0, 512


@keras.saving.register_keras_serializable(package="mtvision")
class SSDPyramid(layers.Layer):
    """Takes levels of a trunk and puts smaller and smaller ones on top.

    Nothing flows down, unlike in a `FeaturePyramid`.

    Args:
        levels: Names of the trunk's levels to use, or `None` for all.
        filters: Channels of each further level. It is made of the one below
            by a 1x1 convolution to half of them and a 3x3 convolution.
        strides: For each further level the stride of its 3x3 convolution: 2,
            padded, so that size is halved; or 1, without padding, so that it
            shrinks by 2, as the last two of the paper's for 300 pixels. By
            default all are 2.
        context: Channels of the pooling, dilated 3x3 and 1x1 convolution
            that take the place of VGG's dense layers on the coarsest of the
            trunk's levels; 0 for none.
        scale: Initial length of the features of the finest level, which are
            normalised; `None` for 20 * sqrt(C / 512), which is the paper's 20
            for its 512 channels and keeps the size of each for fewer; 0
            leaves the features as they are.

    Call:
        features: Dict from levels to maps (B, H, W, C).

    Returns:
        Dict from levels to maps, the further ones with the names that follow.

    Raises:
        ValueError: If the features are no dict or lack a level.

    Example:

    >>> features = {"P3": keras.ops.ones((1, 8, 8, 4)),
    ...             "P4": keras.ops.ones((1, 4, 4, 4))}
    >>> pyramid = SSDPyramid(filters=(8, 6), context=10)(features)
    >>> {k: tuple(x.shape[1:]) for k, x in sorted(pyramid.items())}
    {'P3': (8, 8, 4), 'P4': (4, 4, 10), 'P5': (2, 2, 8), 'P6': (1, 1, 6)}

    Reference:
        Liu et al., SSD, 2016.
    """

    def __init__(
        self,
        *,
        levels=("P3", "P4"),
        filters=(512, 256, 256, 256),
        strides=None,
        context=1024,
        scale=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        for number in filters:
            require_count(number, 2, "filters")
        require_count(context, 0, "context")
        strides = (2,) * len(filters) if strides is None else tuple(strides)
        if len(strides) != len(filters) or not set(strides) <= {1, 2}:
            raise ValueError(
                f"Expected strides of 1 or 2, one for each of {filters}, "
                f"received strides={strides}."
            )
        if levels is not None and not levels:
            raise ValueError(
                "Expected levels as names such as ('P3', 'P4'), or None for "
                f"all, received {levels!r}."
            )
        if scale is not None:
            require_not_negative(scale, "scale")
        self.levels = None if levels is None else tuple(levels)
        self.filters = tuple(filters)
        self.strides = strides
        self.context = context
        self.scale = scale

    def build(self, features_shape):
        """Creates the weights."""
        own = self._own(features_shape)
        self.normalize = self._normalization(features_shape[own[0]][-1])
        if self.normalize is not None:
            self.normalize.build(features_shape[own[0]])
        self.dense = self._context_steps()
        shape = _build_steps(self.dense, features_shape[own[-1]])
        self.further = {}
        for level, filters, stride in self._plan(own):
            self.further[level] = self._steps(level, filters, stride)
            shape = _build_steps(self.further[level], shape)

    def call(self, features):
        """Returns the levels, from fine to coarse."""
        own = self._own(features)
        outputs = {level: features[level] for level in own}
        x = outputs[own[-1]]
        for step in self.dense:
            x = step(x)
        outputs[own[-1]] = x
        if self.normalize is not None:
            outputs[own[0]] = self.normalize(outputs[own[0]])
        for level, steps in self.further.items():
            for step in steps:
                x = step(x)
            outputs[level] = x
        return outputs

    def compute_output_shape(self, input_shape):
        """Returns the shape of every level."""
        own = self._own(input_shape)
        shapes = {level: tuple(input_shape[level]) for level in own}
        shape = shapes[own[-1]]
        for step in self._context_steps():
            shape = step.compute_output_shape(shape)
        shapes[own[-1]] = shape
        for level, filters, stride in self._plan(own):
            for step in self._steps(level, filters, stride):
                shape = step.compute_output_shape(shape)
            shapes[level] = shape
        return shapes

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "levels": self.levels,
            "filters": self.filters,
            "strides": self.strides,
            "context": self.context,
            "scale": self.scale,
        }

    def _own(self, features):
        if not isinstance(features, dict):
            raise ValueError(
                "SSDPyramid expects a dict from levels to feature maps such "
                f"as {{'P3': ..., 'P4': ...}}, received {features!r}."
            )
        levels = self.levels or tuple(features)
        missing = [level for level in levels if level not in features]
        if missing:
            raise ValueError(
                f"SSDPyramid expects the levels {levels}, received "
                f"{sorted(features)} without {missing}. Change `levels`."
            )
        return sorted(levels, key=level_stride)

    def _plan(self, own):
        top = int(own[-1][1:])
        pairs = zip(self.filters, self.strides)
        return [(f"P{top + 1 + k}", *pair) for k, pair in enumerate(pairs)]

    def _normalization(self, channels):
        scale = self.scale
        if scale is None:
            scale = PAPER_SCALE * math.sqrt(channels / PAPER_CHANNELS)
        if scale == 0:
            return None
        return L2Normalization(scale=scale, dtype=self.dtype_policy)

    def _context_steps(self):
        if not self.context:
            return []
        pool = layers.MaxPooling2D(
            3, strides=1, padding="same", dtype=self.dtype_policy
        )
        return [
            pool,
            self._convolution(self.context, 3, "context", dilation_rate=6),
            self._convolution(self.context, 1, "context_mixed"),
        ]

    def _steps(self, level, filters, stride):
        padding = "same" if stride == 2 else "valid"
        return [
            self._convolution(filters // 2, 1, f"{level}_narrow"),
            self._convolution(
                filters, 3, level, strides=stride, padding=padding
            ),
        ]

    def _convolution(self, filters, kernel, name, padding="same", **options):
        return layers.Conv2D(
            filters,
            kernel,
            padding=padding,
            activation="relu",
            dtype=self.dtype_policy,
            name=name,
            **options,
        )


def _build_steps(steps, shape):
    for step in steps:
        step.build(shape)
        shape = step.compute_output_shape(shape)
    return shape
