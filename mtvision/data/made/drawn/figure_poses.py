"""How a drawn figure stands: where its joints are."""

import dataclasses

import numpy as np

SIDES = ("right", "left")
# Lengths by that of the trunk, from hips to neck.
SHOULDER, HIP = 0.36, 0.2
UPPER_ARM, FOREARM = 0.62, 0.56
THIGH, SHIN = 0.86, 0.8
HEAD, TO_HEAD = 0.3, 0.42


@dataclasses.dataclass(frozen=True)
class Pose:
    """A pose.

    Attributes:
        joints: Dict from the name of a key point, of both conventions, to an
            array (2,): x, y by the length of the trunk, from between the hips.
        away: Whether the back is seen.
        before: Names of the sides whose arm is before the trunk.
    """

    joints: dict
    away: bool
    before: tuple


def draw_pose(rng):
    """Draws a pose in which a person can stand.

    Args:
        rng: A `numpy.random.Generator`.

    Returns:
        A `Pose`.

    Example:

    >>> pose = draw_pose(np.random.default_rng(0))
    >>> round(float(np.linalg.norm(pose.joints["neck"])), 6)
    1.0
    """
    away = rng.random() < 0.4
    # Where the person's left is in the picture, and how broad it looks.
    left = (-1 if away else 1) * rng.uniform(0.65, 1.0)
    up = _direction(rng.uniform(-0.3, 0.3)) * -1
    across = np.array((-up[1], up[0])) * left
    neck = up
    joints = {"neck": neck} | _head(rng, neck, across, away)
    for name, sign in zip(SIDES, (-1, 1)):
        outward = float(np.sign(sign * left))
        shoulder = neck - 0.06 * up + sign * SHOULDER * across
        joints |= _arm(rng, name, shoulder, outward, up)
        joints |= _leg(rng, name, sign * HIP * across, outward)
    before = tuple(name for name in SIDES if rng.random() < 0.6)
    return Pose(joints, away, before)


def turn(places, angle):
    """Turns places about 0, 0.

    Args:
        places: Array (..., 2).
        angle: In radians, clockwise where y points down.

    Returns:
        Array (..., 2).

    Example:

    >>> turn(np.array([1.0, 0.0]), np.pi / 2).round(6).tolist()
    [0.0, 1.0]
    """
    cosine, sine = np.cos(angle), np.sin(angle)
    return places @ np.array([[cosine, sine], [-sine, cosine]])


def _head(rng, neck, across, away):
    up = turn(neck, rng.uniform(-0.3, 0.3))
    across = np.array((-up[1], up[0])) * np.sign(across[0])
    middle = neck + TO_HEAD * up
    gaze = 0 if away else rng.uniform(-0.25, 0.25)
    joints = {
        "head": middle,
        "head_top": middle + HEAD * up,
        "nose": middle + HEAD * (gaze * across - 0.12 * up),
    }
    for name, sign in zip(SIDES, (-1, 1)):
        eye = (gaze + 0.38 * sign) * across + 0.15 * up
        joints[f"{name}_eye"] = middle + HEAD * eye
        joints[f"{name}_ear"] = middle + HEAD * (0.92 * sign * across)
    return joints


def _arm(rng, name, shoulder, outward, up):
    hang = rng.uniform(-0.2, 2.7)
    # Forearms bend forwards, up or down, and never far to the back.
    bend = rng.choice((1, 1, -1)) * rng.uniform(0.0, 2.2)
    lean = np.arctan2(-up[0], -up[1])
    first, second = (
        _direction(outward * angle + 0.5 * lean)
        for angle in (hang, hang + bend)
    )
    elbow = shoulder + _seen(rng) * UPPER_ARM * first
    wrist = elbow + _seen(rng) * FOREARM * second
    return {
        f"{name}_shoulder": shoulder,
        f"{name}_elbow": elbow,
        f"{name}_wrist": wrist,
    }


def _leg(rng, name, hip, outward):
    lift = rng.uniform(-0.15, 0.5 if rng.random() < 0.7 else 1.3)
    # Knees bend to one side only.
    bend = rng.uniform(0.0, 0.35 + max(lift, 0))
    first, second = (
        _direction(outward * angle) for angle in (lift, lift - bend)
    )
    knee = hip + _seen(rng) * THIGH * first
    ankle = knee + _seen(rng) * SHIN * second
    return {
        f"{name}_hip": hip,
        f"{name}_knee": knee,
        f"{name}_ankle": ankle,
    }


def _seen(rng):
    """How long a limb looks that comes towards the viewer."""
    return rng.uniform(0.8, 1.0)


def _direction(angle):
    """From straight down, to the right of the picture."""
    return np.array((np.sin(angle), np.cos(angle)))
