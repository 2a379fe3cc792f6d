import hypothesis
import numpy as np
import pytest

# Other programs may want the processor.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

OUTSIDE = -1


def blob(generator, height, width):
    """A connected random mask: the path of a wandering square."""
    mask = np.zeros((height, width), "uint8")
    y, x = generator.integers([height, width])
    for _ in range(generator.integers(1, 20)):
        side = generator.integers(1, 4)
        mask[y : y + side, x : x + side] = 1
        y, x = (
            np.clip(at + generator.integers(-2, 3), 0, limit - 1)
            for at, limit in ((y, height), (x, width))
        )
    return mask


def rectangle(generator, height, width):
    mask = np.zeros((height, width), "uint8")
    top, left = generator.integers([height, width])
    mask[
        top : top + generator.integers(1, height + 1),
        left : left + generator.integers(1, width + 1),
    ] = 1
    return mask


def bounding_box(mask):
    """By coordinates of all pixels, other than the package does it."""
    y, x = np.nonzero(mask)
    return [x.min(), y.min(), x.max() + 1, y.max() + 1]


def make(seed, *, objects=3, masks=True, shape=None):
    """A sample of all kinds of labels; objects 0, 1, 2... of class 0, 1, 2."""
    generator = np.random.default_rng(seed)
    height, width = shape or generator.integers(8, 40, 2)
    kinds = [blob, rectangle]
    stack = np.zeros((objects, height, width), "uint8")
    for row in range(objects):
        stack[row] = kinds[row % 2](generator, height, width)
    boxes = [bounding_box(mask) for mask in stack]
    semantic = generator.integers(0, 5, (height, width), dtype="uint8")
    sample = {
        "image": generator.integers(0, 256, (height, width, 3), dtype="uint8"),
        "right_image": np.zeros((height, width, 1), "float32"),
        "boxes": np.array(boxes, "float32").reshape(-1, 4),
        "classes": np.arange(objects, dtype="int32"),
        "crowd": np.zeros(objects, "uint8"),
        "keypoints": generator.uniform(
            0, [width, height, 2], (objects, 4, 3)
        ).astype("float32"),
        "semantic": semantic,
        "depth": semantic.astype("float32") + 1,
        "label": np.array(3),
        "caption": "a picture",
        "absent": None,
    }
    return sample | ({"masks": stack} if masks else {})


@pytest.fixture(scope="session")
def make_sample():
    return make


@pytest.fixture(scope="session")
def box_of():
    return bounding_box
