"""Painting of a drawn figure, part by part, from back to front."""

import numpy as np

from mtvision.data.made.drawn import shapes
from mtvision.data.made.drawn.face_traits import HAIRS, draw_skin
from mtvision.data.made.drawn.figure_poses import HEAD, SIDES

DARK = np.array((26.0, 22.0, 24.0))
WHITE = np.array((240.0, 240.0, 236.0))


class Figure:
    """Where the parts of a figure are, and how they are painted.

    Args:
        pose: A `Pose`.
        rng: A `numpy.random.Generator`, for its colours.

    Attributes:
        hidden: Dict from the name of a key point to whether a part that was
            painted later covers it.
    """

    def __init__(self, pose, rng):
        self.pose = pose
        self.joints = pose.joints
        self._places = np.transpose(list(self.joints.values()))
        self.hidden = dict.fromkeys(self.joints, False)
        self.skin = draw_skin(rng)
        self.hair = np.array(HAIRS[rng.integers(len(HAIRS))], "float64")
        self.shirt, self.trousers = rng.uniform(30, 230, (2, 3))
        self.shoes = rng.uniform(10, 120) * np.ones(3)
        self.sleeves = self.shirt if rng.random() < 0.5 else self.skin

    def outline(self):
        """Array (N, 2), places at the outer edges of the figure."""
        angles = np.linspace(0, 2 * np.pi, 32, endpoint=False)
        circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        parts = {"head": 1.02 * HEAD}
        for name in SIDES:
            parts |= {f"{name}_shoulder": 0.12, f"{name}_elbow": 0.09}
            parts |= {f"{name}_wrist": 0.12, f"{name}_hip": 0.16}
            parts |= {f"{name}_knee": 0.12, f"{name}_ankle": 0.14}
        return np.concatenate(
            [self.joints[name] + size * circle for name, size in parts.items()]
        )

    def paint(self, brush):
        """Paints all of it."""
        behind = [side for side in SIDES if side not in self.pose.before]
        for side in behind:
            self._paint_arm(brush, side)
        for side in SIDES:
            self._paint_leg(brush, side)
        self._paint_trunk(brush)
        self._paint_head(brush)
        for side in self.pose.before:
            self._paint_arm(brush, side)

    def cover(self, shape, owns=()):
        """Notes which key points are behind a part that is painted now.

        Args:
            shape: A `Shape`, in the units of the pose.
            owns: Names of the key points of the part itself.
        """
        covered = shape.outside(*self._places) < 0
        for name, is_covered in zip(self.joints, covered):
            self.hidden[name] |= bool(is_covered)
        self.hidden.update(dict.fromkeys(owns, False))

    def _paint(self, brush, shape, colour, owns=(), **options):
        self.cover(shape, owns)
        brush.paint(shape, colour, **options)

    def _limb(self, brush, names, widths, colour):
        points = [self.joints[name] for name in names]
        limb = shapes.line(points, widths[0], end_width=widths[1])
        self._paint(brush, limb, colour, names, rim=0.03)

    def _paint_arm(self, brush, side):
        shoulder, elbow, wrist = (
            f"{side}_{name}" for name in ("shoulder", "elbow", "wrist")
        )
        self._limb(brush, (elbow, wrist), (0.08, 0.06), self.sleeves)
        hand = shapes.ellipse(self.joints[wrist], (0.095, 0.095))
        self._paint(brush, hand, self.skin, (wrist,))
        self._limb(brush, (shoulder, elbow), (0.11, 0.09), self.shirt)

    def _paint_leg(self, brush, side):
        hip, knee, ankle = (
            f"{side}_{name}" for name in ("hip", "knee", "ankle")
        )
        outward = np.sign(self.joints[hip][0] or 1)
        shoe = self.joints[ankle] + (0.07 * outward, 0.07)
        self._limb(brush, (knee, ankle), (0.12, 0.085), self.trousers)
        foot = shapes.ellipse(shoe, (0.17, 0.09))
        self._paint(brush, foot, self.shoes, (ankle,))
        self._limb(brush, (hip, knee), (0.16, 0.12), self.trousers)

    def _paint_trunk(self, brush):
        names = ("right_shoulder", "left_shoulder", "left_hip", "right_hip")
        corners = np.stack([self.joints[name] for name in names])
        neck, head = self.joints["neck"], self.joints["head"]
        throat = shapes.line([neck, head], 0.1)
        self._paint(brush, throat, 0.85 * self.skin, ("neck", "head"))
        owns = (*names, "neck")
        trunk = shapes.polygon(corners, rounding=0.09)
        self._paint(brush, trunk, self.shirt, owns, rim=0.03)
        if self.pose.away:
            return
        # An open collar, and buttons down to the belt.
        width = (corners[1] - corners[0]) * 0.2
        low = 0.68 * neck
        collar = shapes.polygon([neck - width, low, neck + width])
        brush.paint(collar, WHITE)
        brush.paint(shapes.line([low, 0.1 * neck], 0.025), WHITE)

    def _paint_head(self, brush):
        joints = self.joints
        middle = joints["head"]
        turn = np.arctan2(*(joints["head_top"] - middle)[::-1]) + np.pi / 2
        head = shapes.ellipse(middle, (0.86 * HEAD, HEAD), turn=turn)
        face = ("nose", "left_eye", "right_eye")
        ears = ("left_ear", "right_ear")
        for name in ears:
            ear = shapes.ellipse(joints[name], (0.07, 0.07))
            brush.paint(ear, 0.9 * self.skin)
        if self.pose.away:
            owns = ("head_top", "head", *ears)
            self._paint(brush, head, self.hair, owns)
            return
        self._paint(brush, head, self.hair, ("head_top", "head", *face, *ears))
        up = (joints["head_top"] - middle) / HEAD
        front = middle + 0.25 * (joints["nose"] - middle) - 0.09 * up
        brush.paint(
            shapes.ellipse(front, (0.7 * HEAD, 0.76 * HEAD), turn=turn),
            self.skin,
        )
        for name in ("left_eye", "right_eye"):
            brush.paint(shapes.ellipse(joints[name], (0.045, 0.045)), DARK)
        nose = shapes.line([joints["nose"] + 0.06 * up, joints["nose"]], 0.018)
        brush.paint(nose, 0.6 * self.skin)
        mouth = front - 0.13 * up
        across = joints["left_eye"] - joints["right_eye"]
        lips = shapes.line([mouth - 0.35 * across, mouth + 0.35 * across], 0.02)
        brush.paint(lips, (150, 50, 55))
