"""Composes handwritten digits into a scene with every kind of label."""

import dataclasses

import numpy as np

from mtvision.data.digit_scenes import scene_drawing
from mtvision.data.vocabulary import Vocabulary

# Share of a digit's pixels that the digits in front of it leave visible.
VISIBLE = 0.6
# The largest digit has at least this many times the area of the second.
LEAD = 1.25
SCALES = (1 / 4, 1 / 2)
ATTEMPTS = 300
# Share of a digit's pixels from which on it is said to be behind another.
HIDDEN = 0.1
# All that a phrase may say: "a small red 7 behind a blue 3".
PHRASES = Vocabulary(
    [
        "a",
        *("small", "medium", "large"),
        *scene_drawing.PALETTE,
        *(str(digit) for digit in range(10)),
        "behind",
    ]
)
LONGEST = 8


@dataclasses.dataclass(frozen=True)
class _Digit:
    label: int
    cover: np.ndarray
    top: int = 0
    left: int = 0

    @property
    def window(self):
        height, width = self.cover.shape
        return (
            slice(self.top, self.top + height),
            slice(self.left, self.left + width),
        )

    @property
    def mask(self):
        return self.cover >= 0.5


def compose(
    scans,
    labels,
    rng,
    *,
    image_size=64,
    min_digits=1,
    max_digits=4,
    empty=0.1,
    strokes=3,
):
    """Composes one scene: digits in random drawing order on a canvas.

    Args:
        scans: Array (N, 8, 8) of ink, 0 to 16, to draw digits from.
        labels: Array (N,) of their classes, 0 to 9.
        rng: A `numpy.random.Generator`; it alone decides the scene.
        image_size: Side of the image (H = W), pixels.
        min_digits: Fewest digits of a scene that is not empty.
        max_digits: Most digits of a scene.
        empty: Probability of a scene without a digit.
        strokes: Most thin lines that distract on the canvas.

    Returns:
        A dict of the standard fields. Instances (M) are sorted by visible
        area, largest first; the largest has at least 1.25 times the area of
        the second.

        - `image` (H, W, 3) uint8.
        - `masks` (M, H, W) uint8, the visible pixels of each digit.
        - `boxes` (M, 4) float32 xyxy pixels, tight around the masks.
        - `classes` (M,) int32, the digit.
        - `semantic` (H, W) int32: 0 background, digit d is d + 1.
        - `keypoints` (M, 4, 3) float32: x, y, visibility of the topmost,
          rightmost, bottommost and leftmost point of the whole digit;
          visibility is 2, or 1 where a digit in front hides the point.
        - `depth` (H, W) float32, as if metres: the background has 2, the
          k-th of n digits drawn 2 - k / n, so the front one has 1.
        - `count` () int32, M.
        - `caption` str.
        - `phrases` (M, 8) int32, the words of each digit's description, 0
          behind the end; `PHRASES` tells their numbers. One with a tenth or
          more of its pixels hidden is behind the digit that hides most.
        - `label` () int32, `present` () float32, `box` (4,) float32, `mask`
          (H, W) uint8: those of the largest digit; -1, 0, zeros, zeros in an
          empty scene.

    Raises:
        ValueError: If so many digits do not fit legibly on the canvas.

    Example:

    >>> scans, labels = np.full((1, 8, 8), 16), np.array([7])
    >>> scene = compose(scans, labels, np.random.default_rng(1), empty=0)
    >>> scene["image"].shape, int(scene["label"])
    ((64, 64, 3), 7)
    """
    count = int(rng.integers(min_digits, max_digits + 1))
    if rng.random() < empty:
        count = 0
    digits, owner = _arrange(scans, labels, count, image_size, rng)
    colours, names = scene_drawing.choose_colours(count, rng)
    canvas = scene_drawing.draw_canvas(
        image_size, colours, rng, strokes=strokes
    )
    image = _paint(canvas, digits, names, rng)
    return {"image": image, **_labels(digits, owner, names)}


def _arrange(scans, labels, count, size, rng):
    """Digits placed such that each is legible and the largest is clear."""
    for _ in range(ATTEMPTS):
        digits = [_pick(scans, labels, size, rng) for _ in range(count)]
        arranged = _place(digits, size, rng)
        if arranged is not None and _has_leader(arranged[1], count):
            return arranged
    raise ValueError(
        f"Expected digits that fit on the canvas, received {count} digits for "
        f"an image of {size} pixels. Ask for fewer digits."
    )


def _pick(scans, labels, size, rng):
    index = rng.integers(len(scans))
    cover = scene_drawing.draw_digit(
        scans[index],
        size * rng.uniform(*SCALES),
        turn=rng.uniform(-0.13, 0.13),
        stretch=rng.uniform(0.85, 1.2),
    )
    return _Digit(int(labels[index]), cover)


