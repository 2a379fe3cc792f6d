import numpy as np

from batteries.backend import to_numpy
from mtvision.ops.boxes import box_area
from mtvision.ops.voting import attend, boxes_around, cell_centres

RNG = np.random.default_rng(0)


def test_cell_centres_go_row_by_row():
    centres = to_numpy(cell_centres(2, 3, 10)).reshape(2, 3, 2)
    assert centres[1, 0].tolist() == [5, 15]
    assert centres[0, 2].tolist() == [25, 5]


def test_boxes_around_have_the_size_of_the_distances():
    distances = RNG.uniform(0.1, 9, (5, 4)).astype("float32")
    centres = RNG.uniform(-9, 9, (5, 2)).astype("float32")
    boxes = boxes_around(centres, distances)
    sides = distances[:, :2] + distances[:, 2:]
    np.testing.assert_allclose(
        to_numpy(box_area(boxes)), sides.prod(-1), rtol=1e-4
    )


def test_attend_between_mean_and_winner():
    votes = RNG.normal(size=(2, 7, 3, 4)).astype("float32")
    scores = RNG.normal(size=(2, 7, 3)).astype("float32")
    np.testing.assert_allclose(
        to_numpy(attend(0 * scores, votes)), votes.mean(1), rtol=1e-4, atol=1e-6
    )
    best = scores.argmax(1)
    winner = np.take_along_axis(votes, best[:, None, :, None], 1)[:, 0]
    np.testing.assert_allclose(
        to_numpy(attend(1e5 * scores, votes)), winner, rtol=1e-4
    )
