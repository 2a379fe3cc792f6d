"""Samples with all that any recipe reads, and their batches."""

import collections

import numpy as np

import mtvision as mtv

SIZE, OBJECTS, PROPOSALS, BATCH = 64, 3, 12, 4
WORDS, LENGTH = 12, 4
FOUND = {"max_detections": 10, "score_threshold": 0.0}
FIELDS = {"boxes": "boxes", "classes": "classes"}
y, x = np.mgrid[:SIZE, :SIZE] + 0.5

# What `fit` and `predict` need to know of a recipe.
#     model: Not compiled.
#     losses: Arguments of `compile`.
#     decoder: From the same inputs, or some of them.
#     reads: What each task reads of a sample.
#     inputs: Fields of the inputs that are not called as these.
#     options: Further arguments of `Batches`.
#     num_classes: Of the objects.
Small = collections.namedtuple(
    "Small",
    "model losses decoder reads inputs options num_classes",
    defaults=({}, {}, 3),
)


def trunk(*filters):
    """A small residual network."""
    return mtv.trunks.SmallResNet(filters or (4, 8, 8, 8))


def of_objects(model, losses, decoder, **further):
    """A recipe whose tasks all read the same objects."""
    fields = {**FIELDS, **further}
    reads = dict.fromkeys(model.output, fields)
    options = {"max_objects": OBJECTS}
    return Small(model, losses, decoder, reads, options=options)


class SmallSamples:
    """Bright boxes on dark images, none to three on each.

    A sample is a pure function of its number.

    Args:
        number: Of samples.
        num_classes: Of objects.
    """

    def __init__(self, number, num_classes=3):
        self.number, self.num_classes = number, num_classes

    def __len__(self):
        """Number of samples."""
        return self.number

    def __getitem__(self, index):
        """Dict of fields."""
        if not 0 <= index < self.number:
            raise IndexError(index)
        random = np.random.default_rng(index)
        objects = _objects(random, index % (OBJECTS + 1), self.num_classes)
        return {
            **objects,
            **_pictures(random, objects),
            **_pose(objects),
            **_texts(random),
            **_volume(random),
            "identity": index // 2 % 3,
            "same": index % 2,
            "scene": index % 4,
        }


def batches(small, *, number=3 * BATCH, model=None):
    """Batches of 4 samples for a recipe; what remains is dropped.

    Args:
        small: A `Small` of `small_recipes`.
        number: Of samples.
        model: The model that reads the inputs, if it is not the trained one.
    """
    model = small.model if model is None else model
    fields = {x.name: small.inputs.get(x.name, x.name) for x in model.inputs}
    is_dict = isinstance(model.input, dict)
    return mtv.data.Batches(
        SmallSamples(number, small.num_classes),
        small.reads,
        inputs=fields if is_dict else next(iter(fields.values())),
        batch_size=BATCH,
        drop_remainder=True,
        cache=True,
        **small.options,
    )


def _objects(random, count, num_classes):
    """Fields with a row for each object."""
    left = 2 + 20 * np.arange(count) + random.integers(0, 3, count)
    top, high = random.integers(2, 24, count), random.integers(12, 36, count)
    boxes = np.stack([left, top, left + 15, top + high], -1).astype("float32")
    inside = [_inside(box) for box in boxes]
    ends = np.pad(boxes.reshape(-1, 2, 2), [(0, 0), (0, 1), (0, 0)])
    points = np.concatenate([ends, np.full((count, 3, 1), 2)], -1)
    points[:, 2] = 0
    phrases = random.integers(2, WORDS, (count, LENGTH))
    phrases[:, 2:] = 0
    return {
        "boxes": boxes,
        "classes": random.integers(0, num_classes, count),
        "masks": np.array(inside, "uint8").reshape(count, SIZE, SIZE),
        "keypoints": points.astype("float32"),
        "phrases": phrases,
    }


def _pictures(random, objects):
    """Images, a map of classes and proposals."""
    image = random.integers(0, 60, (SIZE, SIZE, 3))
    semantic = np.full((SIZE, SIZE), 2)
    for mask, number in zip(objects["masks"] > 0, objects["classes"]):
        image[mask, number] = 250
        semantic[mask] = number % 2
    corners = random.uniform(0, SIZE / 2, (PROPOSALS, 2))
    sides = random.uniform(8, SIZE / 2, (PROPOSALS, 2))
    proposals = np.concatenate([corners, corners + sides], -1)
    near = objects["boxes"] + [1, -1, 1, -1]
    image = image.astype("uint8")
    return {
        "image": image,
        "first_image": image,
        "second_image": image[:, ::-1],
        "semantic": semantic,
        "proposal_boxes": np.float32([*near, *proposals])[:-OBJECTS],
    }


def _pose(objects):
    """Key points of one object, which may be absent."""
    points = objects["keypoints"][:1, :2].reshape(-1, 3)
    is_there = bool(len(points))
    return {
        "pose_keypoints": points if is_there else np.zeros((2, 3), "float32"),
        "pose_present": np.float32(is_there),
    }


def _texts(random):
    """A text and facts, one of which may be missing, and what they tell."""
    facts = random.normal(size=3).astype("float32")
    return {
        "text": random.integers(1, 9, 5),
        "facts": facts if random.random() < 0.7 else None,
        "price": facts[0],
        "kind": int(facts[1] > 0),
    }


def _volume(random):
    """A volume with two landmarks, the second not in all."""
    places = random.uniform(2, 14, (2, 3))
    there = [[1], [random.integers(0, 2)]]
    return {
        "volume": random.normal(size=(16, 16, 16, 1)).astype("float32"),
        "landmarks": np.concatenate([places, there], -1).astype("float32"),
    }


def _inside(box):
    """Which pixels lie in a box."""
    x1, y1, x2, y2 = box
    return (x > x1) & (x < x2) & (y > y1) & (y < y2)
