import keras
import numpy as np
import pytest

from batteries.metrics import check_metric, fed
from mtvision.metrics import PCK, KeypointError, ObjectKeypointSimilarity

RNG = np.random.default_rng(0)
TRUTH = RNG.uniform(0, 60, (6, 4, 3)).astype("float32")
TRUTH[..., 2] = RNG.integers(0, 3, (6, 4))
TRUTH[0, :, 2] = 2
TRUTH[5, :, 2] = 0
FOUND = TRUTH[..., :2] + RNG.normal(0, 6, (6, 4, 2)).astype("float32")
GIVEN = TRUTH[..., 2] > 0
AWAY = np.hypot(*np.moveaxis(FOUND - TRUTH[..., :2], -1, 0))


def longer_side(sample):
    points = TRUTH[sample, GIVEN[sample], :2]
    return np.ptp(points, axis=0).max() if len(points) else 0.0


def lengths(reference):
    if reference is None:
        return np.ones(6)
    if reference == "box":
        return np.array([longer_side(k) for k in range(6)])
    both = GIVEN[:, reference].all(axis=1)
    first, second = (TRUTH[:, k, :2] for k in reference)
    return both * np.linalg.norm(first - second, axis=1)


@pytest.mark.parametrize("reference", [None, "box", [0, 1]])
def test_error_by_hand(reference):
    metric = KeypointError(4, reference=reference)
    length = lengths(reference)
    counted = GIVEN & (length > 0)[:, None]
    expected = (AWAY / np.maximum(length, 1e-9)[:, None])[counted].mean()
    assert fed(metric, (TRUTH, FOUND)) == pytest.approx(expected, rel=1e-5)


def test_properties_of_error():
    check_metric(
        KeypointError, {"num_keypoints": 4, "reference": "box"}, TRUTH, FOUND
    )


def test_error_of_each_keypoint():
    truth = TRUTH.copy()
    truth[:, 3, 2] = 0
    metric = KeypointError(4)
    metric.update_state(truth, FOUND)
    expected = [AWAY[GIVEN[:, k], k].mean() for k in range(3)]
    np.testing.assert_allclose(metric.per_keypoint()[:3], expected, rtol=1e-5)
    assert np.isnan(metric.per_keypoint()[3])


def test_pck_by_hand():
    arguments = {"num_keypoints": 4, "threshold": 6.0, "reference": None}
    share = check_metric(PCK, arguments, TRUTH, FOUND)
    assert share == pytest.approx((AWAY[GIVEN] <= 6.0).mean())


def test_pck_needs_the_reference():
    metric = PCK(4, threshold=0.3, reference=(2, 1))
    both = GIVEN[:, [2, 1]].all(axis=1)
    limits = 0.3 * lengths([2, 1])[:, None]
    expected = (limits >= AWAY)[GIVEN & both[:, None]].mean()
    assert fed(metric, (TRUTH, FOUND)) == pytest.approx(expected)


def test_similarity_by_hand():
    sigmas = (0.1, 0.2, 0.05, 0.1)
    area = RNG.uniform(500, 3000, 6)
    metric = ObjectKeypointSimilarity(sigmas=sigmas)
    alike = np.exp(
        -(AWAY**2) / (2 * (2 * np.array(sigmas)) ** 2 * area[:, None])
    )
    expected = [alike[k, GIVEN[k]].mean() for k in range(5) if GIVEN[k].any()]
    metric.update_state({"keypoints": TRUTH, "area": area}, FOUND)
    assert float(metric.result()) == pytest.approx(np.mean(expected), rel=1e-5)


def test_properties_of_similarity():
    arguments = {"sigmas": (0.5, 0.4, 0.3, 0.2)}
    check_metric(ObjectKeypointSimilarity, arguments, TRUTH, FOUND)


@pytest.mark.parametrize("factor", [1.0, 4.0])
def test_shares_do_not_depend_on_the_resolution(factor):
    truth = TRUTH * [factor, factor, 1]
    scores = [
        fed(PCK(4, threshold=0.1), (truth, FOUND * factor)),
        fed(KeypointError(4, reference="box"), (truth, FOUND * factor)),
        fed(
            ObjectKeypointSimilarity(sigmas=(0.1,) * 4), (truth, FOUND * factor)
        ),
    ]
    plain = [
        fed(PCK(4, threshold=0.1), (TRUTH, FOUND)),
        fed(KeypointError(4, reference="box"), (TRUTH, FOUND)),
        fed(ObjectKeypointSimilarity(sigmas=(0.1,) * 4), (TRUTH, FOUND)),
    ]
    assert scores == pytest.approx(plain, rel=1e-4)


