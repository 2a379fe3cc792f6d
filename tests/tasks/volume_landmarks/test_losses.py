import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.losses import check_loss
from mtvision.tasks.volume_landmarks import (
    LandmarkDisplacementLoss,
    LandmarkPresenceLoss,
)
from mtvision.tasks.volume_landmarks.columns import join, read_truth, split

NAN = np.nan
CELL, SIZE = (2.0, 4.0, 5.0), (2, 3, 4)
# In a volume of 4 x 12 x 20 voxels: two there; one absent and one beyond the
# volume; one of which nothing is known and one of unknown place.
TRUTH = np.array(
    [
        [[1.0, 5.0, 19.0, 1], [3.5, 11.0, 0.5, 1]],
        [[NAN, NAN, NAN, 0], [2.5, 13.0, 7.0, 1]],
        [[1.0, 1.0, 1.0, -1], [1.0, NAN, 1.0, 1]],
    ],
    "float32",
)
HOLDING = {(0, 0): (0, 1, 3), (0, 1): (1, 2, 0)}


def maps(values, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(3, *SIZE, 2 * values)).astype("float32")
    return to_numpy(join(values, CELL))


def presence_by_hand(predicted, share):
    losses = np.zeros(3)
    for sample, known in ((0, (0, 1)), (1, (0, 1))):
        for landmark in known:
            inside, outside = [], []
            for cell in np.ndindex(*SIZE):
                logit = predicted[(sample, *cell, landmark)]
                if HOLDING.get((sample, landmark)) == cell:
                    inside.append(np.log(1 + np.exp(-logit)))
                else:
                    outside.append(np.log(1 + np.exp(logit)))
            if inside:
                losses[sample] += share * np.mean(inside) / 2
            losses[sample] += (1 - share) * np.mean(outside) / 2
    return losses


def displacement_by_hand(predicted, reach):
    losses = np.zeros(3)
    for sample, there in ((0, (0, 1)), (1, (1,))):
        errors = []
        for landmark in there:
            for cell in np.ndindex(*SIZE):
                centre = (np.array(cell) + 0.5) * CELL
                way = (TRUTH[sample, landmark, :3] - centre) / CELL
                if np.abs(way).max() <= reach:
                    target = np.sign(way) * np.log(1 + np.abs(way))
                    columns = slice(3 * landmark, 3 * landmark + 3)
                    found = predicted[(sample, *cell, columns)]
                    errors.append(np.abs(found - target).mean())
        losses[sample] = np.mean(errors)
    return losses


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_presence(share):
    predicted = maps(1)
    loss = LandmarkPresenceLoss(positive_share=share, reduction=None)
    np.testing.assert_allclose(
        to_numpy(loss(TRUTH, predicted)),
        presence_by_hand(predicted, share),
        rtol=1e-5,
    )


@pytest.mark.parametrize("reach", [None, 1.5])
def test_displacement(reach):
    predicted = maps(3)
    loss = LandmarkDisplacementLoss(reach=reach, reduction=None)
    np.testing.assert_allclose(
        to_numpy(loss(TRUTH, predicted)),
        displacement_by_hand(predicted, reach or np.inf),
        rtol=1e-5,
    )


def test_properties():
    check_loss(
        LandmarkPresenceLoss,
        {"positive_share": 0.3, "name": "mine"},
        TRUTH,
        maps(1),
    )
    check_loss(
        LandmarkDisplacementLoss,
        {"reach": 2.5, "name": "mine"},
        TRUTH,
        maps(3),
    )


def test_what_is_not_known_or_not_there_teaches_nothing():
    loss = LandmarkDisplacementLoss()
    slope = gradient(lambda p: loss(TRUTH, p), maps(3))[..., :-6]
    slope = slope.reshape(3, *SIZE, 2, 3).any(axis=(1, 2, 3, 5))
    assert slope.tolist() == [[True, True], [False, True], [False, False]]
    loss = LandmarkPresenceLoss()
    slope = gradient(lambda p: loss(TRUTH, p), maps(1))[..., :-6]
    # What is absent, or beyond the volume, is in no cell.
    assert (slope[1] > 0).all()
    assert (slope[2] == 0).all()
    for cls, expected in (
        (LandmarkPresenceLoss, [True, True, False]),
        (LandmarkDisplacementLoss, [True, True, False]),
    ):
        assert to_numpy(cls().labelled(TRUTH)).tolist() == expected
    absent = TRUTH[1:2, :1]
    assert to_numpy(LandmarkPresenceLoss().labelled(absent)).all()
    assert not to_numpy(LandmarkDisplacementLoss().labelled(absent)).any()


def test_a_landmark_where_cells_meet_is_in_all_of_them():
    truth = np.array([[[2.0, 4.0, 5.0, 1.0], [4.0, 12.0, 20.0, 1.0]]])
    loss = LandmarkPresenceLoss()
    slope = gradient(lambda p: loss(truth, p), maps(1)[:1])[..., :-6]
    assert (slope[0, ..., 0] < 0).sum() == 8
    assert np.argwhere(slope[0, ..., 1] < 0).tolist() == [[1, 2, 3]]


def test_columns_are_the_reverse_of_each_other():
    values, centres, sides = split(join(np.ones((2, 2, 3, 4, 2), "f4"), CELL))
    assert (to_numpy(values) == 1).all()
    assert to_numpy(centres)[1, 1, 2, 3, 0].tolist() == [3, 10, 17.5]
    assert (to_numpy(sides) == CELL).all()
    truth = read_truth(TRUTH)
    assert np.isfinite(to_numpy(truth.points)).all()


def test_wrong_truth_and_maps_are_errors():
    presence, displacement = LandmarkPresenceLoss(), LandmarkDisplacementLoss()
    presence.check_truth(TRUTH, maps(1))
    displacement.check_truth(TRUTH, maps(3))
    for wrong in (TRUTH[..., :3], TRUTH[:, :1], TRUTH[0]):
        with pytest.raises(ValueError, match=r"shape \(B, 2, 4\)"):
            presence.check_truth(wrong, maps(1))
    wrong = TRUTH.copy()
    wrong[1, 0, 3] = 2
    with pytest.raises(ValueError, match="sample 1 has landmarks flagged"):
        displacement.check_truth(wrong, maps(3))
    wrong[1, 0] = [1, np.inf, 1, 1]
    with pytest.raises(ValueError, match="sample 1 has a landmark at inf"):
        presence.check_truth(wrong, maps(1))
    for wrong in (maps(1)[..., :6], maps(1)[:, 0], maps(1)[..., :-1]):
        with pytest.raises(ValueError, match="of a head of volume landmarks"):
            displacement(TRUTH, wrong)
    with pytest.raises(ValueError, match="positive_share"):
        LandmarkPresenceLoss(positive_share=1.5)
    with pytest.raises(ValueError, match="reach"):
        LandmarkDisplacementLoss(reach=0)


def test_truths_of_another_form():
    for wrong in (TRUTH[..., :3], TRUTH[:, 0], TRUTH[..., None]):
        for loss, values in (
            (LandmarkPresenceLoss(), 1),
            (LandmarkDisplacementLoss(), 3),
        ):
            with pytest.raises(ValueError, match=r"landmarks \(B, K, 4\)"):
                loss.labelled(wrong)
            with pytest.raises(ValueError, match=r"landmarks \(B, K, 4\)"):
                loss(wrong, maps(values))
