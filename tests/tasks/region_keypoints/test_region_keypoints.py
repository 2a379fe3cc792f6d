from pathlib import Path

import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from batteries.losses import check_loss
from mtvision.ops.anchor_assigner import AnchorAssigner
from mtvision.ops.keypoint_targets import keypoint_targets
from mtvision.tasks.region_keypoints import (
    DecodeRegionKeypoints,
    RegionKeypointsHead,
    RegionKeypointsLoss,
)
from mtvision.tasks.region_keypoints.columns import join

# torchvision 0.28.0, keypointrcnn_loss and its gradient.
FOLDER = Path(__file__).parents[2] / "vectors"
VECTORS = dict(np.load(FOLDER / "region_targets.npz"))
RANDOM = np.random.default_rng(0)
BOXES = np.float32([[2, 2, 14, 14], [16, 10, 30, 28]])
REGIONS = np.float32([*BOXES, [3, 2, 14, 15], [16, 9, 29, 28], [0, 20, 9, 31]])
REGIONS = np.stack([REGIONS] * 2)


class Given:
    """An assigner that was told the matches."""

    def __init__(self, matches):
        self.matches = matches

    def __call__(self, objects, boxes):
        return keras.ops.convert_to_tensor(self.matches, dtype="int32")


def truth():
    points = np.float32(
        [
            [[3, 4, 2], [12, 12, 1], [0, 0, 0]],
            [[20, 20, 2], [29, 12, 2], [17, 27, 1]],
        ]
    )
    fields = {"boxes": BOXES, "classes": np.int32([0, 0]), "keypoints": points}
    return {k: np.stack([v] * 2) for k, v in fields.items()}


def rows():
    maps = RANDOM.normal(size=(2, 5, 4, 4, 3)).astype("float32")
    return to_numpy(join(maps, REGIONS))


def test_loss_and_gradient_equal_torchvision():
    regions = VECTORS["kp2_rois"][None]
    maps = np.moveaxis(VECTORS["loss_keypoint_logits"], 1, -1)[None]
    given = {
        "boxes": np.float32([[[0, 0, 60, 60]] * 4]),
        "classes": np.zeros((1, 4), "int32"),
        "keypoints": VECTORS["loss_keypoints"][None],
    }
    loss = RegionKeypointsLoss(assigner=Given([[0, 1, 2, 3, 1, 0]]))
    predicted = to_numpy(join(maps, regions))
    assert float(loss(given, predicted)) == pytest.approx(
        float(VECTORS["loss_keypoint"]), rel=1e-5
    )
    slope = gradient(lambda p: loss(given, p), predicted)
    expected = np.moveaxis(VECTORS["loss_keypoint_gradient"], 1, -1)
    np.testing.assert_allclose(slope[0, :, :14], expected, atol=1e-6)
    assert not slope[:, :, 14:].any()


def test_every_property_of_a_loss():
    given = truth()
    given["keypoints"][1] += 1
    check_loss(
        RegionKeypointsLoss,
        {
            "assigner": AnchorAssigner(high=0.6, low=0.2),
            "num_samples": 4,
            "positive_share": 0.5,
            "normalize_by": "image",
            "reduction": "sum",
        },
        given,
        rows(),
    )


def test_only_labelled_points_in_regions_that_show_an_object_count():
    slope = gradient(lambda p: RegionKeypointsLoss()(truth(), p), rows())
    slope = np.abs(slope[:, :, :4]).max(axis=(2, 3)) > 0
    # The fourth region has a point on its right edge.
    assert slope[0].tolist() == [
        [True, True, False],
        [True, True, True],
        [True, True, False],
        [True, True, True],
        [False, False, False],
    ]


@pytest.mark.parametrize("missing", [0, np.nan])
def test_an_object_without_points_counts_nowhere(missing):
    given, loss = truth(), RegionKeypointsLoss(reduction=None)
    given["keypoints"][1] = missing
    assert to_numpy(loss.labelled(given)).tolist() == [True, False]
    values = to_numpy(loss(given, rows()))
    assert values[0] > 0
    assert values[1] == 0
    slope = gradient(lambda p: loss(given, p), rows())
    assert np.isfinite(slope).all()
    assert slope[0].any()
    assert not slope[1].any()


