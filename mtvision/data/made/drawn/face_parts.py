"""Painting of the parts of a face.

The unit is half of the height of a head, whose middle is 0, 0; x leads to the
right of the picture and y down. A person's right side is on the left.
"""

import numpy as np

from mtvision.data.made.drawn import shapes

SIDES = (-1, 1)
# How far before the axis of the head the parts are.
DEPTHS = {"ear": -0.1, "eye": 0.75, "nose": 1.15, "mouth": 0.85, "chin": 0.7}
BLACK = np.array((24.0, 20.0, 20.0))
WHITE = np.array((244.0, 242.0, 240.0))
LIPS = np.array((196.0, 84.0, 88.0))


class Face:
    """Where the parts of a face are, and how they are painted.

    Args:
        person: A `Person`.
        mood: A `Mood`.
    """

    def __init__(self, person, mood):
        self.person = person
        self.mood = mood
        self._form = {"taper": person.taper, "power": person.power}
        self.head = shapes.egg((0, 0), (person.width, 1), **self._form)
        self.eyes = [
            self._at(side * person.eye_distance, person.eye_height, "eye")
            for side in SIDES
        ]
        self.nose = self._at(0, person.eye_height + person.nose_length, "nose")
        self.mouth = self._at(0, person.mouth_height, "mouth")
        self.wide = person.mouth_width * (1 + 0.15 * mood.smile)
        self.lift = 0.09 * mood.smile

    def keypoints(self):
        """Array (10, 2), in the order of `KEYPOINT_NAMES`."""
        right, left = self.eyes
        size = np.array((self.person.eye_size, 0))
        corner = np.array((self.wide, 0))
        mouth = self.mouth - (0, self.lift)
        brows = [self._brow(side)[1] for side in SIDES]
        chin = self._at(0, 0.97, "chin") * (1, 0) + (0, 0.97)
        return np.stack(
            [
                *brows,
                *(right - size, right + size, left - size, left + size),
                self.nose,
                *(mouth - corner, mouth + corner),
                chin,
            ]
        )

    def outline(self):
        """Array (64, 2), places around the head."""
        return shapes.egg_edge((0, 0), (self.person.width, 1), **self._form)

    def paint(self, brush):
        """Paints the head with neck and shoulders, from back to front."""
        self._paint_body(brush)
        self._paint_head(brush)
        self._paint_beard(brush)
        self._paint_eyes(brush)
        self._paint_nose(brush)
        self._paint_mouth(brush)
        self._paint_hair(brush)
        self._paint_brows(brush)
        self._paint_glasses(brush)

    def _at(self, x, y, part):
        mood = self.mood
        shift = np.array((mood.yaw, mood.pitch)) * DEPTHS[part]
        # A turned face is narrower.
        return np.array((x * (1 - 0.5 * abs(mood.yaw)), y)) + shift

    def _paint_body(self, brush):
        person, mood = self.person, self.mood
        low = {"long": 1.35, "bob": 0.8}.get(person.style)
        if low is not None:
            back = shapes.egg(
                (0, (low - 1) / 2),
                (person.width + 0.22, (low + 1.2) / 2),
                power=4.0,
            )
            brush.paint(back, 0.85 * person.hair)
        shoulders = shapes.ellipse((0, 2.05), (1.35, 0.75))
        neck = shapes.line([(0, 0.6), (0, 1.4)], 0.34)
        brush.paint(shoulders, mood.shirt)
        brush.paint(neck, 0.86 * person.skin)

    def _paint_head(self, brush):
        person = self.person
        for side in SIDES:
            x, y = self._at(side * person.width, 0.08, "ear")
            ear = shapes.ellipse((x, y), (0.11, person.ear))
            brush.paint(ear, 0.92 * person.skin)
        brush.paint(self.head, 0.82 * person.skin)
        inner = shapes.egg(
            (0.05 * np.sign(self.mood.yaw), -0.02),
            (person.width - 0.05, 0.95),
            **self._form,
        )
        brush.paint(inner, person.skin, blur=3.0)
        mole = shapes.ellipse(person.mole + self._at(0, 0, "eye"), (0.05, 0.05))
        brush.paint(shapes.both(mole, self.head), 0.45 * person.skin)

    def _paint_beard(self, brush):
        person = self.person
        if person.beard in ("none", "moustache"):
            return
        x, y = self.mouth
        if person.beard == "full":
            gap = shapes.egg((x, y - 0.52), (person.width - 0.12, 0.5))
            low = shapes.polygon([(-2, 0.1), (2, 0.1), (2, 2), (-2, 2)])
            beard = shapes.both(shapes.without(self.head, gap), low)
        else:
            beard = shapes.ellipse((x, 0.95), (0.24, 0.26))
            beard = shapes.both(beard, self.head)
        brush.paint(beard, person.hair, blur=1.5)

    def _paint_eyes(self, brush):
        person, mood = self.person, self.mood
        high = person.eye_size * person.eye_form
        for middle in self.eyes:
            # Lids close from above and below.
            eye = shapes.ellipse(middle, (person.eye_size, high * mood.lids))
            iris = middle + mood.gaze * (0.25 * person.eye_size, 0.1 * high)
            round_ = shapes.ellipse(iris, (0.8 * high, 0.8 * high))
            pupil = shapes.ellipse(iris, (0.38 * high, 0.38 * high))
            around = (person.eye_size + 0.025, high * mood.lids + 0.03)
            brush.paint(shapes.ellipse(middle, around), 0.45 * person.skin)
            brush.paint(eye, WHITE)
            brush.paint(shapes.both(round_, eye), person.iris)
            brush.paint(shapes.both(pupil, eye), BLACK)

    def _brow(self, side):
        """Points of a brow, from its inner to its outer end."""
        person, mood = self.person, self.mood
        y = person.eye_height - person.brow_gap - mood.brows
        inner, outer = (
            self._at(side * (person.eye_distance + step), y, "eye")
            for step in (-0.14, 0.17)
        )
        middle = (inner + outer) / 2 - (0, 0.05)
        tilt = np.array((0, person.brow_tilt))
        return np.stack([inner + tilt, middle, outer])

    def _paint_brows(self, brush):
        colour = 0.75 * self.person.hair
        for side in SIDES:
            brow = shapes.line(self._brow(side), self.person.brow_width)
            brush.paint(brow, colour)

    def _paint_nose(self, brush):
        person = self.person
        x, y = self.nose
        wide = person.nose_width
        top = self._at(0, person.eye_height + 0.05, "mouth")
        bridge = shapes.line(
            [top, self.nose], 0.35 * wide, end_width=0.75 * wide
        )
        brush.paint(bridge, 1.06 * person.skin, share=0.6, blur=2.0)
        under = shapes.curve(
            (x - wide, y), (x, y + 1.2 * wide), (x + wide, y), 5
        )
        brush.paint(shapes.line(under, 0.026), 0.55 * person.skin)

    def _paint_mouth(self, brush):
        person, mood = self.person, self.mood
        x, y = self.mouth
        left, right = ((x + side * self.wide, y - self.lift) for side in SIDES)
        middle = (x, y + self.lift)
        colour = 0.5 * LIPS + 0.5 * person.skin * (0.9, 0.6, 0.6)
        if person.beard in ("moustache", "full"):
            under = y - 0.13 - self.lift / 2
            hair = shapes.curve(
                (x - 1.05 * self.wide, under + 0.08),
                (x, under - 0.1),
                (x + 1.05 * self.wide, under + 0.08),
            )
            brush.paint(shapes.line(hair, 0.06), person.hair)
        if mood.open:
            inside = shapes.egg(
                (x, y + self.lift / 2), (0.8 * self.wide, mood.open)
            )
            rim = (0.8 * self.wide + person.lip, mood.open + 1.3 * person.lip)
            brush.paint(shapes.egg((x, y + self.lift / 2), rim), colour)
            brush.paint(inside, 0.4 * LIPS)
            teeth = shapes.line(
                [(x - 0.5 * self.wide, y), (x + 0.5 * self.wide, y)], 0.03
            )
            brush.paint(shapes.both(teeth, inside), WHITE)
            return
        seam = shapes.curve(left, middle, right)
        brush.paint(shapes.line(seam, person.lip), colour)
        brush.paint(shapes.line(seam, 0.014), 0.5 * colour, share=0.9)

    def _paint_hair(self, brush):
        person = self.person
        if person.style == "bald":
            return
        cap = shapes.egg(
            (0, -0.04), (person.width + 0.1, 1.1), power=person.power
        )
        brush.paint(shapes.without(cap, self._bare()), person.hair)
        if person.style == "curls":
            for angle in np.linspace(-0.15, np.pi + 0.15, 9):
                curl = (
                    (person.width + 0.08) * np.cos(angle),
                    -0.1 - 0.95 * np.sin(angle),
                )
                brush.paint(shapes.ellipse(curl, (0.2, 0.2)), person.hair)
        shine = shapes.curve(
            (-0.4 * person.side, -0.78), (0, -1.0), (0.3 * person.side, -0.88)
        )
        brush.paint(
            shapes.line(shine, 0.05), person.hair + 45, share=0.5, blur=2.0
        )

    def _bare(self):
        """What hair leaves free: the face, and all that is below."""
        person = self.person
        x, _ = self._at(0, 0, "mouth")
        line = person.hairline - 1
        wide = person.width - 0.06
        if person.style == "fringe":
            return shapes.polygon(
                [
                    *((-wide, line + 0.12), (wide, line + 0.12)),
                    *((2, 0), (2, 3), (-2, 3), (-2, 0)),
                ]
            )
        if person.style == "parted":
            part = 0.45 * person.side
            return shapes.polygon(
                [
                    *((x - wide, -0.2), (x + part, line - 0.12)),
                    *((x + wide, -0.2), (2, 0.1), (2, 3), (-2, 3), (-2, 0.1)),
                ]
            )
        low = {"long": 3.0, "bob": 0.75}.get(person.style, 0.1)
        bare = shapes.egg((x, 0.3), (wide - 0.04, 0.3 - line), power=2.6)
        below = [(-2, low), (2, low), (2, 4), (-2, 4)]
        return shapes.either(bare, shapes.polygon(below))

    def _paint_glasses(self, brush):
        person = self.person
        if person.glasses == "none":
            return
        size = person.eye_size + 0.08
        power = 2.0 if person.glasses == "round" else 6.0
        high = size if person.glasses == "round" else 0.75 * size
        for middle in self.eyes:
            outer = shapes.egg(middle, (size, high), power=power)
            inner = shapes.egg(middle, (size - 0.05, high - 0.05), power=power)
            brush.paint(shapes.without(outer, inner), BLACK)
        frame = np.array((size, 0))
        right, left = self.eyes
        bridge = shapes.line([right + frame, left - frame], 0.025)
        brush.paint(bridge, BLACK)
        for side, middle in zip(SIDES, self.eyes):
            ear = (side * (person.width - 0.03), middle[1] + 0.05)
            arm = shapes.line([middle + side * frame, ear], 0.022)
            brush.paint(arm, BLACK)
