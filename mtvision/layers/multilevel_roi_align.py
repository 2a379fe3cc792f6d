"""RoIAlign on a feature pyramid, as a layer."""

import keras

from mtvision import ops
from mtvision.layers.region_layer import RegionLayer
from mtvision.ops import region_checks as checks
from mtvision.ops.level_maps import choose_levels


@keras.saving.register_keras_serializable(package="mtvision")
class MultilevelRoIAlign(RegionLayer):
    """Pools each box from the level of a pyramid that suits its size.

    See `mtvision.ops.multilevel_roi_align`.

    Args:
        output_size: Bins, a number or (height, width).
        sampling_ratio: Samples along each side of a bin; 0 for adaptive.
        canonical_size: Side in pixels of a box that is pooled from
            `canonical_level`.
        canonical_level: Number of that level.
        aligned: Whether pixel centres are at half-integers.
        levels: Names of the levels to pool from, or `None` for all that come.

    Call:
        features: Dict of maps (B, H, W, C) by level: `"P2"` has stride 4.
        boxes: Tensor (B, R, 4), xyxy in pixels of the image.

    Returns:
        Tensor (B, R, h, w, C).

    Example:

    >>> features = {"P2": keras.ops.ones((1, 16, 16, 3))}
    >>> boxes = np.array([[[8.0, 8.0, 40.0, 24.0]]])
    >>> tuple(MultilevelRoIAlign(7)(features, boxes).shape)
    (1, 1, 7, 7, 3)

    Reference:
        Lin et al., Feature Pyramid Networks for Object Detection, 2017.
    """

    def __init__(
        self,
        output_size,
        *,
        sampling_ratio=2,
        canonical_size=224,
        canonical_level=4,
        aligned=False,
        levels=None,
        **kwargs,
    ):
        super().__init__(output_size, **kwargs)
        self.levels = None if levels is None else tuple(levels)
        checks.check_sampling_ratio(self.kind, sampling_ratio)
        self.sampling_ratio = sampling_ratio
        checks.check_positive(self.kind, "canonical_size", canonical_size)
        self.canonical_size = canonical_size
        self.canonical_level = canonical_level
        self.aligned = aligned

    def check(self, features, boxes):
        """Raises unless the inputs can be pooled."""
        checks.check_pyramid(self.kind, self._chosen(features), boxes)

    def call(self, features, boxes):
        """Returns the pooled boxes."""
        return ops.multilevel_roi_align(
            self.cast(self._chosen(features)),
            boxes,
            self.output_size,
            sampling_ratio=self.sampling_ratio,
            canonical_size=self.canonical_size,
            canonical_level=self.canonical_level,
            aligned=self.aligned,
        )

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            **super().get_config(),
            "sampling_ratio": self.sampling_ratio,
            "canonical_size": self.canonical_size,
            "canonical_level": self.canonical_level,
            "aligned": self.aligned,
            "levels": self.levels,
        }

    def _chosen(self, features):
        if self.levels is None:
            return features
        levels = choose_levels(features, self.levels, self.name)
        return {level: features[level] for level in levels}