def test_points_of_booleans_count_as_numbers():
    y_true = truth()
    flags = y_true["keypoints"] > 15
    of_numbers = {**y_true, "keypoints": flags.astype("float32")}
    loss, y_pred = RegionKeypointsLoss(), rows()
    found = to_numpy(loss({**y_true, "keypoints": flags}, y_pred))
    np.testing.assert_array_equal(found, to_numpy(loss(of_numbers, y_pred)))


def test_right_maps_cost_nothing_and_come_back():
    size = 12
    given = truth()
    given["keypoints"][..., 2] = 2
    given["keypoints"][:, 0, 2, :2] = 5, 6
    matches = np.int32([[0, 1]] * 2)
    places, valid = keypoint_targets(
        given["keypoints"], given["boxes"], matches, size
    )
    assert to_numpy(valid).all()
    maps = np.eye(size * size, dtype="float32")[to_numpy(places)] * 30
    maps = np.moveaxis(maps, 2, -1).reshape(2, 2, size, size, 3)
    predicted = join(maps, given["boxes"])
    assert float(RegionKeypointsLoss()(given, predicted)) < 1e-6
    found = DecodeRegionKeypoints(max_side=32)(predicted, given)
    error = to_numpy(found["keypoints"]) - given["keypoints"]
    assert np.abs(error[..., :2]).max() < 1.6
    np.testing.assert_array_equal(to_numpy(found["classes"]), given["classes"])


def test_rows_of_padding_are_zeros():
    found = {"boxes": REGIONS, "classes": np.int32([[0, -1, 0, 0, 0]] * 2)}
    decoded = DecodeRegionKeypoints(max_side=20)(rows(), found)
    for name in ("keypoints", "keypoint_scores"):
        values = np.abs(to_numpy(decoded[name])).reshape(2, 5, -1)
        assert (values.max(axis=-1) > 0).tolist() == [
            [True, False, True, True, True]
        ] * 2


def test_decoder_in_a_model():
    found = {"boxes": REGIONS, "classes": np.float32([[0, 1, -1, 0, 0]] * 2)}
    check_layer(
        DecodeRegionKeypoints,
        {"max_side": 20},
        (rows(), found),
        differentiable=False,
    )


def test_head():
    pooled = RANDOM.normal(size=(2, 5, 2, 2, 6)).astype("float32")
    outputs = check_layer(
        RegionKeypointsHead,
        {"num_keypoints": 3, "filters": 4, "depth": 2},
        (pooled, REGIONS),
        without_gradient=(1,),
    )
    assert outputs.shape == (2, 5, 9, 8, 3)
    np.testing.assert_array_equal(
        outputs[:, :, -1].reshape(2, 5, -1)[..., :4], REGIONS
    )


def test_points_that_are_none():
    given, loss = truth(), RegionKeypointsLoss()
    loss.check_truth(given, rows())
    loss.check_image_size(given, (32, 32))
    given["keypoints"][1, 1, 1, 0] = 5000
    with pytest.raises(ValueError, match="sample 1 have point 1 of object 1"):
        loss.check_image_size(given, (32, 32))
    given["keypoints"][1, 1, 1, 0] = np.nan
    with pytest.raises(ValueError, match="sample 1 have point 1 of object 1"):
        loss.check_truth(given, rows())


def test_what_does_not_fit():
    given, loss = truth(), RegionKeypointsLoss()
    with pytest.raises(ValueError, match=r"\(B, R, S \+ 1, S, K\)"):
        loss(given, rows()[:, :, :4])
    without = {k: v for k, v in given.items() if k != "keypoints"}
    with pytest.raises(ValueError, match="'keypoints'.*received"):
        loss(without, rows())
    given["keypoints"] = given["keypoints"][:, :, :2]
    for check in (loss, loss.check_truth):
        with pytest.raises(ValueError, match="3 key points, but a truth of 2"):
            check(given, rows())
    with pytest.raises(ValueError, match=r"expects \(B, R, h, h, D\)"):
        RegionKeypointsHead(2)(np.zeros((1, 5, 3, 4, 2)), np.zeros((1, 5, 4)))
    for name in ("num_keypoints", "filters"):
        with pytest.raises(ValueError, match=name):
            RegionKeypointsHead(**{"num_keypoints": 2, name: 0})
    with pytest.raises(ValueError, match="max_side"):
        DecodeRegionKeypoints(max_side=0)
