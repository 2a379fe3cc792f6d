import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from mtvision.ops import roi_align
from mtvision.ops.map_cells import join_cells
from mtvision.tasks.keypoints import (
    DecodeKeypoints,
    KeypointMapsHead,
    KeypointRefinementHead,
    KeypointsHead,
)
from mtvision.tasks.keypoints.columns import split

RNG = np.random.default_rng(0)
PYRAMID = {
    "P2": RNG.normal(size=(2, 6, 8, 3)).astype("float32"),
    "P3": RNG.normal(size=(2, 3, 4, 3)).astype("float32"),
}
VECTORS = RNG.uniform(2, 20, (2, 7)).astype("float32")


def test_properties_of_regression():
    arguments = {"num_keypoints": 3, "level": "P2", "hidden": 5}
    assert check_layer(KeypointsHead, arguments, PYRAMID).shape == (2, 7)


def test_regression_is_the_mean_of_weighted_votes():
    head = KeypointsHead(2, hidden=4)
    found = to_numpy(head(PYRAMID))
    x = head.normalisation(head.convolution(PYRAMID["P3"]))
    votes = to_numpy(head.votes(np.maximum(to_numpy(x), 0)))
    for sample in range(2):
        logit, points = np.zeros(2), np.zeros((2, 2))
        total = np.zeros(3)
        for row, column in np.ndindex(3, 4):
            cell = votes[sample, row, column]
            weight = np.exp(cell[[0, 2, 3]])
            total += weight
            logit[0] += weight[0] * cell[1]
            centre = 8 * (np.array([column, row]) + 0.5)
            for k in range(2):
                way = cell[4 + 2 * k : 6 + 2 * k]
                points[k] += weight[1 + k] * (centre + 8 * way)
        expected = [logit[0] / total[0], *(points / total[1:, None]).ravel()]
        np.testing.assert_allclose(found[sample], expected, rtol=1e-4)


def test_properties_of_maps():
    arguments = {"num_keypoints": 3, "level": "P3"}
    maps = check_layer(KeypointMapsHead, arguments, PYRAMID)
    assert maps.shape == (2, 3, 4, 7)
    assert maps[0, 1, 2, 3:].tolist() == [16, 8, 24, 16]


def test_properties_of_refinement():
    arguments = {
        "num_keypoints": 3,
        "share": 0.6,
        "level": "P3",
        "bins": 2,
        "hidden": 4,
    }
    vectors = check_layer(KeypointRefinementHead, arguments, (PYRAMID, VECTORS))
    assert (vectors[:, 0] == VECTORS[:, 0]).all()


def test_refinement_by_hand():
    head = KeypointRefinementHead(3, share=0.6, bins=2, hidden=4)
    head(PYRAMID, VECTORS)
    weights = [RNG.uniform(0.1, 1, w.shape) for w in head.get_weights()]
    head.set_weights(weights)
    found = to_numpy(head(PYRAMID, VECTORS))
    dense, offset, kernel, bias = (
        to_numpy(x)
        for x in (head.dense.kernel, head.offset, head.kernel, head.bias)
    )
    norm = head.normalisation
    scale, shift, mean, variance = map(to_numpy, norm.weights)
    deviation = np.sqrt(variance + norm.epsilon)
    for sample in range(2):
        points = VECTORS[sample, 1:].reshape(3, 2)
        side = max(0.6 * np.ptp(points, axis=0).max(), 4.0)
        for k, point in enumerate(points):
            box = [*(point - side / 2), *(point + side / 2)]
            one = PYRAMID["P2"][sample, None]
            pooled = roi_align(one, [[box]], 2, spatial_scale=0.25)
            hidden = (to_numpy(pooled).ravel() @ dense - mean) / deviation
            hidden = scale * hidden + shift + offset[k]
            way = np.maximum(hidden, 0) @ kernel[k] + bias[k]
            np.testing.assert_allclose(
                found[sample, 1 + 2 * k : 3 + 2 * k],
                point + side * way,
                rtol=1e-3,
            )


def test_refinement_starts_where_the_stage_before_ended():
    head = KeypointRefinementHead(3, hidden=8)
    found = to_numpy(head(PYRAMID, VECTORS))
    assert np.abs(found - VECTORS).max() < 1.0
    slope = gradient(lambda v: head(PYRAMID, v), VECTORS)
    assert (slope == 0).all()


def test_refinement_of_a_pose_without_extent():
    vectors = np.full((2, 7), 9.0, "float32")
    found = to_numpy(KeypointRefinementHead(3)(PYRAMID, vectors))
    assert np.isfinite(found).all()


def test_decoder_of_vectors():
    outputs = check_layer(DecodeKeypoints, {"threshold": 0.7}, VECTORS)
    logit, points = map(to_numpy, split(VECTORS))
    present = 1 / (1 + np.exp(-logit))
    np.testing.assert_allclose(outputs["present"], present, rtol=1e-5)
    np.testing.assert_allclose(outputs["keypoints"][..., :2], points)
    np.testing.assert_allclose(
        outputs["scores"], np.tile(present[:, None], (1, 3)), rtol=1e-5
    )
    seen = outputs["keypoints"][..., 2]
    assert (seen == (present > 0.7)[:, None]).all()


def test_decoder_of_maps():
    from mtvision.ops.keypoint_maps import draw_keypoint_maps

    places = RNG.uniform(1, 5, (2, 3, 2))
    heights = np.array([[1.0, 0.5, 2.0], [0.3, 0.8, 0.0]], "float32")
    drawn = to_numpy(draw_keypoint_maps(places, (6, 7), sigma=1.0))
    maps = to_numpy(join_cells(drawn * heights[:, None, None], 4))
    outputs = check_layer(
        DecodeKeypoints, {"threshold": 0.4}, maps, differentiable=False
    )
    kept = heights > 0
    np.testing.assert_allclose(
        outputs["keypoints"][..., :2][kept],
        4 * (places[kept] + 0.5),
        atol=1e-2,
    )
    highest = np.minimum(drawn.max(axis=(1, 2)) * heights, 1)
    np.testing.assert_allclose(outputs["scores"], highest, rtol=1e-5)
    np.testing.assert_allclose(
        outputs["present"], highest.mean(axis=1), rtol=1e-5
    )
    assert (outputs["keypoints"][..., 2] == (highest >= 0.4)).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: KeypointsHead(0), "num_keypoints"),
        (lambda: KeypointsHead(3, hidden=0), "hidden"),
        (lambda: KeypointMapsHead(0), "num_keypoints"),
        (lambda: KeypointRefinementHead(3, share=0), "share"),
        (lambda: KeypointRefinementHead(3, bins=0), "bins"),
        (lambda: DecodeKeypoints(threshold=2), "threshold"),
        (lambda: KeypointsHead(3, level="P9")(PYRAMID), "Level 'P9'"),
        (lambda: DecodeKeypoints()(np.zeros((2, 4))), "expects vectors"),
    ],
)
def test_what_does_not_fit_is_an_error(make, message):
    with pytest.raises(ValueError, match=message):
        make()
