import copy

import numpy as np
import pytest

from mtvision.data import Augment, Batches, RandomFlip, WithProposals, mix

BOXES = np.array([[2, 4, 10, 12], [0, 0, 16, 8], [0, 0, 0, 0]], "float32")


class Photos(list):
    files = ("a.png", "b.png")

    @property
    def classes(self):
        return {"classes": ["cat"]}


def photos():
    image = np.zeros((16, 32, 3), "uint8")
    objects = {"boxes": BOXES[:1], "classes": np.array([0])}
    return Photos({"image": image + k, **objects} for k in range(2))


def batches(source, **options):
    return Batches(
        source,
        {"found": {"boxes": "boxes", "classes": "classes"}},
        inputs={"image": "image", "proposals": "proposal_boxes"},
        batch_size=2,
        max_objects=4,
        **options,
    )


def test_found_once_and_without_padding():
    seen = []

    def propose(image):
        seen.append(int(image[0, 0, 0]))
        return BOXES

    source = WithProposals(photos(), propose)
    assert len(source) == 2
    assert not seen
    for _ in range(2):
        np.testing.assert_array_equal(source[1]["proposal_boxes"], BOXES[:2])
    assert seen == [1]
    # What a reader does to a sample, does not change what is kept.
    source[1]["proposal_boxes"][:] = 7
    np.testing.assert_array_equal(source[1]["proposal_boxes"], BOXES[:2])


def test_they_move_along_with_the_image():
    source = WithProposals(photos(), lambda image: BOXES)
    inputs, truth, _ = batches(source, image_size=(32, 32))[0]
    expected = [[2, 8, 10, 24], [0, 0, 16, 16], [0] * 4, [0] * 4]
    np.testing.assert_allclose(inputs["proposals"], [expected] * 2)
    flip = Augment([RandomFlip(horizontal=1.0)])
    inputs, truth, _ = batches(source, augment=flip)[0]
    expected = [[22, 4, 30, 12], [16, 0, 32, 8]]
    np.testing.assert_allclose(inputs["proposals"][1, :2], expected)
    np.testing.assert_allclose(truth["found"]["boxes"][1, 0], expected[0])


def test_the_source_is_known_through_it():
    source = WithProposals(photos(), lambda image: BOXES)
    assert source.files == ("a.png", "b.png")
    assert source.classes == {"classes": ["cat"]}
    assert not hasattr(source, "column")
    assert copy.deepcopy(source).files == source.files
    mixture = mix({"a": photos(), "b": photos()}, weights={"a": 1, "b": 3})
    mixed = WithProposals(mixture, lambda image: BOXES)
    rows = batches(mixed, shuffle=True).order(0)
    np.testing.assert_array_equal(
        rows,
        Batches(mixture, {"x": "boxes"}, max_objects=4, shuffle=True).order(0),
    )


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="function of an image"):
        WithProposals(photos(), BOXES)
    with pytest.raises(ValueError, match="last word"):
        WithProposals(photos(), lambda image: BOXES, field="proposals")
    with pytest.raises(ValueError, match="already"):
        WithProposals(photos(), lambda image: BOXES, field="boxes")[0]
    with pytest.raises(ValueError, match=r"sample 0.*\(M, 4\)"):
        WithProposals(photos(), lambda image: BOXES[:, :3])[0]
    unread = WithProposals([{"image": None}], lambda image: BOXES)
    assert unread[0]["proposal_boxes"] is None
