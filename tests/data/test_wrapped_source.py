import copy
import pickle

import numpy as np
import pytest

from mtvision import data
from mtvision.data.checking.mended import Mended
from mtvision.data.wrapped_source import WrappedSource


class Source(list):
    classes = ("cat", "dog")
    files = ("0.png", "1.png")


class Numbered(WrappedSource):
    def __getitem__(self, index):
        sample = self.sample_without(index, "number")
        return {**sample, "number": index}


class Shy(Numbered):
    forwarded = ("files", "column")


SOURCE = Source([{"image": 0}, {"image": 1, "number": 7}])


def test_has_what_its_source_has():
    source = Numbered(Numbered(SOURCE))
    assert len(source) == 2
    assert source.classes == SOURCE.classes
    assert not hasattr(source, "column")
    with pytest.raises(ValueError, match="Sample 0 .*'number' already.*field"):
        source[0]
    assert Numbered(SOURCE)[0] == {"image": 0, "number": 0}
    with pytest.raises(ValueError, match="Sample 1"):
        Numbered(SOURCE)[1]


def test_has_only_what_is_forwarded():
    source = Shy(SOURCE)
    assert source.files == SOURCE.files
    for name in ("classes", "column"):
        assert not hasattr(source, name)
    with pytest.raises(AttributeError, match="'Shy'.*'classes'"):
        source.classes  # noqa: B018


@pytest.mark.parametrize("kind", [Numbered, Shy])
def test_copies(kind):
    source = kind(SOURCE)
    for twin in (copy.copy(source), pickle.loads(pickle.dumps(source))):
        assert twin[0] == source[0]
        assert twin.files == source.files


class Poses(list):
    keypoint_names = ("nose", "left_eye", "right_eye")
    flip_pairs = ((1, 2),)
    skeleton = ((0, 1), (0, 2))


POINTS = np.array([[4, 6, 2], [2, 3, 2], [7, 3, 2]], "float32")
POSES = Poses(
    {
        "image": np.zeros((8, 10, 3), "uint8"),
        "semantic": np.zeros((8, 10), "int32"),
        "boxes": np.array([[0, 0, 9, 7]], "float32"),
        "keypoints": POINTS[None],
    }
    for _ in range(4)
)
BOXES = [[0, 0, 8, 8]]
WRAPPERS = {
    "Subset": lambda x: data.Subset(x, [1, 0]),
    "split": lambda x: data.split(x, {"a": 0.5, "b": 0.5})["b"],
    "Cached": data.Cached,
    "Translated": lambda x: data.Translated(x, keep=["keypoints", "boxes"]),
    "WithMap": lambda x: data.WithMap(
        x, "edges", data.edges_of_classes, of="semantic"
    ),
    "WithProposals": lambda x: data.WithProposals(x, lambda _: BOXES),
    "Mended": lambda x: Mended(x, [0], {}),
    "mix": lambda x: data.mix({"a": x, "b": [POSES[0]]}),
    "ObjectCrops": lambda x: data.ObjectCrops(x, margin=0),
}


@pytest.mark.parametrize("name", WRAPPERS)
@pytest.mark.parametrize("inner", ["Subset", "Cached"])
def test_left_and_right_are_handed_on(name, inner):
    source = WRAPPERS[name](WRAPPERS[inner](POSES))
    for fact in ("keypoint_names", "flip_pairs", "skeleton"):
        assert getattr(source, fact) == getattr(Poses, fact)
        assert not hasattr(WRAPPERS[name](list(POSES)), fact)
    mirror = data.Augment([data.RandomFlip(horizontal=1.0)])
    options = {"augment": mirror, "image_size": (8, 10), "workers": 1}
    if name != "ObjectCrops":
        options["max_objects"] = 1
    _, truth, _ = data.Batches(source, {"pose": "keypoints"}, **options)[0]
    left, right = truth["pose"].reshape(-1, 3, 3)[0, 1:]
    # The left eye is on the left of the picture, and so in a mirror.
    assert left[0] < right[0]


def test_a_mixture_tells_what_its_sources_agree_on():
    others = Poses(POSES)
    mixed = data.mix({"a": POSES, "b": others})
    assert mixed.flip_pairs == Poses.flip_pairs
    assert copy.deepcopy(mixed).skeleton == Poses.skeleton
    others.flip_pairs = ((0, 2),)
    assert not hasattr(data.mix({"a": POSES, "b": others}), "flip_pairs")
