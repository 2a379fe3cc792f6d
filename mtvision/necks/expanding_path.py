"""From the coarsest map of a trunk back to the finest."""

import collections

import keras
from keras import layers, ops

from mtvision.layers import TransposedConv2D, Upsample2D
from mtvision.layers.upsample_2d import require_method
from mtvision.ops.option_checks import (
    require_count,
    require_flag,
    require_within,
)
from mtvision.ops.pyramids import level_stride

MERGES = ("concatenate", "add", None)
# Of a level: channels after enlarging, after merging, number of convolutions,
# channels of the result.
Step = collections.namedtuple("Step", "level enlarged merged depth result")


@keras.saving.register_keras_serializable(package="mtvision")
class ExpandingPath(layers.Layer):
    """Enlarges the coarsest map step by step, level by level.

    At each finer level the map is enlarged to its size, merged with it, and
    passes convolutions. That is the right half of a U-Net; without merging
    and with max-unpooling it is the decoder of SegNet or DeconvNet. Sizes
    need not be halves of each other.

    Args:
        filters: Channels at each finer level, from coarse to fine; `None`
            for as many as the level has.
        upsampling: How maps are enlarged: `"nearest"`, `"bilinear"`,
            `"bicubic"`, `"bed_of_nails"`, `"max_unpool"` or `"transposed"`;
            see `mtvision.layers.Upsample2D`.
        merge: `"concatenate"` or `"add"` the level, or `None`: use nothing
            but its size, and for max-unpooling the places of its maxima.
        depth: Number of convolutions at each level, one number or a list.
        transposed: Whether they are transposed convolutions, as DeconvNet's.
        normalization: Whether each is followed by BatchNorm, of momentum
            0.9.
        dropout: Share of the coarsest map that is dropped in training.
        levels: Names of the levels to use, or `None` for all.

    Call:
        features: Dict from levels to maps (B, H, W, C).

    Returns:
        Dict of the finest level's name to the map (B, H, W, F).

    Raises:
        ValueError: If an option is out of range, or the features are no dict
            of two levels or more.

    Example:

    >>> ones = keras.ops.ones
    >>> features = {"P0": ones((1, 9, 8, 4)), "P1": ones((1, 5, 4, 8)),
    ...             "P2": ones((1, 3, 2, 16))}
    >>> path = ExpandingPath(filters=(8, 6))
    >>> {level: tuple(x.shape) for level, x in path(features).items()}
    {'P0': (1, 9, 8, 6)}

    Reference:
        Ronneberger et al., U-Net, 2015; Noh et al., Learning Deconvolution
        Network for Semantic Segmentation, 2015; Badrinarayanan et al.,
        SegNet, 2015; Chaurasia and Culurciello, LinkNet, 2017 (`"add"`).
    """

    def __init__(
        self,
        filters=None,
        *,
        upsampling="transposed",
        merge="concatenate",
        depth=2,
        transposed=False,
        normalization=True,
        dropout=0.0,
        levels=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if filters is not None and not isinstance(filters, list | tuple):
            raise ValueError(
                "Expected filters as None or as numbers, one for each finer "
                f"level, received {filters!r}."
            )
        for number in filters or ():
            require_count(number, 1, "filters")
        for number in depth if isinstance(depth, list | tuple) else (depth,):
            require_count(number, 0, "depth")
        require_flag(normalization, "normalization")
        require_within(dropout, 0, 1, "dropout")
        if merge not in MERGES:
            raise ValueError(
                f"Expected merge to be one of {MERGES}, received {merge!r}."
            )
        require_method(upsampling, "upsampling")
        self.filters = None if filters is None else tuple(filters)
        self.upsampling = upsampling
        self.merge = merge
        self.depth = tuple(depth) if isinstance(depth, list | tuple) else depth
        self.transposed = transposed
        self.normalization = normalization
        self.dropout = dropout
        self.levels = None if levels is None else tuple(levels)

    def build(self, features_shape):
        """Creates the weights."""
        self.drop = layers.Dropout(self.dropout, dtype=self.dtype_policy)
        self.enlargings, self.blocks = {}, {}
        shape = tuple(features_shape[self._levels_of(features_shape)[0]])
        for step in self._steps(features_shape):
            reference = tuple(features_shape[step.level])
            self.enlargings[step.level] = Upsample2D(
                self.upsampling,
                filters=step.enlarged,
                dtype=self.dtype_policy,
                name=f"{step.level}_enlarging",
            )
            self.enlargings[step.level].build(shape, reference)
            self.blocks[step.level] = self._block(step)
            shape = (*reference[:3], step.result)

    def call(self, features, training=None):
        """Returns the dict of the finest map."""
        coarsest, *finer = self._levels_of(features)
        x = self.drop(features[coarsest], training=training)
        for level in finer:
            x = self.enlargings[level](x, features[level])
            if self.merge == "concatenate":
                x = ops.concatenate([x, features[level]], axis=-1)
            elif self.merge == "add":
                x = x + features[level]
            for convolution, normalize in self.blocks[level]:
                x = convolution(x)
                if normalize is not None:
                    x = normalize(x, training=training)
                x = ops.relu(x)
        return {finer[-1]: x}

    def compute_output_shape(self, input_shape):
        """Returns the dict of the finest map's shape."""
        last = self._steps(input_shape)[-1]
        return {last.level: (*input_shape[last.level][:3], last.result)}

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "upsampling": self.upsampling,
            "merge": self.merge,
            "depth": self.depth,
            "transposed": self.transposed,
            "normalization": self.normalization,
            "dropout": self.dropout,
            "levels": self.levels,
        }

    def _levels_of(self, features):
        """The levels that are used, from coarse to fine."""
        if not isinstance(features, dict):
            raise ValueError(
                "ExpandingPath expects a dict from levels to feature maps "
                f"such as {{'P0': ..., 'P1': ...}}, received {features!r}."
            )
        levels = self.levels or tuple(features)
        missing = [level for level in levels if level not in features]
        if missing or len(levels) < 2:
            raise ValueError(
                f"ExpandingPath expects two levels or more, of {levels}; "
                f"received {sorted(features)}. Change `levels`."
            )
        return sorted(levels, key=level_stride, reverse=True)

    def _steps(self, shapes):
        """What happens at each finer level, from coarse to fine."""
        finer = self._levels_of(shapes)[1:]
        own = [shapes[level][-1] for level in finer]
        filters = own if self.filters is None else self.filters
        depth = self.depth
        if not isinstance(depth, tuple):
            depth = (depth,) * len(finer)
        if len(filters) != len(finer) or len(depth) != len(finer):
            raise ValueError(
                "Expected filters and depth as one number for each of the "
                f"levels {finer}, from coarse to fine; received filters="
                f"{self.filters}, depth={self.depth}."
            )
        return [self._step(*row) for row in zip(finer, own, filters, depth)]

    def _step(self, level, own, filters, depth):
        # Maxima are those of each channel, and so are sums.
        same = self.upsampling == "max_unpool" or self.merge == "add"
        enlarged = own if same else filters
        merged = enlarged + own if self.merge == "concatenate" else enlarged
        return Step(
            level, enlarged, merged, depth, filters if depth else merged
        )

    def _block(self, step):
        """Pairs of a convolution and a normalization, built."""
        block, shape = [], (None, None, None, step.merged)
        for number in range(step.depth):
            convolution = self._convolution(step, number)
            convolution.build(shape)
            shape = (None, None, None, step.result)
            normalize = None
            if self.normalization:
                normalize = layers.BatchNormalization(
                    momentum=0.9,
                    dtype=self.dtype_policy,
                    name=f"{step.level}_{number}_norm",
                )
                normalize.build(shape)
            block.append((convolution, normalize))
        return block

    def _convolution(self, step, number):
        options = {
            "use_bias": not self.normalization,
            "kernel_initializer": "he_normal",
            "dtype": self.dtype_policy,
            "name": f"{step.level}_{number}_conv",
        }
        if self.transposed:
            return TransposedConv2D(step.result, 3, padding=1, **options)
        return layers.Conv2D(step.result, 3, padding="same", **options)
