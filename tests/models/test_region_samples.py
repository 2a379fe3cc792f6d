import keras
import numpy as np
import pytest

from mtvision.models.region_samples import gather_regions
from mtvision.ops.box_deltas import decode_boxes
from mtvision.tasks import GivenRegions

BOX = [10.0, 10, 30, 30]
PROPOSALS = [
    [10.0, 10, 30, 26],  # near: an IoU of 0.8
    [10.0, 10, 30, 20],  # 0.5 with the object of class 1
    [10.0, 10, 14, 30],  # 0.2
    [40.0, 40, 60, 60],
    [0.0, 0, 0, 0],
]


def extract(number=None):
    """Features that are places."""
    image = keras.Input((64, 64, 3), name="image")
    proposals = keras.Input((number, 4), name="proposals")
    regions = GivenRegions()(proposals, image)
    return keras.Model(
        {"image": image, "proposals": proposals},
        [keras.layers.Rescaling(2.0)(regions), regions, regions],
    )


def gather(objects, proposals=PROPOSALS, number=None):
    images = len(objects["boxes"])
    inputs = {
        "image": np.zeros((images, 64, 64, 3), "float32"),
        "proposals": np.array([proposals] * images, "float32"),
    }
    return gather_regions(extract(number), [(inputs, objects)], 3)


def one(**further):
    return {
        "boxes": np.array([[BOX, [0.0] * 4]]),
        "classes": np.array([[1, -1]]),
        **further,
    }


def test_what_each_region_is():
    given = gather(one())
    # The object, and four proposals; not the padding.
    np.testing.assert_array_equal(
        given.features, 2 * np.array([BOX, *PROPOSALS[:4]])
    )
    np.testing.assert_array_equal(given.classes, [1, -1, -1, -1, -1])
    np.testing.assert_array_equal(
        given.negative[:, 1], [False, False, False, True, True]
    )
    assert given.negative[:, [0, 2]].all()
    np.testing.assert_array_equal(given.near, [1])
    np.testing.assert_array_equal(given.pooled, PROPOSALS[:1])
    moved = decode_boxes(given.deltas, given.pooled)
    np.testing.assert_allclose(moved, [BOX], rtol=1e-5)


@pytest.mark.parametrize("number", [None, 3, 1])
def test_objects_displace_no_proposals(number):
    """Nor does a proposal displace an object."""
    given = gather(one(), PROPOSALS[: number or 2], number)
    np.testing.assert_array_equal(
        given.features, 2 * np.array([BOX, *PROPOSALS[: number or 2]])
    )
    boxes = np.array([[BOX, PROPOSALS[3], [5.0, 5, 9, 9]]])
    three = {"boxes": boxes, "classes": np.array([[0, 1, 2]])}
    given = gather(three, PROPOSALS[: number or 2], number)
    np.testing.assert_array_equal(given.features[:3], 2 * boxes[0])
    np.testing.assert_array_equal(given.classes[:3], [0, 1, 2])
    assert (given.classes[3:] == -1).all()


def test_no_row_of_proposals():
    given = gather(one(), np.zeros((0, 4)))
    np.testing.assert_array_equal(given.features, [2 * np.array(BOX)])


def test_objects_in_one_place_are_of_their_own_classes():
    objects = {
        "boxes": np.array([[[0.0] * 4, BOX, BOX]]),
        "classes": np.array([[-1, 2, 0]]),
    }
    given = gather(objects)
    np.testing.assert_array_equal(given.classes[:3], [2, 0, -1])
    np.testing.assert_array_equal(given.negative[:2], [[0, 1, 0]] * 2)


def test_an_image_without_an_object_gives_negatives():
    empty = {"boxes": np.zeros((1, 2, 4)), "classes": -np.ones((1, 2))}
    given = gather(empty)
    assert given.negative.shape == (4, 3)
    assert given.negative.all()
    assert (given.classes == -1).all()
    assert len(given.near) == 0


@pytest.mark.parametrize("flag", ["crowd", "difficult"])
def test_what_lies_in_a_crowd_says_nothing(flag):
    given = gather(one(**{flag: np.array([[1, 0]])}))
    assert (given.classes == -1).all()
    assert len(given.near) == 0
    np.testing.assert_array_equal(
        given.negative, np.array([[0] * 3] * 3 + [[1] * 3], bool)
    )


def test_classes_that_are_not_annotated_have_no_negatives():
    given = gather(one(annotated=np.array([[1.0, 1, 0]])))
    assert given.negative[:, 0].all()
    assert not given.negative[:, 2].any()


def test_unlabelled_images_say_nothing():
    two = {k: np.concatenate([v, v]) for k, v in one().items()}
    two["boxes"][0] = np.nan
    assert len(gather(two).features) == 5
    two["boxes"][1] = np.nan
    with pytest.raises(ValueError, match="labelled images"):
        gather(two)


def test_broken_proposals_are_padding():
    broken = [[np.nan, 2, 20, 20], [90.0, 90, 99, 99], PROPOSALS[3]]
    given = gather(one(), proposals=[*broken, *PROPOSALS[4:]])
    np.testing.assert_array_equal(
        given.features, 2 * np.array([BOX, PROPOSALS[3]])
    )
