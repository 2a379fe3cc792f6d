"""The built-in figures: people of limbs in many poses."""

import numpy as np

from mtvision.data.made.drawn import shapes
from mtvision.data.made.drawn.brush import Brush
from mtvision.data.made.drawn.figure_parts import Figure
from mtvision.data.made.drawn.figure_poses import draw_pose, turn
from mtvision.data.made.drawn.scenery import draw_clutter, take_photo
from mtvision.data.made.made_samples import MadeSamples
from mtvision.ops.keypoint_conventions import COCO_KEYPOINTS, LSP_KEYPOINTS
from mtvision.ops.option_checks import require_count, require_within

CONVENTIONS = {"lsp": LSP_KEYPOINTS, "coco": COCO_KEYPOINTS}


class StickFigures(MadeSamples):
    """Pictures of one drawn figure each, whose joints are to be found.

    A figure faces the viewer or stands with its back to it: left and right
    are told by the face and the open collar. Angles of the joints are those
    that people can reach. An arm may be behind the trunk, other parts or an
    object may hide joints, and joints may lie outside. Sample `i` is a pure
    function of the seed, the split and `i`; both conventions name points of
    the same pictures. Nothing is read from files.

    A sample is a dict of
    `"image"`, uint8 (H, H, 3);
    `"present"`, float32, 1;
    `"box"`, float32 (4,), around the figure, cut at the edges of the image;
    `"keypoints"`, float32 (K, 3), x, y in pixels and visibility: 2 for
    visible, 1 for hidden, 0 where a point is outside; x and y are then 0.
    Left is the figure's own left.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        num_images: Number of pictures.
        image_size: Side H of the pictures, pixels.
        convention: `"lsp"` for 14 joints (K), or `"coco"` for 17 key points.
        occluded: Probability of an object before the figure.
        seed: Whole number, 0 or more.

    Attributes:
        keypoint_names: Tuple of K names.
        flip_pairs: Pairs of key points that change places in a mirror.
        skeleton: Pairs of key points to draw lines between.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> figures = StickFigures("test", num_images=4, convention="coco")
    >>> figures[3]["keypoints"].shape, figures.keypoint_names[0]
    ((17, 3), 'nose')
    """

    def __init__(
        self,
        split,
        *,
        num_images=2000,
        image_size=96,
        convention="lsp",
        occluded=0.3,
        seed=0,
    ):
        require_count(num_images, 1, "num_images")
        super().__init__(split, num_samples=num_images, seed=seed)
        require_count(image_size, 16, "image_size")
        if convention not in CONVENTIONS:
            raise ValueError(
                f"Expected convention as one of {list(CONVENTIONS)}, received "
                f"{convention!r}."
            )
        require_within(occluded, 0, 1, "occluded")
        self.num_images = num_images
        self.image_size = image_size
        self.convention = convention
        self.occluded = occluded
        named = CONVENTIONS[convention]
        self.keypoint_names = named.names
        self.flip_pairs = named.flip_pairs
        self.skeleton = named.skeleton

    def make(self, rng):
        """Makes one sample."""
        picture = draw_clutter(self.image_size, rng)
        figure = Figure(draw_pose(rng), rng)
        brush = self._hold_brush(picture, figure, rng)
        figure.paint(brush)
        self._hide(brush, figure, rng)
        edges = brush.to_pixels(figure.outline())
        box = np.concatenate([edges.min(axis=0), edges.max(axis=0)])
        return {
            "image": take_photo(picture, rng),
            "present": np.float32(1),
            "box": np.clip(box, 0, self.image_size).astype("float32"),
            "keypoints": self._keypoints(brush, figure),
        }

    def _hold_brush(self, picture, figure, rng):
        """The figure fills most of the picture, and may leave it a little."""
        size = self.image_size
        angle = rng.uniform(-0.15, 0.15)
        edges = figure.outline()
        low, high = edges.min(axis=0), edges.max(axis=0)
        scale = size * rng.uniform(0.68, 1.05) / max(high - low)
        room = np.abs(size - scale * (high - low)) / 2
        shift = rng.uniform(-1, 1, 2) * room
        middle = scale * turn((low + high) / 2, angle)
        return Brush(
            picture, centre=size / 2 + shift - middle, scale=scale, turn=angle
        )

    def _hide(self, brush, figure, rng):
        if rng.random() >= self.occluded:
            return
        edges = figure.outline()
        centre = rng.uniform(edges.min(axis=0), edges.max(axis=0))
        sides = rng.uniform(0.2, 0.5, 2)
        corners = centre + sides * [(-1, -1), (1, -1), (1, 1), (-1, 1)]
        thing = shapes.polygon(corners, rounding=0.1)
        figure.cover(thing)
        brush.paint(thing, rng.uniform(20, 235, 3))

    def _keypoints(self, brush, figure):
        names = self.keypoint_names
        places = brush.to_pixels([figure.joints[name] for name in names])
        seen = [1 if figure.hidden[name] else 2 for name in names]
        points = np.concatenate([places, np.array(seen)[:, None]], axis=-1)
        outside = (places < 0) | (places >= self.image_size)
        points[outside.any(axis=-1)] = 0
        return points.astype("float32")
