"""Coloured squares, as quick to learn as detection gets."""

import numpy as np


def squares(number=8, size=64, rows=3):
    """Images with one or two squares of three colours; the first has none.

    Returns:
        `(images, objects)`: (B, size, size, 3) and the dict of `"boxes"`
        (B, rows, 4) and `"classes"` (B, rows).
    """
    random = np.random.default_rng(0)
    images = random.uniform(0, 60, (number, size, size, 3)).astype("float32")
    boxes = np.zeros((number, rows, 4), "float32")
    classes = -np.ones((number, rows), "int32")
    for b in range(1, number):
        for row in range(1 + b % 2):
            left = random.integers(0, 8) + row * size // 2
            top, side = random.integers(0, size - 24), random.integers(14, 24)
            colour = random.integers(0, 3)
            place = slice(top, top + side), slice(left, left + side)
            images[b][place] = 60
            images[b][(*place, colour)] = 250
            boxes[b, row] = [left, top, left + side, top + side]
            classes[b, row] = colour
    return images, {"boxes": boxes, "classes": classes}


def proposals_of(boxes, number, size, seed=0):
    """Proposals (B, number, 4): half of them near objects, half anywhere.

    Args:
        boxes: Array (B, M, 4), zeros in padding.
        number: How many for each image.
        size: Side of the image in pixels.
        seed: Of the places.
    """
    random = np.random.default_rng(seed)
    found = np.zeros((len(boxes), number, 4), "float32")
    for image, own in zip(found, boxes):
        own = own[(own[:, 2:] > own[:, :2]).all(axis=1)]
        corners = np.sort(random.uniform(0, size, (number, 2, 2)), axis=1)
        image[:] = corners.reshape(number, 4)
        if len(own):
            near = own[np.arange(number // 2) % len(own)]
            sides = np.tile(near[:, 2:] - near[:, :2], 2)
            moved = near + random.normal(0, 0.12, near.shape) * sides
            image[: number // 2] = moved
    found = np.clip(found, 0, size)
    low, high = np.minimum(*np.split(found, 2, -1)), found[..., 2:]
    return np.concatenate([low, np.maximum(high, low)], -1).astype("float32")
