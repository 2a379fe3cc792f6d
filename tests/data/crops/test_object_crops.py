import numpy as np
import pytest

import mtvision as mtv
from mtvision.data import Batches, ObjectCrops

BOXES = np.array([[10, 5, 18, 9], [0, 0, 4, 6], [20, 2, 27, 9]], "float32")
POINTS = np.array(
    [
        [[10.5, 5.5, 2], [29, 5, 1]],
        [[1, 2, 2], [0, 0, 0]],
        [[0, 0, 0], [0, 0, 0]],
    ],
    "float32",
)


def sample(**fields):
    """An image whose values tell places: x, y, 7."""
    y, x = np.mgrid[:20, :30]
    masks = np.zeros((3, 20, 30), "uint8")
    masks[0, 6:8, 11:13] = 1
    return {
        "image": np.stack([x, y, 7 + 0 * x], axis=-1).astype("uint8"),
        "boxes": BOXES,
        "classes": np.array([2, 0, 1]),
        "keypoints": POINTS,
        "masks": masks,
        "area": np.array([4.0, np.nan, 9.0], "float32"),
        "crowd": np.array([0, 0, 0]),
        "label": 5,
        "file": "a.png",
    } | fields


def test_a_sample_is_the_square_around_an_object():
    crops = ObjectCrops([sample()])
    assert crops.objects.tolist() == [[0, 0], [0, 1], [0, 2]]
    first = crops[0]
    # 8 x 4 pixels: a square of 12, whose corner is at x = 8, y = 1.
    expected = sample()["image"][1:13, 8:20]
    np.testing.assert_array_equal(first["image"], expected)
    assert first["box"].tolist() == [2, 4, 10, 8]
    assert first["keypoints"].tolist() == [[2.5, 4.5, 2], [0, 0, 0]]
    assert first["mask"].dtype == np.int32
    assert np.argwhere(first["mask"] == 1).tolist() == [
        [5, 3],
        [5, 4],
        [6, 3],
        [6, 4],
    ]
    assert (first["present"], first["label"], first["area"]) == (1, 2, 4)
    assert first["file"] == "a.png"
    assert not {"crowd", "boxes", "classes", "masks"} & set(first)


def test_what_lies_beyond_the_image_is_black():
    second = ObjectCrops([sample()])[1]
    # 4 x 6 pixels: a square of 9 from x = -2, y = -1.
    image = second["image"]
    assert image.shape == (9, 9, 3)
    assert not image[:1].any()
    assert not image[:, :2].any()
    np.testing.assert_array_equal(image[1:, 2:], sample()["image"][:8, :7])
    assert second["box"].tolist() == [2, 1, 6, 7]
    assert (second["mask"][:1] == -1).all()
    assert not second["mask"][1:, 2:].any()


@pytest.mark.parametrize("margin", [0.0, 0.5])
def test_boxes_lie_within_at_the_margin(margin):
    crops = ObjectCrops([sample()], margin=margin)
    for index, (x1, y1, x2, y2) in enumerate(BOXES):
        side = len(crops[index]["image"])
        assert side == np.ceil(max(x2 - x1, y2 - y1) * (1 + 2 * margin))
        box = crops[index]["box"]
        middle = (box[:2] + box[2:]) / 2
        assert np.abs(middle - side / 2).max() <= 0.5


def test_crowds_padding_and_faulty_boxes_are_left_out():
    def left(**fields):
        return ObjectCrops([sample(**fields)]).objects[:, 1].tolist()

    assert left(crowd=np.array([0, 1, 0])) == [0, 2]
    assert left(classes=np.array([2, 0, -1])) == [0, 1]
    boxes = BOXES.copy()
    boxes[0, 2] = 3
    assert left(boxes=boxes) == [1, 2]
    crops = ObjectCrops([sample()], min_keypoints=1)
    assert crops.objects[:, 1].tolist() == [0, 1]


def test_key_points_without_visibility():
    points = np.where(POINTS[..., 2:] > 0, POINTS[..., :2], np.nan)
    points[2, 0] = -1
    source = [sample(keypoints=points)]
    for number, rows in ((1, [0, 1, -1]), (2, [0, -1])):
        options = {"min_keypoints": number, "backgrounds": 1}
        crops = ObjectCrops(source, **options)
        assert crops.objects[:, 1].tolist() == rows
    assert crops[0]["keypoints"][0].tolist() == [2.5, 4.5]
    # Zeros would be places.
    assert np.isnan(crops[1]["keypoints"]).all()


