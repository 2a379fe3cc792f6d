import numpy as np
import pytest

from mtvision.data import read_mask
from mtvision.data.readers.coco_panoptic import CocoPanoptic

CATEGORIES = [
    {"id": 9, "name": "sky", "isthing": 0},
    {"id": 4, "name": "cat", "isthing": 1},
    {"id": 2, "name": "grass", "isthing": 0},
    {"id": 7, "name": "dog", "isthing": 1},
]
SKY, CAT, OTHER_CAT, DOGS = 70_000, 3, 300, 513
SEGMENTS = [
    {"id": SKY, "category_id": 9, "bbox": [0, 0, 16, 6]},
    {"id": OTHER_CAT, "category_id": 4, "bbox": [4, 6, 4, 6]},
    {"id": CAT, "category_id": 4, "bbox": [0, 6, 4, 6]},
    {"id": DOGS, "category_id": 7, "bbox": [8, 6, 4, 6], "iscrowd": 1},
]
IDS = np.zeros((12, 16), "int64")
IDS[:6] = SKY
IDS[6:, :4] = CAT
IDS[6:, 4:8] = OTHER_CAT
IDS[6:, 8:12] = DOGS


def colours(ids):
    planes = [ids % 256, ids // 256 % 256, ids // 65536]
    return np.stack(planes, axis=-1).astype("uint8")


@pytest.fixture
def coco(tmp_path, draw, write):
    draw("images/a.png")
    write("maps/a.png", colours(IDS))

    def open_(
        segments=SEGMENTS, *, more=(), images=(), file="a.png", **options
    ):
        annotation = {"image_id": 1, "file_name": file}
        annotation["segments_info"] = segments
        content = {
            "images": [{"id": 1, "file_name": "a.png"}, *images],
            "categories": CATEGORIES,
            "annotations": [annotation, *more],
        }
        path = write("panoptic.json", content)
        return CocoPanoptic(
            tmp_path / "images", path, tmp_path / "maps", **options
        )

    return open_


def test_a_sample_has_its_maps_and_things(coco):
    source = coco(masks=True, verify=True)
    sample = source[0]
    assert source.classes["semantic"] == ["grass", "cat", "dog", "sky"]
    assert source.classes["classes"] == ["cat", "dog"]
    assert source.thing_classes.tolist() == [1, 2]
    assert source.category_ids.tolist() == [2, 4, 7, 9]
    numbers = {SKY: 3, CAT: 1, OTHER_CAT: 1, DOGS: 2, 0: -1}
    expected = np.vectorize(numbers.get)(IDS)
    np.testing.assert_array_equal(sample["semantic"], expected)
    # Objects are counted from 1, stuff and crowds are 0.
    panoptic = {SKY: 3000, CAT: 1001, OTHER_CAT: 1002, DOGS: 2000, 0: -1}
    expected = np.vectorize(panoptic.get)(IDS)
    np.testing.assert_array_equal(sample["panoptic"], expected)
    np.testing.assert_array_equal(
        sample["panoptic"] // 1000, sample["semantic"]
    )
    assert sample["classes"].tolist() == [0, 0, 1]
    assert sample["crowd"].tolist() == [0, 0, 1]
    for row, number in enumerate([CAT, OTHER_CAT, DOGS]):
        np.testing.assert_array_equal(sample["masks"][row], number == IDS)
        rows, columns = np.nonzero(number == IDS)
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert sample["boxes"][row].tolist() == box
    for name in ("semantic", "panoptic", "classes", "crowd"):
        assert sample[name].dtype == np.int32, name


def test_masks_are_given_if_asked_for(coco):
    assert "masks" not in coco()[0]


def test_segments_that_are_not_listed_are_refused(coco):
    source = coco(SEGMENTS[:3])
    message = r"maps/a\.png: 24 pixels belong to the segments \[513\]"
    with pytest.raises(ValueError, match=message):
        source[0]
    with pytest.raises(ValueError, match=message):
        coco(SEGMENTS[:3], verify=True)


def test_segments_without_a_pixel_are_found(coco):
    more = {"id": 8, "category_id": 4, "bbox": [0, 0, 1, 1]}
    source = coco([*SEGMENTS, more], verify=True)
    assert source.findings == {"segment without a pixel": ["a.png (id 8)"]}


def test_an_image_without_a_map_is_not_labelled(coco, draw):
    draw("images/b.png")
    source = coco(images=[{"id": 2, "file_name": "b.png"}], masks=True)
    assert source.findings == {"no panoptic map": ["b.png"]}
    assert source.files == ["a.png", "b.png"]
    labels = {k: v for k, v in source[1].items() if k not in ("image", "file")}
    assert labels == dict.fromkeys(
        ["semantic", "panoptic", "boxes", "classes", "crowd", "masks"]
    )


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ([{"id": 0, "category_id": 4, "bbox": [0, 0, 1, 1]}], "0 is void"),
        ([SEGMENTS[0]] * 2, "different ids"),
        ([{"category_id": 9}], "different ids"),
        ([{"id": 5, "category_id": 5, "bbox": [0, 0, 1, 1]}], "category 5"),
        ([{"id": 5, "category_id": 4}], "annotation 5 should have a bbox"),
    ],
)
def test_faulty_segments_are_refused(coco, segments, message):
    with pytest.raises(ValueError, match=rf"a\.png.*{message}"):
        coco(segments)


def test_faulty_maps_are_named(coco, write):
    with pytest.raises(ValueError, match=r"maps/no\.png: there is no such"):
        coco(file="no.png")
    with pytest.raises(ValueError, match="inside the folder"):
        coco(file="../a.png")
    more = {"image_id": 1, "file_name": "a.png", "segments_info": []}
    with pytest.raises(ValueError, match="more than one annotation"):
        coco(more=[more])
    write("maps/a.png", colours(IDS[:5]))
    with pytest.raises(ValueError, match=r"size \(5, 16\), the image \(12"):
        coco()


def test_the_coco_sample(shared):
    folder = shared("coco_train2017_panoptic")
    source = CocoPanoptic(
        folder / "images",
        folder / "panoptic.json",
        folder / "panoptic",
        masks=True,
        verify=True,
    )
    assert len(source) == 72
    assert not source.findings
    assert len(source.classes["semantic"]) == 133
    assert len(source.classes["classes"]) == 80
    crowds = 0
    for index in range(len(source)):
        sample = source[index]
        crowds += sample["crowd"].sum()
        stored = read_mask(
            (folder / "semantic" / sample["file"]).with_suffix(".png")
        )
        semantic = sample["semantic"]
        ids = np.where(semantic < 0, 0, source.category_ids[semantic])
        np.testing.assert_array_equal(ids, stored)
        for mask, box in list(zip(sample["masks"], sample["boxes"]))[:2]:
            rows, columns = np.nonzero(mask)
            # COCO's boxes of things lie around their pixels.
            found = [columns.min(), rows.min(), columns.max(), rows.max()]
            np.testing.assert_allclose(box, found, atol=1.01)
    assert crowds == 6
