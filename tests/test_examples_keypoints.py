"""The example of key points runs from end to end, on little data."""

import pytest

from batteries.examples import ROOT, run

DATA = ROOT / "../shared/data"


def test_find_keypoints(tmp_path):
    shown = run("find_keypoints.py", "--tiny", "--output", tmp_path)
    for cell in ("| face   | guess", "| person | cascade", "| heat maps"):
        assert cell in shown
    for name in ("face.png", "person.png"):
        assert (tmp_path / name).exists()


@pytest.mark.by_heart
@pytest.mark.parametrize(
    "file",
    [
        "coco_keypoints/person_keypoints.json",
        "faces_boxes_landmarks_dlib/coco_training.json",
        "keypoints_mouse_openfield/keypoints.csv",
    ],
)
def test_find_keypoints_of_real_data(file, tmp_path):
    if not (DATA / file).exists():
        pytest.skip(f"needs the real images of {file}")
    shown = run(
        *("find_keypoints.py", "--data", DATA / file),
        *("--epochs", 2, "--output", tmp_path),
    )
    assert "cascade" in shown
    assert len(list(tmp_path.glob("*.png"))) == 1
