import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.losses import Wing
from mtvision.ops.map_cells import join_cells
from mtvision.tasks.keypoints import KeypointMapsLoss, KeypointsLoss

NAN = np.nan
RNG = np.random.default_rng(0)
# There; there with a point that is not given; absent; of unknown presence;
# and one of which nothing is known.
TRUTH = np.array(
    [
        [1, 4, 4, 20, 12],
        [1, 6, 10, NAN, NAN],
        [0, 0, 0, 0, 0],
        [NAN, 20, 14, 5, 7],
        [NAN, NAN, NAN, NAN, NAN],
    ],
    "float32",
)
OUTPUTS = RNG.uniform(0, 24, (5, 5)).astype("float32")
OUTPUTS[:, 0] = [0.5, -1.0, 2.0, 1.0, 3.0]
GIVEN = np.isfinite(TRUTH[:, 1:].reshape(5, 2, 2)).all(axis=-1)
GIVEN[2] = False
SIZES = (6, 5)


def by_hand(point_loss, presence_weight, points_weight):
    values = []
    for truth, output in zip(TRUTH, OUTPUTS):
        value = 0.0
        if np.isfinite(truth[0]):
            sign = 1 if truth[0] else -1
            value = presence_weight * np.log1p(np.exp(-sign * output[0]))
        true = truth[1:].reshape(2, 2)
        found = output[1:].reshape(2, 2)
        given = np.isfinite(true).all(axis=1) & (truth[0] != 0)
        if given.any():
            size = np.ptp(true[given], axis=0).max()
            if not given.all():
                size = max(size, np.ptp(found, axis=0).max())
            errors = np.abs(true - found)[given] / size
            value += points_weight * point_loss(errors).mean()
        values.append(value)
    return values


def wing(errors):
    above = errors - 0.3 + 0.3 * np.log1p(0.3 / 0.1)
    return np.where(errors < 0.3, 0.3 * np.log1p(errors / 0.1), above)


def test_properties_of_vectors():
    arguments = {
        "presence_weight": 0.5,
        "points_weight": 2.0,
        "point_loss": Wing(width=0.3, curvature=0.1),
        "name": "my_loss",
    }
    values = check_loss(KeypointsLoss, arguments, TRUTH, OUTPUTS)
    np.testing.assert_allclose(values, by_hand(wing, 0.5, 2.0), rtol=1e-4)


def test_squared_errors():
    loss = KeypointsLoss(
        point_loss=keras.losses.MeanSquaredError(), reduction=None
    )
    expected = by_hand(np.square, 1.0, 10.0)
    found = to_numpy(loss(TRUTH, OUTPUTS))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_what_is_not_known_has_no_gradient():
    loss = KeypointsLoss(reduction=None)
    slope = gradient(lambda p: loss(TRUTH, p), OUTPUTS)
    assert np.isfinite(slope).all()
    assert ((slope[:, 0] != 0) == np.isfinite(TRUTH[:, 0])).all()
    moved = (slope[:, 1:].reshape(5, 2, 2) != 0).any(axis=-1)
    assert (moved == GIVEN).all()


@pytest.mark.parametrize("factor", [0.5, 8.0])
def test_neither_resolution_nor_distance_matter(factor):
    loss = KeypointsLoss(reduction=None)
    scale = np.array([1, *[factor] * 4], "float32")
    np.testing.assert_allclose(
        to_numpy(loss(TRUTH * scale, OUTPUTS * scale)),
        to_numpy(loss(TRUTH, OUTPUTS)),
        rtol=1e-4,
    )


def maps():
    values = RNG.normal(size=(5, *SIZES, 2)).astype("float32")
    return to_numpy(join_cells(values, 4))


