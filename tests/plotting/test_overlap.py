import numpy as np

from mtvision.plotting.overlap import missed_boxes

TRUE = np.array([[0, 0, 10, 10], [20, 0, 30, 10.0]])


def test_the_truth_misses_nothing():
    assert not missed_boxes(TRUE, [1, 2], TRUE, [1, 2]).any()
    assert not missed_boxes(TRUE[::-1], None, TRUE, None).any()


def test_another_class_and_another_place_miss():
    assert missed_boxes(TRUE, [2, 2], TRUE, [1, 2]).tolist() == [True, False]
    # A shift by a third of the width leaves an IoU of 1/2.
    moved = TRUE + np.array([[3.3, 0, 3.3, 0], [3.4, 0, 3.4, 0]])
    assert missed_boxes(moved, None, TRUE, None).tolist() == [False, True]


def test_a_true_box_is_found_once():
    twice = TRUE[[0, 0, 1]]
    assert missed_boxes(twice, None, TRUE, None).tolist() == [
        False,
        True,
        False,
    ]


def test_no_boxes():
    assert missed_boxes(TRUE, None, TRUE[:0], None).all()
    assert missed_boxes(TRUE[:0], None, TRUE, None).shape == (0,)
