import numpy as np
import pytest

from mtvision.recognition import one_shot_report

# Ann 0, strangers 1, Bob 2, nobody known -1.
FACES = np.array([[0.0], [0.2], [9.0], [5.0], [5.1], [0.1], [7.0]])
PEOPLE = np.array([0, 0, 0, 2, 2, 1, -1])


def test_by_hand():
    report = one_shot_report(FACES, PEOPLE, threshold=0.3)
    # Of three faces of Ann and Bob one is too far away; the stranger, who
    # comes second by number, is taken for Ann.
    assert report == {
        "known": pytest.approx(2 / 3),
        "strangers": 0.0,
        "mean": pytest.approx(1 / 3),
    }
    strict = one_shot_report(FACES, PEOPLE, threshold=0.005)
    assert (strict["known"], strict["strangers"]) == (0.0, 1.0)


def test_the_known_can_be_named():
    report = one_shot_report(FACES, PEOPLE, threshold=0.3, known=[2])
    assert report == {"known": 1.0, "strangers": 1.0, "mean": 1.0}


@pytest.mark.parametrize(
    ("faces", "people", "known", "message"),
    [
        (FACES, PEOPLE[1:], None, r"shapes \(7, 1\) and \(6,\)"),
        (FACES, PEOPLE, [0, 3], "3 people; received"),
        (FACES, PEOPLE, [], "3 people; received"),
        (FACES, PEOPLE, [1], "there are 0 and 5"),
        (FACES, PEOPLE, [0, 1, 2], "there are 3 and 0"),
        (FACES, -np.ones(7), None, "0 people; received"),
    ],
)
def test_what_makes_no_sense(faces, people, known, message):
    with pytest.raises(ValueError, match=message):
        one_shot_report(faces, people, threshold=1.0, known=known)
