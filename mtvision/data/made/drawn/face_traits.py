"""What tells one drawn person from another, and one picture from another."""

import dataclasses

import numpy as np

SKINS = ((252, 222, 196), (236, 188, 148), (200, 145, 104), (128, 82, 56))
HAIRS = (
    (32, 26, 26),
    (72, 46, 30),
    (124, 80, 46),
    (218, 182, 108),
    (172, 76, 38),
    (168, 168, 170),
)
EYES = ((84, 52, 30), (70, 118, 188), (76, 134, 84), (44, 34, 28))
STYLES = ("bald", "short", "parted", "fringe", "curls", "long", "bob")
BEARDS = ("none", "none", "none", "moustache", "chin", "full")
GLASSES = ("none", "none", "none", "round", "square")


@dataclasses.dataclass(frozen=True)
class Person:
    """A person. Lengths are shares of half of the height of the head.

    Attributes:
        skin, hair, iris: Colours, arrays (3,).
        width: Half of the width of the head.
        taper, power: Form of the head, see `shapes.egg`.
        style, beard, glasses: Names.
        hairline: How far below the top of the head the hair ends.
        side: 1 or -1, where the hair is parted.
        eye_distance: From the middle to an eye.
        eye_height, mouth_height: y of eyes and mouth.
        eye_size: Half of the width of an eye.
        eye_form: Height of an eye by its width.
        brow_width, brow_tilt, brow_gap: Thickness, slope, distance from eyes.
        nose_length, nose_width: Below the eyes, and half of its width.
        mouth_width, lip: Half of its width, and thickness.
        ear: Half of the height of an ear.
        mole: x, y of a mole, which is beyond the head for most.
    """

    skin: np.ndarray
    hair: np.ndarray
    iris: np.ndarray
    width: float
    taper: float
    power: float
    style: str
    beard: str
    glasses: str
    hairline: float
    side: int
    eye_distance: float
    eye_height: float
    eye_size: float
    eye_form: float
    brow_width: float
    brow_tilt: float
    brow_gap: float
    nose_length: float
    nose_width: float
    mouth_height: float
    mouth_width: float
    lip: float
    ear: float
    mole: np.ndarray


def draw_person(rng):
    """Draws a person.

    Args:
        rng: A `numpy.random.Generator`.

    Returns:
        A `Person`.

    Example:

    >>> draw_person(np.random.default_rng(3)).style in STYLES
    True
    """
    beard = BEARDS[rng.integers(len(BEARDS))]
    return Person(
        skin=draw_skin(rng),
        hair=HAIRS[rng.integers(len(HAIRS))] + rng.uniform(-14, 14, 3),
        iris=EYES[rng.integers(len(EYES))] + rng.uniform(-14, 14, 3),
        width=rng.uniform(0.68, 0.86),
        taper=rng.uniform(0.1, 0.42),
        power=rng.uniform(2.0, 2.7),
        style=STYLES[rng.integers(len(STYLES))],
        beard=beard,
        glasses=GLASSES[rng.integers(len(GLASSES))],
        hairline=rng.uniform(0.32, 0.52),
        side=int(rng.choice((-1, 1))),
        eye_distance=rng.uniform(0.27, 0.37),
        eye_height=rng.uniform(-0.14, 0.02),
        eye_size=rng.uniform(0.12, 0.18),
        eye_form=rng.uniform(0.5, 0.8),
        brow_width=rng.uniform(0.025, 0.065),
        brow_tilt=rng.uniform(-0.06, 0.08),
        brow_gap=rng.uniform(0.17, 0.26),
        nose_length=rng.uniform(0.28, 0.42),
        nose_width=rng.uniform(0.07, 0.15),
        mouth_height=rng.uniform(0.54, 0.64),
        mouth_width=rng.uniform(0.18, 0.32),
        lip=rng.uniform(0.02, 0.055),
        ear=rng.uniform(0.14, 0.24),
        mole=rng.uniform((-1.2, 0.1), (1.2, 0.6)),
    )


@dataclasses.dataclass(frozen=True)
class Mood:
    """How a person looks in one picture.

    Attributes:
        yaw, pitch: How far the head is turned to the right and down: by how
            much, in half heights, a tip of the nose would move.
        smile: Below 0 for a sad face, above for a smile.
        open: Half of the height of an open mouth.
        lids: Share of the eyes that is open.
        brows: How far brows are raised.
        gaze: x, y, -1 to 1.
        shirt: Colour, array (3,).
    """

    yaw: float
    pitch: float
    smile: float
    open: float
    lids: float
    brows: float
    gaze: np.ndarray
    shirt: np.ndarray


def draw_mood(rng):
    """Draws a mood.

    Args:
        rng: A `numpy.random.Generator`.

    Returns:
        A `Mood`.

    Example:

    >>> -1 < draw_mood(np.random.default_rng(3)).yaw < 1
    True
    """
    return Mood(
        yaw=rng.uniform(-0.22, 0.22),
        pitch=rng.uniform(-0.08, 0.08),
        smile=rng.uniform(-0.5, 1.2),
        open=rng.uniform(0.03, 0.12) if rng.random() < 0.35 else 0.0,
        lids=rng.uniform(0.55, 1.0),
        brows=rng.uniform(-0.03, 0.06),
        gaze=rng.uniform(-1, 1, 2),
        shirt=rng.uniform(20, 235, 3),
    )


def draw_skin(rng):
    """Draws a colour of skin, from light to dark.

    Args:
        rng: A `numpy.random.Generator`.

    Returns:
        Array (3,), red, green, blue.

    Example:

    >>> draw_skin(np.random.default_rng(3)).shape
    (3,)
    """
    place = rng.uniform(0, len(SKINS) - 1)
    places = np.arange(len(SKINS))
    return np.array([np.interp(place, places, x) for x in np.transpose(SKINS)])
