import keras
import numpy as np
import pytest

import mtvision as mtv
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


def gather(objects, weights=None, proposals=PROPOSALS):
    number = len(objects["boxes"])
    inputs = {
        "image": np.zeros((number, 64, 64, 3), "float32"),
        "proposals": np.array([proposals] * number, "float32"),
    }
    weights = None if weights is None else {"found": np.array(weights)}
    data = [(inputs, {"found": objects}, weights)]
    return gather_regions(extract(), data, 3, "found")


def one(**further):
    return {
        "boxes": np.array([[BOX, [0.0] * 4]]),
        "classes": np.array([[1, -1]]),
        **further,
    }


def test_what_each_region_is():
    given = gather(one())
    # The object, and four proposals; the padding made room for it.
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


def test_batches_of_a_data_set():
    """As of a list of batches."""
    sample = {
        "image": np.zeros((64, 64, 3), "uint8"),
        "boxes": np.array([BOX]),
        "classes": np.array([1]),
        "proposal_boxes": np.array(PROPOSALS[:4]),
    }
    data = mtv.data.Batches(
        [sample] * 2,
        {"found": {"boxes": "boxes", "classes": "classes"}},
        inputs={"image": "image", "proposals": "proposal_boxes"},
        max_objects=5,
        batch_size=1,
    )
    given, one_image = (
        gather_regions(extract(), data, 3, "found"),
        gather(one()),
    )
    for found, expected in zip(given, one_image):
        np.testing.assert_allclose(found, np.concatenate([expected] * 2))


def test_objects_displace_the_last_proposals():
    given = gather(one(), proposals=PROPOSALS[:3])
    np.testing.assert_array_equal(
        given.features, 2 * np.array([BOX, *PROPOSALS[:2]])
    )


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
    given = gather(two, weights=[0.0, 1.0])
    assert len(given.features) == 5
    two["boxes"][0] = np.nan
    assert len(gather(two).features) == 5
    with pytest.raises(ValueError, match="labelled images"):
        gather(one(), weights=[0.0])


def test_broken_proposals_are_padding():
    broken = [[np.nan] * 4, [90.0, 90, 99, 99], PROPOSALS[3]]
    given = gather(one(), proposals=[*broken, *PROPOSALS[4:]])
    np.testing.assert_array_equal(
        given.features, 2 * np.array([BOX, PROPOSALS[3]])
    )


def test_truth_of_another_task_is_told():
    inputs = {"image": None, "proposals": None}
    with pytest.raises(ValueError, match=r"'found', received \['boxes'\]"):
        gather_regions(extract(), [(inputs, {"boxes": one()})], 3, "found")