def _place(digits, size, rng):
    """Places the digits, back to front; None where one would be hidden.

    Returns:
        The placed digits and the map (H, W) of whose pixel it is: 0 is the
        background, k the k-th digit drawn.
    """
    owner = np.zeros((size, size), "int64")
    placed = []
    for number, digit in enumerate(digits, start=1):
        for _ in range(10):
            digit = _move(digit, size, rng)
            trial = owner.copy()
            trial[digit.window][digit.mask] = number
            if _all_visible([*placed, digit], trial):
                break
        else:
            return None
        owner = trial
        placed.append(digit)
    return placed, owner


def _move(digit, size, rng):
    height, width = digit.cover.shape
    return dataclasses.replace(
        digit,
        top=int(rng.integers(size - height + 1)),
        left=int(rng.integers(size - width + 1)),
    )


def _areas(owner, count):
    return np.bincount(owner.ravel(), minlength=count + 1)[1:]


def _all_visible(digits, owner):
    whole = np.array([digit.mask.sum() for digit in digits])
    return (_areas(owner, len(digits)) >= VISIBLE * whole).all()


def _has_leader(owner, count):
    areas = np.sort(_areas(owner, count))
    return count < 2 or areas[-1] >= LEAD * areas[-2]


def _paint(canvas, digits, names, rng):
    image = canvas.copy()
    for digit, name in zip(digits, names, strict=True):
        colour = scene_drawing.PALETTE[name] + rng.integers(-12, 13, 3)
        patch = image[digit.window]
        patch += digit.cover[..., None] * (colour - patch)
    image += rng.integers(-8, 9, image.shape)
    return np.clip(np.rint(image), 0, 255).astype("uint8")


def _labels(digits, owner, names):
    """Every label of a scene, from its digits and the map of their pixels."""
    count = len(digits)
    order = np.argsort(-_areas(owner, count), kind="stable")
    masks = (owner == (order + 1)[:, None, None]).astype("uint8")
    classes = np.array([digits[i].label for i in order], "int32")
    boxes = np.array([_bounds(mask) for mask in masks], "float32")
    boxes = boxes.reshape((count, 4))
    classes_drawn = np.array([0] + [digit.label + 1 for digit in digits])
    keypoints = [_extremes(digits[i], owner == i + 1) for i in order]
    texts = [_description(i, digits, owner, names) for i in order]
    return {
        "boxes": boxes,
        "classes": classes,
        "masks": masks,
        "semantic": classes_drawn[owner].astype("int32"),
        "keypoints": np.array(keypoints, "float32").reshape((count, 4, 3)),
        "depth": (2 - owner / max(count, 1)).astype("float32"),
        "count": np.int32(count),
        "caption": _caption(boxes, classes, [names[i] for i in order], owner),
        "phrases": PHRASES.encode(texts, LONGEST),
        "label": np.int32(classes[0] if count else -1),
        "present": np.float32(count > 0),
        "box": boxes[0] if count else np.zeros(4, "float32"),
        "mask": masks[0] if count else np.zeros(owner.shape, "uint8"),
    }


def _bounds(mask):
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def _extremes(digit, visible):
    """The topmost, rightmost, bottommost, leftmost point: x, y, visibility.

    Of several pixels equally far out, the one in the middle.
    """
    rows, columns = np.nonzero(digit.mask)
    points = []
    for far in (
        rows == rows.min(),
        columns == columns.max(),
        rows == rows.max(),
        columns == columns.min(),
    ):
        ends = np.flatnonzero(far)
        end = ends[len(ends) // 2]
        y, x = rows[end] + digit.top, columns[end] + digit.left
        points.append((x + 0.5, y + 0.5, 1 + visible[y, x]))
    return points


def _caption(boxes, classes, names, owner):
    """For example 'a large red 3 left of a small blue 7'."""
    phrases = [
        f"a {_size_word(box, len(owner))} {name} {digit}"
        for box, digit, name in zip(boxes, classes, names, strict=True)
    ]
    if not phrases:
        return "an empty canvas"
    if len(phrases) == 1:
        return phrases[0]
    first = f"{phrases[0]} {_relation(*boxes[:2])} {phrases[1]}"
    return " and ".join([first, *phrases[2:]])


def _description(number, digits, owner, names):
    """For example 'a small red 7 behind a blue 3'."""
    digit = digits[number]
    visible = owner == number + 1
    size = _size_word(_bounds(visible), len(owner))
    text = f"a {size} {names[number]} {digit.label}"
    # Whose pixels it would show were it in front.
    others = np.bincount(
        owner[digit.window][digit.mask], minlength=len(digits) + 1
    )
    others[number + 1] = 0
    if others.sum() < HIDDEN * digit.mask.sum():
        return text
    front = int(np.argmax(others[1:]))
    return f"{text} behind a {names[front]} {digits[front].label}"


def _size_word(box, size):
    height = (box[3] - box[1]) / size
    return "small" if height < 0.25 else "large" if height > 0.38 else "medium"


def _relation(box, other):
    """Where a box lies as seen from another, along the axis that says more."""
    right, down = (box[:2] + box[2:] - other[:2] - other[2:]).tolist()
    if abs(right) >= abs(down):
        return "right of" if right > 0 else "left of"
    return "below" if down > 0 else "above"