def test_samples_without_objects_or_labels_have_no_crop():
    source = [
        sample(boxes=None),
        sample(boxes=BOXES[:0], classes=[], crowd=[], keypoints=POINTS[:0]),
        sample(),
    ]
    assert ObjectCrops(source).objects[:, 0].tolist() == [2, 2, 2]
    with pytest.raises(ValueError, match=r"Sample 0 has \['area', 'boxes'"):
        ObjectCrops(source[:2])


def test_backgrounds_touch_no_object():
    crops = ObjectCrops([sample()], backgrounds=40)
    assert len(crops) == 43
    sides = set()
    for index in range(3, 43):
        found = crops[index]
        assert found["present"] == 0
        assert found["box"].tolist() == [0] * 4
        assert found["keypoints"].shape == (2, 3)
        assert not found["keypoints"].any()
        assert found["mask"].shape == found["image"].shape[:2]
        assert "label" not in found
        # The values of the image tell where the square was.
        x, y = (found["image"][..., k].astype(int) for k in (0, 1))
        assert (found["image"][..., 2] == 7).all()
        for x1, y1, x2, y2 in BOXES:
            inside = (x >= x1) & (x < x2) & (y >= y1) & (y < y2)
            assert not inside.any()
        sides.add(len(x))
    assert len(sides) > 2
    again = ObjectCrops([sample()], backgrounds=40)
    np.testing.assert_array_equal(again[20]["image"], crops[20]["image"])
    other = ObjectCrops([sample()], backgrounds=40, seed=1)
    assert any(
        other[k]["image"].shape != crops[k]["image"].shape
        or (other[k]["image"] != crops[k]["image"]).any()
        for k in range(3, 43)
    )


def test_full_images_give_their_place_to_others():
    full = sample(boxes=np.array([[0, 0, 30, 20]] * 3, "float32"))
    crops = ObjectCrops([full, sample(file="b.png")], backgrounds=1)
    assert [crops[k]["file"] for k in (6, 7)] == ["b.png", "b.png"]
    with pytest.raises(ValueError, match="backgrounds=0"):
        ObjectCrops([full], backgrounds=1)[3]


def test_fields_of_a_prefix():
    source = [
        {
            "image": sample()["image"],
            "cat_boxes": BOXES,
            "cat_classes": np.array([0, 0, 1]),
            "dog_boxes": BOXES[:1],
        }
    ]
    found = ObjectCrops(source, boxes="cat_boxes")[2]
    assert sorted(found) == ["cat_box", "cat_label", "cat_present", "image"]


class Persons(list):
    """A source that tells what readers tell."""

    def __init__(self, samples):
        super().__init__(samples)
        self.classes = {"classes": ["cat", "dog", "cow"]}
        self.flip_pairs = [(0, 1)]
        self.keypoint_names = ["left_eye", "right_eye"]
        self.files = ["a.png", "b.png"]

    def column(self, name):
        return [each[name] for each in self]


def test_it_tells_what_its_source_tells():
    crops = ObjectCrops(Persons([sample(), sample(file="b.png")]))
    assert crops.classes == {"label": ["cat", "dog", "cow"]}
    assert crops.flip_pairs == [(0, 1)]
    assert crops.keypoint_names == ["left_eye", "right_eye"]
    assert crops.files == ["a.png"] * 3 + ["b.png"] * 3
    assert not hasattr(crops, "skeleton")
    assert not hasattr(ObjectCrops([sample()]), "flip_pairs")


def test_batches_of_single_objects():
    crops = ObjectCrops(Persons([sample()]), backgrounds=2)
    mirror = mtv.data.Augment([mtv.data.RandomFlip(horizontal=1.0)])
    batches = Batches(
        crops,
        {"face": {"keypoints": "keypoints", "present": "present"}},
        image_size=24,
        augment=mirror,
    )
    images, targets, weights = batches[0]
    assert images.shape == (5, 24, 24, 3)
    assert targets["face"]["present"].tolist() == [1, 1, 1, 0, 0]
    assert weights["face"].tolist() == [1] * 5
    # 2.5 of 12 pixels, doubled and mirrored; it is the other eye now.
    assert targets["face"]["keypoints"][0, 1].tolist() == [19, 9, 2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"margin": -0.1}, "margin"),
        ({"backgrounds": -1}, "backgrounds"),
        ({"min_keypoints": -1}, "min_keypoints"),
        ({"seed": -1}, "seed"),
        ({"boxes": "box"}, "last word 'boxes'"),
        ({"boxes": "cat_boxes"}, "'cat_boxes'"),
    ],
)
def test_wrong_options_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        ObjectCrops([sample()], **options)