def test_what_does_not_fit_is_an_error():
    with pytest.raises(ValueError, match="num_keypoints"):
        KeypointError(0)
    with pytest.raises(ValueError, match="threshold"):
        PCK(4, threshold=0)
    for sigmas in ((0.1, 0.0), (), 0.1, "0.1", np.array(0.1)):
        with pytest.raises(ValueError, match="Expected sigmas as"):
            ObjectKeypointSimilarity(sigmas=sigmas)
    for truth, found in ((TRUTH[:, :3], FOUND), (TRUTH, FOUND[:, :3])):
        with pytest.raises(ValueError, match=r"expects key points \(B, 4, 3\)"):
            KeypointError(4).update_state(truth, found)
    sigmas = keras.ops.convert_to_numpy(np.ones(3)).tolist()
    with pytest.raises(ValueError, match=r"expects key points \(B, 3, 3\)"):
        ObjectKeypointSimilarity(sigmas=sigmas).update_state(TRUTH, FOUND)


METRICS = [KeypointError(4), PCK(4), ObjectKeypointSimilarity(sigmas=(1,) * 4)]


@pytest.mark.parametrize("metric", METRICS)
def test_fields_of_another_shape(metric):
    for name, shape in (
        ("area", (6, 1)),
        ("area", (1,)),
        ("area", ()),
        ("box", (6, 1, 4)),
        ("box", (4,)),
        ("present", (5,)),
    ):
        truth = {"keypoints": TRUTH, name: np.ones(shape)}
        with pytest.raises(ValueError, match=rf"expected '{name}' \(6,"):
            metric.update_state(truth, FOUND)


@pytest.mark.parametrize("metric", METRICS)
def test_weights_of_a_column(metric):
    weight = np.array([1, 0, 2, 1, 0.5, 1])
    metric.reset_state()
    metric.update_state(TRUTH, FOUND, weight)
    plain = float(metric.result())
    metric.reset_state()
    metric.update_state(TRUTH, FOUND, weight[:, None])
    assert float(metric.result()) == pytest.approx(plain, rel=1e-6)
    for wrong in (weight[:1], weight[:5, None]):
        with pytest.raises(ValueError, match=f"{len(wrong)} for 6 samples"):
            metric.update_state(TRUTH, FOUND, wrong)


def test_similarity_needs_an_area():
    truth = np.zeros((3, 2, 3), "float32")
    truth[0] = [[5, 5, 2], [0, 0, 0]]  # a point has no area
    truth[1] = [[5, 5, 2], [5, 60, 2]]  # nor has an upright line
    truth[2] = [[5, 5, 2], [15, 15, 2]]
    metric = ObjectKeypointSimilarity(sigmas=(0.1, 0.1))
    found = truth[..., :2] + [0.5, 0]
    expected = np.exp(-(0.5**2) / (2 * 0.2**2 * 100))
    assert fed(metric, (truth, found)) == pytest.approx(expected, rel=1e-5)
    boxes = {"keypoints": truth[:2], "box": [[0.0, 0, 10, 10]] * 2}
    metric.reset_state()
    metric.update_state(boxes, found[:2])
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "metric", [PCK(4), ObjectKeypointSimilarity(sigmas=(0.1,) * 4)]
)
def test_one_prediction_is_not_for_all(metric):
    with pytest.raises(ValueError, match="received 1 for 6 samples"):
        metric.update_state(TRUTH, FOUND[:1])


@pytest.mark.parametrize(
    "wrong", [TRUTH[:, :0], TRUTH[..., :1], TRUTH[..., 0], TRUTH[..., None]]
)
@pytest.mark.parametrize(
    "metric",
    [KeypointError(4), PCK(4), ObjectKeypointSimilarity(sigmas=(0.1,) * 4)],
)
def test_truths_of_another_form(metric, wrong):
    with pytest.raises(ValueError, match=r"key points \(B, K, 3\)"):
        metric.update_state(wrong, FOUND)
