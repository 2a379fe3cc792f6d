"""Anchors around the cells of each level of a pyramid."""

import keras
from keras import ops

from mtvision.ops.anchors import anchor_grid, cell_anchors
from mtvision.ops.option_checks import require_above_zero
from mtvision.ops.pyramids import level_stride

# A third of an octave from one scale to the next, as the paper.
SCALES = (1.0, 2 ** (1 / 3), 2 ** (2 / 3))


@keras.saving.register_keras_serializable(package="mtvision")
class GridAnchors:
    """Anchors of several sizes and shapes at every cell of every level.

    The anchors of a level are as large as its stride, 2 ** k for Pk, says;
    so they fit images of any size.

    Args:
        cells: Size of a level's first anchor, the root of its area, in
            cells of the level.
        scales: Factors of that size.
        aspect_ratios: Heights over widths.
        sizes: `None`, or for each level, from fine to coarse, a sequence of
            sizes in pixels, in place of `cells` and `scales`.
        offset: Where in its cell an anchor is centred: 0.5 is the middle, 0
            the upper left corner, as in torchvision.

    Call:
        map_shapes: Dict from levels to `(H, W)` of their maps, whole numbers
            or scalar tensors.

    Returns:
        Tensor (A, 4), xyxy in pixels, float32: level after level, row after
        row; within a cell all sizes of the first ratio, then of the next.

    Raises:
        ValueError: If a number is not positive, or if there are not as many
            `sizes` as levels.

    Example:

    >>> anchors = GridAnchors(scales=[1.0], aspect_ratios=[1.0])
    >>> boxes = anchors({"P3": (1, 2)})
    >>> keras.ops.convert_to_numpy(boxes).tolist()
    [[-12.0, -12.0, 20.0, 20.0], [-4.0, -12.0, 28.0, 20.0]]

    Reference:
        Lin et al., Focal Loss for Dense Object Detection, 2017. With an
        offset of 0 equal to torchvision's `AnchorGenerator` for RetinaNet.
    """

    def __init__(
        self,
        *,
        cells=4.0,
        scales=SCALES,
        aspect_ratios=(0.5, 1.0, 2.0),
        sizes=None,
        offset=0.5,
    ):
        require_above_zero(cells, "cells")
        self.cells = cells
        self.scales = tuple(scales)
        self.aspect_ratios = tuple(aspect_ratios)
        self.sizes = None if sizes is None else [tuple(s) for s in sizes]
        self.offset = offset
        cell_anchors(self.scales, self.aspect_ratios)  # raises
        for level_sizes in self.sizes or ():
            cell_anchors(level_sizes, self.aspect_ratios)

    def __call__(self, map_shapes):
        """Returns the anchors of all levels."""
        levels = sorted(map_shapes, key=level_stride)
        grids = [
            anchor_grid(
                map_shapes[level], level_stride(level), cell, offset=self.offset
            )
            for level, cell in zip(levels, self._cells(levels))
        ]
        return ops.concatenate(grids, axis=0)

    def per_cell(self, levels):
        """How many anchors a cell of each level has.

        Args:
            levels: Names of the levels, from fine to coarse.

        Returns:
            List of integers.

        Raises:
            ValueError: If there are not as many `sizes` as levels.
        """
        return [len(cell) for cell in self._cells(levels)]

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {
            "cells": self.cells,
            "scales": self.scales,
            "aspect_ratios": self.aspect_ratios,
            "sizes": self.sizes,
            "offset": self.offset,
        }

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        return cls(**config)

    def _cells(self, levels):
        if self.sizes is None:
            # Cut to whole pixels, as torchvision.
            sizes = [
                [
                    max(1, int(self.cells * level_stride(k) * s))
                    for s in self.scales
                ]
                for k in levels
            ]
        else:
            sizes = self.sizes
        if not levels or len(sizes) != len(levels):
            raise ValueError(
                f"Expected sizes for each of the levels {tuple(levels)}, "
                f"received {len(sizes)}: sizes={sizes}."
            )
        return [cell_anchors(s, self.aspect_ratios) for s in sizes]