def maps_by_hand(predicted, sigma):
    values = []
    for sample, truth in enumerate(TRUTH):
        errors = []
        for k, (x, y) in enumerate(truth[1:].reshape(2, 2)):
            if not (GIVEN[sample, k] or truth[0] == 0):
                continue
            error = 0.0
            for row, column in np.ndindex(*SIZES):
                away = np.hypot(column + 0.5 - x / 4, row + 0.5 - y / 4)
                drawn = np.exp(-(away**2) / (2 * sigma**2))
                drawn = drawn if GIVEN[sample, k] else 0.0
                error += (predicted[sample, row, column, k] - drawn) ** 2
            errors.append(error / (np.pi * sigma**2))
        values.append(np.mean(errors) if errors else 0.0)
    return values


def test_properties_of_maps():
    predicted = maps()
    arguments = {"sigma": 1.3, "name": "my_loss"}
    values = check_loss(KeypointMapsLoss, arguments, TRUTH, predicted)
    expected = maps_by_hand(predicted, 1.3)
    np.testing.assert_allclose(values, expected, rtol=1e-4)


def test_maps_that_are_not_known_have_no_gradient():
    loss = KeypointMapsLoss(reduction=None)
    slope = gradient(lambda p: loss(TRUTH, p), maps())
    assert np.isfinite(slope).all()
    assert (slope[..., 2:] == 0).all()
    taught = (slope[..., :2] != 0).any(axis=(1, 2))
    assert (taught == (GIVEN | (TRUTH[:, :1] == 0))).all()


def test_an_empty_map_costs_one_whatever_sigma():
    empty = to_numpy(join_cells(np.zeros((1, 32, 32, 1)), 2))
    truth = np.array([[1.0, 30.3, 33.9]])
    for sigma in (1.0, 2.0, 3.0):
        loss = KeypointMapsLoss(sigma=sigma)
        assert float(loss(truth, empty)) == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("loss", [KeypointsLoss(), KeypointMapsLoss()])
def test_labelled(loss):
    assert to_numpy(loss.labelled(TRUTH)).tolist() == [True] * 4 + [False]


WHOLE = np.array(
    [[1, 4, 4, 20, 12], [1, 6, 10, -1, -1], [0] * 5, [-1] * 5], "int64"
)


@pytest.mark.parametrize(
    ("loss", "shape"),
    [(KeypointsLoss(), (4, 5)), (KeypointMapsLoss(), (4, 6, 5, 6))],
)
@pytest.mark.parametrize("form", ["vectors", "dict"])
def test_integers_of_minus_one_are_missing(loss, shape, form):
    whole, known = WHOLE, np.where(WHOLE == -1, NAN, WHOLE)
    if form == "dict":
        whole, known = (
            {"keypoints": x[:, 1:].reshape(4, 2, 2), "present": x[:, 0]}
            for x in (whole, known)
        )
        whole["box"] = np.full((4, 4), -1)
    outputs = RNG.uniform(1, 24, shape).astype("float32")
    loss.check_truth(whole, outputs)
    loss.check_image_size(whole, (24, 24))
    assert to_numpy(loss.labelled(whole)).tolist() == [True] * 3 + [False]
    values = [float(loss(truth, outputs)) for truth in (whole, known)]
    assert values[0] == pytest.approx(values[1], rel=1e-6)


@pytest.mark.parametrize("key", ["presnt", "boxes"])
def test_fit_names_the_task_of_a_misspelt_key(key):
    x = keras.Input((3,))
    model = mtv.MultiTaskModel(x, {"pose": keras.layers.Dense(5)(x)})
    model.compile("sgd", {"pose": KeypointsLoss()})
    truth = {"pose": {**GOOD, key: np.ones(1)}}
    message = f"Task 'pose': .*'present', 'box', 'area'; .*'{key}'"
    with pytest.raises(ValueError, match=message):
        model.fit(np.ones((1, 3)), truth, verbose=0)


