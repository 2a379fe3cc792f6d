"""The options of one variant of `digit_scenes`."""

import dataclasses

import tensorflow_datasets as tfds

DIGITS = 8


@dataclasses.dataclass(kw_only=True)
class DigitScenesConfig(tfds.core.BuilderConfig):
    """Size, number and contents of the images of `digit_scenes`.

    Args:
        name: Folder that the images are kept in; by default it spells out all
            options, so that no two variants share one.
        image_size: Side of the images (H = W), pixels; at least 32.
        train: Number of images for training.
        validation: Number of images for validation.
        test: Number of images for testing.
        min_digits: Fewest digits of a scene that is not empty.
        max_digits: Most digits of a scene, at most 8.
        empty: Probability of a scene without a digit.
        strokes: Most thin lines that distract on a canvas.
        seed: Integer, 0 or more. With the split and the number of an image it
            decides every byte of it.

    Raises:
        ValueError: If an option is out of its range.

    Example:

    >>> DigitScenesConfig(image_size=48, train=8, test=4, validation=0).name
    '48px-8-0-4-digits1to4-empty0.1-strokes3-seed0'
    """

    name: str = ""
    image_size: int = 64
    train: int = 5000
    validation: int = 1000
    test: int = 1000
    min_digits: int = 1
    max_digits: int = 4
    empty: float = 0.1
    strokes: int = 3
    seed: int = 0

    def __post_init__(self):
        self._check()
        self.name = self.name or (
            f"{self.image_size}px-{self.train}-{self.validation}-{self.test}"
            f"-digits{self.min_digits}to{self.max_digits}-empty{self.empty}"
            f"-strokes{self.strokes}-seed{self.seed}"
        )

    def _check(self):
        numbers = (self.train, self.validation, self.test)
        for fits, expected in (
            (self.image_size >= 32, "image_size of at least 32 pixels"),
            (min(numbers) >= 0 < max(numbers), "a positive number of images"),
            (
                0 <= self.min_digits <= self.max_digits <= DIGITS,
                f"0 <= min_digits <= max_digits <= {DIGITS}",
            ),
            (0 <= self.empty <= 1, "empty between 0 and 1"),
            (min(self.strokes, self.seed) >= 0, "strokes, seed of 0 or more"),
        ):
            if not fits:
                raise ValueError(f"Expected {expected}, received {self}.")
