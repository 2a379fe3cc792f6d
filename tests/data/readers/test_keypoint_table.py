import csv

import numpy as np
import pytest

from mtvision.data.readers.keypoint_table import KeypointTable

TABLE = (
    "file,nose_x,nose_y,left_ear_x,left_ear_y,right_ear_x,right_ear_y\n"
    "a.png,1,2,3,4,,\nb.png,,,,,,\nc.png,5,6,99,8,7,8\n"
)


@pytest.fixture
def source(tmp_path, draw, write):
    for name in "abcd":
        draw(f"images/{name}.png")
    return lambda **options: KeypointTable(
        tmp_path / "images", write("points.csv", TABLE), **options
    )


def test_points_have_a_visibility(source):
    found = source()
    assert found.keypoint_names == ["nose", "left_ear", "right_ear"]
    assert found.flip_pairs == [(1, 2)]
    points = found[0]["keypoints"]
    assert points.tolist() == [[1.5, 2.5, 2], [3.5, 4.5, 2], [0, 0, 0]]
    assert points.dtype == np.float32
    plain = source(keypoint_offset=0)
    assert plain[0]["keypoints"][0].tolist() == [1, 2, 2]


def test_an_image_without_any_point_is_not_labelled(source):
    assert source()[1]["keypoints"] is None


def test_what_is_missing_or_outside_is_counted(source):
    assert source().findings == {
        "image without a row, left out": ["d.png"],
        "key point not given": [
            "a.png (right_ear)",
            "b.png (nose)",
            "b.png (left_ear)",
            "b.png (right_ear)",
        ],
        "key point outside of the image": ["c.png (left_ear)"],
    }


def test_the_mice(shared):
    folder = shared("keypoints_mouse_openfield")
    source = KeypointTable(folder / "images", folder / "keypoints.csv")
    assert len(source) == 24
    assert source.keypoint_names == ["snout", "leftear", "rightear", "tailbase"]
    assert source.flip_pairs == [(1, 2)]
    assert not source.findings
    with open(folder / "keypoints.csv", newline="") as file:
        rows = {row[0]: row[1:] for row in csv.reader(file)}
    for sample in (source[k] for k in range(24)):
        known = np.array(rows[sample["file"]], "float32").reshape(4, 2)
        points = sample["keypoints"]
        np.testing.assert_allclose(points[:, :2], known + 0.5, rtol=1e-6)
        assert (points[:, 2] == 2).all()