def test_presence_alone_teaches_no_map():
    points = np.full((2, 2, 3), NAN, "float32")
    truth = {"keypoints": points, "present": np.array([1.0, 0.0])}
    known = to_numpy(KeypointMapsLoss().labelled(truth))
    assert known.tolist() == [False, True]
    assert to_numpy(KeypointsLoss().labelled(truth)).tolist() == [True, True]


GOOD = {
    "keypoints": np.array([[[4.0, 4, 2], [20, 12, 1]]]),
    "present": np.array([1.0]),
}
BAD = {
    "presence of 2": {**GOOD, "present": np.array([2.0])},
    r"expected 'present' \(1,\)": {**GOOD, "present": np.ones((1, 1))},
    "a number for each of 1 samples": {**GOOD, "present": np.ones(2)},
    r"expected 'box' \(1, 4\)": {**GOOD, "box": np.ones((1, 1, 4))},
    r"expected 'area' \(1,\)": {**GOOD, "area": np.ones((1, 1))},
    "sample 0 has a box that is inverted": {
        **GOOD,
        "box": np.array([[20.0, 12, 4, 4]]),
    },
    "visibility 3": {"keypoints": np.array([[[4.0, 4, 3], [0, 0, 0]]])},
    "look like shares": {"keypoints": np.array([[[0.1, 0.5, 2], [1, 1, 2]]])},
    "at \\[nan": {"keypoints": np.array([[[NAN, 4.0, 2], [5, 5, 2]]])},
    r"received \(1, 3, 3\)": {"keypoints": np.zeros((1, 3, 3))},
    r"received a dict with \['boxes'\]": {"boxes": np.zeros((1, 4))},
    r"'present', 'box', 'area'; .*'presnt'": {**GOOD, "presnt": np.ones(1)},
    r"received \(1, 7\)": np.zeros((1, 7)),
}


@pytest.mark.parametrize("message", BAD)
@pytest.mark.parametrize(
    ("loss", "shape"),
    [(KeypointsLoss(), (1, 5)), (KeypointMapsLoss(), (1, 6, 6, 6))],
)
def test_bad_truths_are_told(loss, shape, message):
    outputs = np.zeros(shape)
    loss.check_truth(GOOD, outputs)
    loss.check_truth(TRUTH, outputs)
    for box in ([[4.0, 4, 20, 12]], [[NAN] * 4], np.zeros((1, 4))):
        loss.check_truth({**GOOD, "box": np.array(box)}, outputs)
    absent = {"present": np.zeros(1), "box": np.array([[9.0, 9, 1, 1]])}
    loss.check_truth({**GOOD, **absent}, outputs)
    with pytest.raises(ValueError, match=message):
        loss.check_truth(BAD[message], outputs)


def test_points_far_from_the_image_are_told():
    for loss in (KeypointsLoss(), KeypointMapsLoss()):
        loss.check_image_size(GOOD, (24, 24))
        with pytest.raises(ValueError, match="images have 8 x 8 pixels"):
            loss.check_image_size(GOOD, (8, 8))


def test_outputs_of_the_other_head_are_told():
    with pytest.raises(ValueError, match="For maps take KeypointMapsLoss"):
        KeypointsLoss()(GOOD, np.zeros((1, 6, 6, 6)))
    with pytest.raises(ValueError, match="For vectors take KeypointsLoss"):
        KeypointMapsLoss()(GOOD, np.zeros((1, 5)))
    with pytest.raises(ValueError, match="sigma"):
        KeypointMapsLoss(sigma=0)
    with pytest.raises(ValueError, match="points_weight"):
        KeypointsLoss(points_weight=-1)
    with pytest.raises(ValueError, match=r"keras.losses.Loss.*'mse'"):
        KeypointsLoss(point_loss="mse")


def test_vectors_without_pairs():
    for wrong in (TRUTH[:, :1], TRUTH[:, :4]):
        with pytest.raises(ValueError, match=r"vectors \(B, 1 \+ 2 K\)"):
            KeypointsLoss().labelled(wrong)
