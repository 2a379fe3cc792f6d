import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.metrics import check_metric, fed
from mtvision.metrics import PCK, KeypointError, ObjectKeypointSimilarity
from mtvision.ops.keypoint_maps import draw_keypoint_maps
from mtvision.ops.map_cells import join_cells
from mtvision.tasks.keypoints import (
    DecodeKeypoints,
    KeypointMapsHead,
    KeypointsError,
    KeypointsPCK,
    KeypointsPresence,
    KeypointsSimilarity,
    constant_keypoints,
)

NAN = np.nan
RNG = np.random.default_rng(0)
VECTORS = RNG.uniform(0, 30, (6, 9)).astype("float32")
VECTORS[:, 0] = [1, 1, 0, NAN, 1, 0]
VECTORS[1, 5:7] = NAN
OUTPUTS = VECTORS + RNG.normal(0, 3, (6, 9)).astype("float32")
OUTPUTS = np.where(np.isfinite(OUTPUTS), OUTPUTS, 7.0).astype("float32")
OUTPUTS[:, 0] = [2.0, -1.0, 3.0, 1.0, 0.5, -2.0]
POINTS = VECTORS[:, 1:].reshape(6, 4, 2)
GIVEN = np.isfinite(POINTS).all(axis=-1) & (VECTORS[:, :1] != 0)
KEYPOINTS = np.where(GIVEN[..., None], POINTS, NAN)
SIGMAS = (0.1, 0.2, 0.3, 0.4)
PAIRS = [
    (
        KeypointsError,
        {"num_keypoints": 4, "reference": "box"},
        KeypointError(4, reference="box"),
    ),
    (
        KeypointsPCK,
        {"num_keypoints": 4, "threshold": 0.1, "reference": (0, 1)},
        PCK(4, threshold=0.1, reference=(0, 1)),
    ),
    (
        KeypointsSimilarity,
        {"sigmas": SIGMAS},
        ObjectKeypointSimilarity(sigmas=SIGMAS),
    ),
]


@pytest.mark.parametrize(("cls", "arguments", "plain"), PAIRS)
def test_vectors_are_measured_as_the_points_they_hold(cls, arguments, plain):
    found = OUTPUTS[:, 1:].reshape(6, 4, 2)
    expected = fed(plain, (KEYPOINTS, found))
    score = check_metric(cls, arguments, VECTORS, OUTPUTS)
    assert score == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("cls", "arguments", "plain"), PAIRS)
def test_maps_are_measured_at_their_peaks(cls, arguments, plain):
    places = RNG.uniform(0, 7, (6, 4, 2))
    maps = draw_keypoint_maps(places, (8, 8), sigma=1.0)
    maps = to_numpy(join_cells(maps, 4))
    expected = fed(plain, (KEYPOINTS, 4 * (places + 0.5)))
    score = fed(cls(**arguments), (VECTORS, maps))
    assert score == pytest.approx(expected, rel=1e-2)


def test_presence():
    score = check_metric(
        KeypointsPresence, {"threshold": 0.7}, VECTORS, OUTPUTS
    )
    # Known: 1 as 0.88, 1 as 0.27, 0 as 0.95, 1 as 0.62, 0 as 0.12.
    assert score == pytest.approx(2 / 5)
    assert fed(KeypointsPresence(), (VECTORS, OUTPUTS)) == pytest.approx(3 / 5)
    with pytest.raises(ValueError, match="threshold"):
        KeypointsPresence(threshold=2)


def test_the_area_of_a_dict_counts():
    truth = {
        "keypoints": np.array([[[0.0, 0, 2], [4, 3, 2]]]),
        "present": np.ones(1),
        "area": np.array([50.0]),
    }
    metric = KeypointsSimilarity(sigmas=(0.1, 0.1))
    metric.update_state(truth, np.array([[0.0, 0, 0, 6, 3]]))
    expected = (1 + np.exp(-4 / (2 * 0.2**2 * 50))) / 2
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


def test_the_constant_is_the_best_that_does_not_look():
    constant = constant_keypoints(VECTORS)
    assert constant.shape == (9,)
    assert constant[0] == pytest.approx(np.log(3 / 2), rel=1e-5)
    best = np.nanmean(KEYPOINTS, axis=0)
    np.testing.assert_allclose(constant[1:].reshape(4, 2), best, rtol=1e-5)
    nothing = constant_keypoints(np.full((2, 5), NAN))
    assert nothing.tolist() == [0, 0, 0, 0, 0]


@pytest.mark.parametrize("sigma", [1.5, 2.0])
def test_the_constant_of_maps_says_the_same(sigma):
    vectors = VECTORS.copy()
    vectors[:, 1:] += np.tile([3, 8], 4)  # not a multiple of the stride
    maps = to_numpy(KeypointMapsHead(4)(RNG.normal(size=(2, 12, 14, 3))))
    constant = constant_keypoints(vectors, like=maps, sigma=sigma)
    assert constant.shape == maps.shape[1:]
    assert (constant[..., 4:] == maps[0, ..., 4:]).all()
    plain = constant_keypoints(vectors, like=np.zeros((1, 9)))
    assert plain.tolist() == constant_keypoints(vectors).tolist()
    decode = DecodeKeypoints()
    found, expected = decode(constant[None]), decode(plain[None])
    for name, value in expected.items():
        np.testing.assert_allclose(
            to_numpy(found[name]), to_numpy(value), rtol=1e-3, err_msg=name
        )


def test_a_constant_needs_outputs_of_its_form():
    with pytest.raises(ValueError, match="for 4 key points.*for 2"):
        constant_keypoints(VECTORS, like=np.zeros((1, 5)))
    with pytest.raises(ValueError, match="expects vectors"):
        constant_keypoints(VECTORS, like=np.zeros((1, 5, 5)))


def test_a_model_of_maps_is_compared_with_the_constant():
    x = np.zeros((6, 32, 32, 3), "float32")
    image = keras.Input((32, 32, 3))
    features = keras.layers.AveragePooling2D(4)(image)
    model = mtv.MultiTaskModel(image, {"maps": KeypointMapsHead(4)(features)})
    metrics = [KeypointsError(4), KeypointsPCK(4), KeypointsPresence()]
    loss = mtv.tasks.KeypointMapsLoss()
    model.compile("sgd", {"maps": loss}, metrics={"maps": metrics})
    outputs = model.predict(x, verbose=0)["maps"]
    constants = {"maps": constant_keypoints(VECTORS, like=outputs)}
    rows = mtv.training.compare_with_constants(
        model, [(x, {"maps": VECTORS})], constants, verbose=0
    )
    trivial = {row["metric"]: row["constant"] for row in rows}
    mean = constant_keypoints(VECTORS)
    for metric in metrics:
        expected = fed(metric, (VECTORS, np.tile(mean, (6, 1))))
        assert trivial[metric.name] == pytest.approx(expected, rel=1e-3)
