import numpy as np
import pytest

import mtvision as mtv
from mtvision.data import StickFigures
from mtvision.data.made.drawn import figure_poses
from mtvision.data.made.drawn.brush import Brush
from mtvision.data.made.drawn.figure_parts import Figure
from mtvision.data.made.drawn.shapes import ellipse


def test_a_picture_is_a_function_of_seed_split_and_place():
    def made(split="train", index=5, **options):
        options = {"num_images": 9, "image_size": 32, **options}
        return StickFigures(split, **options)[index]["image"]

    first = made()
    assert (made() == first).all()
    assert (made(num_images=20) == first).all()
    for other in (made("test"), made(index=4), made(seed=1)):
        assert np.abs(other - first.astype(float)).mean() > 5


def test_conventions_name_points_of_the_same_pictures():
    lsp, coco = (
        StickFigures("train", num_images=5, image_size=48, convention=name)
        for name in ("lsp", "coco")
    )
    assert lsp.keypoint_names == mtv.ops.LSP_KEYPOINTS.names
    assert coco.flip_pairs == mtv.ops.COCO_KEYPOINTS.flip_pairs
    common = set(lsp.keypoint_names) & set(coco.keypoint_names)
    assert len(common) == 12
    for one, other in zip(lsp, coco):
        assert one["keypoints"].shape == (14, 3)
        assert other["keypoints"].shape == (17, 3)
        np.testing.assert_array_equal(one["image"], other["image"])
        for name in common:
            np.testing.assert_array_equal(
                one["keypoints"][lsp.keypoint_names.index(name)],
                other["keypoints"][coco.keypoint_names.index(name)],
            )


def poses(number=60):
    for seed in range(number):
        yield figure_poses.draw_pose(np.random.default_rng(seed))


def test_limbs_have_the_lengths_of_people():
    bones = [
        ("shoulder", "elbow", figure_poses.UPPER_ARM),
        ("elbow", "wrist", figure_poses.FOREARM),
        ("hip", "knee", figure_poses.THIGH),
        ("knee", "ankle", figure_poses.SHIN),
    ]
    for pose in poses():
        for side in figure_poses.SIDES:
            for start, stop, length in bones:
                way = (
                    pose.joints[f"{side}_{stop}"]
                    - pose.joints[f"{side}_{start}"]
                )
                assert 0.8 * length <= np.linalg.norm(way) <= length + 1e-9


def test_faces_tell_left_from_right():
    ways = set()
    for pose in poses():
        way = pose.joints["left_shoulder"] - pose.joints["right_shoulder"]
        assert (way[0] < 0) == pose.away
        ears = pose.joints["left_ear"] - pose.joints["right_ear"]
        assert (ears[0] < 0) == pose.away
        ways.add(pose.away)
    assert ways == {True, False}
    figures = StickFigures("train", num_images=60, convention="coco")
    names = figures.keypoint_names
    nose, left, right = (
        names.index(k) for k in ("nose", "left_shoulder", "right_shoulder")
    )
    for sample in figures:
        points = sample["keypoints"]
        if points[[nose, left, right], 2].min() == 2:
            assert points[left, 0] > points[right, 0]


def test_joints_are_painted_within_the_outline():
    for seed, pose in enumerate(poses(20)):
        picture = np.full((120, 120, 3), -1000.0)
        figure = Figure(pose, np.random.default_rng(seed))
        brush = Brush(picture, centre=(60, 55), scale=24)
        figure.paint(brush)
        painted = picture.max(axis=-1) > -400
        for name, place in pose.joints.items():
            x, y = brush.to_pixels(place).astype(int)
            # The top of the head is on its edge.
            assert painted[y - 1 : y + 2, x - 1 : x + 2].any(), name
        rows, columns = np.nonzero(painted)
        found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        edges = brush.to_pixels(figure.outline())
        expected = [*edges.min(axis=0), *edges.max(axis=0)]
        np.testing.assert_allclose(found, expected, atol=3)


def test_backs_hide_faces():
    for seed, pose in enumerate(poses(20)):
        figure = Figure(pose, np.random.default_rng(seed))
        figure.paint(Brush(np.zeros((16, 16, 3)), scale=4))
        if pose.away:
            assert figure.hidden["nose"]
            assert figure.hidden["left_eye"]


def test_what_is_painted_later_hides_what_it_covers():
    pose = next(poses(1))
    figure = Figure(pose, np.random.default_rng(0))
    wrist = pose.joints["left_wrist"]
    figure.cover(ellipse(wrist, (0.05, 0.05)))
    assert [name for name, is_hidden in figure.hidden.items() if is_hidden] == [
        "left_wrist"
    ]
    figure.cover(ellipse(wrist, (0.05, 0.05)), ("left_wrist",))
    assert not any(figure.hidden.values())


def test_some_joints_are_hidden_or_outside():
    def shares(**options):
        figures = StickFigures("test", num_images=80, image_size=32, **options)
        seen = []
        for sample in figures:
            points = sample["keypoints"]
            assert not points[points[:, 2] == 0].any()
            assert (points[:, :2] >= 0).all()
            assert (points[:, :2] < 32).all()
            x1, y1, x2, y2 = sample["box"]
            inside = points[points[:, 2] > 0]
            assert ((inside[:, :2] >= [x1, y1]).all(axis=-1)).all()
            assert ((inside[:, :2] <= [x2, y2]).all(axis=-1)).all()
            seen.append(points[:, 2])
        return np.bincount(np.ravel(seen).astype(int), minlength=3) / 80 / 14

    free, covered = shares(occluded=0.0), shares(occluded=1.0)
    assert free[0] == covered[0]
    assert 0.001 < free[0] < 0.15
    assert 0.005 < free[1] < covered[1] < 0.4
    assert covered[2] > 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "valid"}, "'validation'"),
        ({"num_images": 0}, "num_images"),
        ({"image_size": 8}, "image_size"),
        ({"convention": "mpii"}, "'mpii'"),
        ({"occluded": -0.1}, "occluded"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_options_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        StickFigures(**{"split": "train", **options})
