"""The built-in volumes: an organ, a vessel, and landmarks on them."""

import numpy as np

from mtvision.data.made.made_samples import MadeSamples
from mtvision.data.made.volumes.volume_drawing import (
    curve,
    egg,
    soften,
    tube,
    voxel_centres,
)
from mtvision.ops.axes import by_axis
from mtvision.ops.option_checks import (
    require_above_zero,
    require_count,
    require_not_negative,
    require_within,
)

# Lengths are shares of half of the shortest side of a volume.
BODY = (0.36, 0.24, 0.2)
LOBE = (0.15, 0.12, 0.12)
VESSEL = 0.055
# How far a body is turned at most; patients lie alike.
ANGLE = np.deg2rad(35)


class SyntheticVolumes(MadeSamples):
    """Volumes of an egg-shaped body, a lobe beside it and a forked vessel.

    Place, pose, sizes, brightness and noise differ from volume to volume, and
    small balls distract. Volume `i` of a split is a pure function of the
    seed, the split and `i`. A source for `mtvision.data.Batches`, with
    `inputs="volume"`; nothing is read from files.

    A sample is a dict of
    `"volume"`, float32 (D, H, W, 1), about 0 outside and 1 in the vessel;
    `"landmarks"`, float32 (4, 4): z, y, x in voxels, where the centre of the
    first voxel is at 0.5, and 1; or three NaN and 0 where it is absent;
    `"spacing"`, float32 (3,), as given.

    The landmarks are the narrow end of the body (`apex`), where the vessel
    leaves its wide end (`root`), where the vessel forks (`fork`), and the
    centre of the lobe (`lobe`).

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        num_volumes: Number of volumes.
        size: Voxels, `(D, H, W)` or one number for all.
        spacing: Millimetres from voxel to voxel along z, y and x, or one
            number for all. Shapes are drawn in millimetres.
        absent: Probability that the lobe is not there; likewise the vessel,
            with root and fork.
        noise: Standard deviation of the noise.
        distractors: Most small balls of a volume.
        seed: Whole number, 0 or more.

    Attributes:
        landmark_names: Tuple of the names of the landmarks.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> source = SyntheticVolumes("test", num_volumes=8, size=24)
    >>> sample = source[3]
    >>> sample["volume"].shape, sample["landmarks"].shape
    ((24, 24, 24, 1), (4, 4))
    """

    landmark_names = ("apex", "root", "fork", "lobe")

    def __init__(
        self,
        split,
        *,
        num_volumes=200,
        size=40,
        spacing=1.0,
        absent=0.1,
        noise=0.1,
        distractors=2,
        seed=0,
    ):
        require_count(num_volumes, 1, "num_volumes")
        super().__init__(split, num_samples=num_volumes, seed=seed)
        require_within(absent, 0, 1, "absent")
        require_not_negative(noise, "noise")
        require_count(distractors, 0, "distractors")
        self.num_volumes = num_volumes
        self.size = by_axis(size, _require_side, "size")
        self.spacing = by_axis(spacing, require_above_zero, "spacing")
        self.absent = absent
        self.noise = noise
        self.distractors = distractors

    def make(self, rng):
        """Makes one sample."""
        sides = np.multiply(self.size, self.spacing)
        shape = _Shape(rng, sides.min() / 2, self.absent)
        return {
            "volume": self._draw(shape, rng)[..., None],
            "landmarks": self._in_voxels(shape.landmarks),
            "spacing": np.asarray(self.spacing, "float32"),
        }

    def _draw(self, shape, rng):
        places = voxel_centres(self.size, self.spacing)
        blur = np.mean(self.spacing) / 3
        # A smooth change of brightness through the volume.
        slope = rng.uniform(-0.1, 0.1, 3) / shape.unit
        volume = places @ slope.astype("float32")
        for _ in range(rng.integers(self.distractors + 1)):
            centre = rng.uniform(-0.9, 0.9, 3) * places.max(axis=(0, 1, 2))
            radii = (rng.uniform(0.04, 0.1) * shape.unit,) * 3
            outside = egg(places, centre, np.eye(3), radii)
            volume += rng.uniform(0.3, 0.9) * soften(outside, blur)
        for outside, brightness in shape.parts(places):
            inside = soften(outside, blur)
            volume += (brightness - volume) * inside
        volume += rng.normal(0, 1, self.size) * self.noise
        return volume.astype("float32")

    def _in_voxels(self, landmarks):
        voxels = landmarks / self.spacing + np.divide(self.size, 2)
        there = np.isfinite(voxels).all(axis=-1, keepdims=True)
        return np.concatenate([voxels, there], axis=-1).astype("float32")


