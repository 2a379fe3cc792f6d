"""The built-in faces: cartoon people, their identities and landmarks."""

import numpy as np

from mtvision.data.made.drawn.brush import Brush
from mtvision.data.made.drawn.face_parts import Face
from mtvision.data.made.drawn.face_traits import draw_mood, draw_person
from mtvision.data.made.drawn.scenery import draw_clutter, take_photo
from mtvision.data.made.splits import SPLITS, check_split
from mtvision.data.readers.keypoint_names import flip_pairs
from mtvision.ops.option_checks import require_count, require_within

KEYPOINT_NAMES = (
    "right_brow",
    "left_brow",
    "right_eye_outer",
    "right_eye_inner",
    "left_eye_inner",
    "left_eye_outer",
    "nose",
    "right_mouth",
    "left_mouth",
    "chin",
)
# Generators of people, of pictures, and of whether a face is there.
PEOPLE, PICTURES, PRESENCE = range(3)


class DrawnFaces:
    """Pictures of drawn people, to find, to tell apart and to recognise.

    A person is a draw of some 25 numbers: colours of skin, hair and eyes,
    forms of the head and its parts, a way to wear the hair, perhaps a beard,
    glasses and a mole. A picture adds place, size and turn of the head,
    expression, gaze, clothes, light, noise, and clutter behind it. No person
    is in two splits. Sample `i` is a pure function of the seed, the split,
    `images_per_person` and `i`. Nothing is read from files.

    A sample is a dict of
    `"image"`, uint8 (H, H, 3);
    `"identity"`, int32, number of the person in the split, or -1;
    `"present"`, float32, 1, or 0 where only clutter is drawn;
    `"box"`, float32 (4,), around the head without its hair, cut at the edges
    of the image, zeros where there is no face;
    `"keypoints"`, float32 (10, 3), x, y in pixels and visibility: 2, or 0
    where a point is outside or there is no face. Left is the person's left,
    on the right of the picture.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        num_people: Number of people of the split.
        images_per_person: Pictures of each; those of a person stand together.
        image_size: Side H of the pictures, pixels.
        absent: Probability that a picture shows no face.
        seed: Whole number, 0 or more.

    Attributes:
        classes: `{"identity": names}`.
        keypoint_names: Tuple of 10 names.
        flip_pairs: Pairs of key points that change places in a mirror.
        skeleton: Pairs of key points to draw lines between.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> faces = DrawnFaces("test", num_people=3, images_per_person=2)
    >>> sample = faces[5]
    >>> sample["image"].shape, int(sample["identity"])
    ((64, 64, 3), 2)
    """

    keypoint_names = KEYPOINT_NAMES
    flip_pairs = tuple(flip_pairs(KEYPOINT_NAMES))
    skeleton = ((2, 3), (3, 4), (4, 5), (3, 6), (4, 6), (7, 8), (8, 9), (7, 9))

    def __init__(
        self,
        split,
        *,
        num_people=40,
        images_per_person=10,
        image_size=64,
        absent=0.0,
        seed=0,
    ):
        check_split(split)
        require_count(num_people, 1, "num_people")
        require_count(images_per_person, 1, "images_per_person")
        require_count(image_size, 16, "image_size")
        require_within(absent, 0, 1, "absent")
        require_count(seed, 0, "seed")
        self.split = split
        self.num_people = num_people
        self.images_per_person = images_per_person
        self.image_size = image_size
        self.absent = absent
        self.seed = seed
        self.classes = {
            "identity": [f"{split}_{number}" for number in range(num_people)]
        }
        self._present = self._rng(PRESENCE).random(len(self)) >= absent

    def __len__(self):
        return self.num_people * self.images_per_person

    def __getitem__(self, index):
        """One sample."""
        if not 0 <= index < len(self):
            raise IndexError(f"There is no picture {index} of {len(self)}.")
        rng = self._rng(PICTURES, index)
        picture = draw_clutter(self.image_size, rng)
        present = self._present[index]
        points, box = np.zeros((10, 3), "float32"), np.zeros(4, "float32")
        if present:
            person = self.person(index // self.images_per_person)
            face = Face(person, draw_mood(rng))
            brush = self._hold_brush(picture, rng)
            face.paint(brush)
            points = _seen(brush.to_pixels(face.keypoints()), self.image_size)
            box = _box_around(face, brush, self.image_size)
        return {
            "image": take_photo(picture, rng),
            "identity": self.column("identity")[index],
            "present": np.float32(present),
            "box": box,
            "keypoints": points,
        }

    def person(self, identity):
        """The traits of a person.

        Args:
            identity: Number of the person in the split.

        Returns:
            A `Person`, whose attributes are what its pictures share.

        Raises:
            IndexError: If the split has no such person.
        """
        if identity not in range(self.num_people):
            raise IndexError(
                f"There is no person {identity} of {self.num_people} of split "
                f"{self.split!r}. Take a number from 0, or more num_people."
            )
        return draw_person(self._rng(PEOPLE, int(identity)))

    def column(self, name):
        """The labels of all samples, without drawing them.

        Args:
            name: `"identity"` or `"present"`.

        Returns:
            Array (N,).

        Raises:
            ValueError: If it is another name.
        """
        people = np.arange(len(self)) // self.images_per_person
        columns = {
            "identity": np.where(self._present, people, -1).astype("int32"),
            "present": self._present.astype("float32"),
        }
        if name not in columns:
            raise ValueError(
                f"Expected a column of {sorted(columns)}, received {name!r}."
            )
        return columns[name]

    def _rng(self, *numbers):
        return np.random.default_rng(
            [self.seed, SPLITS.index(self.split), *numbers]
        )

    def _hold_brush(self, picture, rng):
        size = self.image_size
        scale = size * rng.uniform(0.27, 0.36)
        # Heads stay in the picture, hair and chin perhaps not quite.
        room = size / 2 - 1.02 * scale
        return Brush(
            picture,
            centre=size / 2 + rng.uniform(-room, room, 2),
            scale=scale,
            turn=np.deg2rad(rng.uniform(-15, 15)),
        )


def _seen(places, size):
    """Key points (K, 3) of places (K, 2); zeros for those outside."""
    inside = ((places >= 0) & (places < size)).all(axis=-1, keepdims=True)
    points = np.concatenate([places, np.full((len(places), 1), 2.0)], axis=-1)
    return np.where(inside, points, 0).astype("float32")


def _box_around(face, brush, size):
    places = brush.to_pixels(face.outline())
    edges = np.concatenate([places.min(axis=0), places.max(axis=0)])
    return np.clip(edges, 0, size).astype("float32")