class _Shape:
    """What is in one volume, in millimetres from its centre.

    Args:
        rng: Random generator.
        unit: Millimetres that lengths are shares of.
        absent: Probability that a part is not there.
    """

    def __init__(self, rng, unit, absent):
        self.unit = unit
        scale = unit * rng.uniform(0.85, 1.1)
        self.axes = _rotation(rng)
        self.centre = rng.uniform(-0.15, 0.15, 3) * unit
        self.radii = scale * np.multiply(BODY, rng.uniform(0.85, 1.15, 3))
        self.taper = rng.uniform(0.2, 0.35)
        self.has_vessel, self.has_lobe = rng.uniform(size=2) >= absent
        length, _, width = self.radii
        self.apex, self.root = (
            self._at(side * length, 0, 0) for side in (-1, 1)
        )
        reach = length + scale * rng.uniform(0.18, 0.26)
        side = scale * rng.uniform(-0.1, 0.1, 2)
        self.fork = self._at(reach, *side)
        self.bend = self._at(reach - 0.1 * scale, 0, 0)
        spread = scale * rng.uniform(0.16, 0.24, 2)
        self.ends = [
            self._at(reach + spread[0], side[0] + spread[0], side[1]),
            self._at(reach + spread[1], side[0] - spread[1], side[1]),
        ]
        self.lobe_radii = scale * np.multiply(LOBE, rng.uniform(0.8, 1.2, 3))
        self.lobe = self._at(
            length * rng.uniform(0, 0.4), 0, width + 0.5 * self.lobe_radii[2]
        )
        self.vessel_radius = scale * VESSEL * rng.uniform(0.85, 1.2)
        self.brightness = rng.uniform([0.45, 0.6, 0.9], [0.65, 0.85, 1.1])

    @property
    def landmarks(self):
        """Array (4, 3), NaN where one is not there."""
        found = np.stack([self.apex, self.root, self.fork, self.lobe])
        found[1:3] += 0.0 if self.has_vessel else np.nan
        found[3] += 0.0 if self.has_lobe else np.nan
        return found

    def parts(self, places):
        """Pairs of distances from a surface, and brightness."""
        body, lobe, vessel = self.brightness
        distance = egg(
            places, self.centre, self.axes, self.radii, taper=self.taper
        )
        yield distance, body
        if self.has_lobe:
            yield egg(places, self.lobe, self.axes, self.lobe_radii), lobe
        if self.has_vessel:
            trunk = curve(self.root, self.bend, self.fork)
            lines = [trunk, *(np.stack([self.fork, e]) for e in self.ends)]
            distances = [tube(places, x, self.vessel_radius) for x in lines]
            yield np.minimum.reduce(distances), vessel

    def _at(self, *local):
        return self.centre + np.asarray(local) @ self.axes


def _rotation(rng):
    """A turn about any axis (Rodrigues), as rows of directions."""
    axis = rng.normal(size=3)
    z, y, x = axis / np.linalg.norm(axis)
    cross = np.array([[0, -x, y], [x, 0, -z], [-y, z, 0]])
    angle = rng.uniform(-ANGLE, ANGLE)
    turn = np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return np.eye(3) + turn


def _require_side(number, argument):
    require_count(number, 8, argument)
