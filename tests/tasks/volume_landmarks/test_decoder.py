import numpy as np
import pytest

from batteries.backend import compiled, to_numpy
from batteries.layers import check_layer
from mtvision.tasks.volume_landmarks import DecodeVolumeLandmarks
from mtvision.tasks.volume_landmarks.columns import join

CELL, SIZE = (2.0, 4.0, 5.0), (2, 3, 4)


def maps(seed=0):
    rng = np.random.default_rng(seed)
    return [
        to_numpy(join(rng.normal(size=(2, *SIZE, n)).astype("float32"), CELL))
        for n in (2, 6)
    ]


def by_hand(presence, ways, min_share=0.0):
    landmarks, scores = np.zeros((2, 2, 3)), np.zeros((2, 2))
    for sample, landmark in np.ndindex(2, 2):
        p = 1 / (1 + np.exp(-presence[sample, ..., landmark]))
        scores[sample, landmark] = p.max()
        p = np.where(p >= min_share * p.max(), p, 0)
        for cell in np.ndindex(*SIZE):
            columns = slice(3 * landmark, 3 * landmark + 3)
            way = ways[(sample, *cell, columns)]
            way = np.sign(way) * (np.exp(np.abs(way)) - 1)
            vote = (np.array(cell) + 0.5 + way) * CELL
            landmarks[sample, landmark] += p[cell] / p.sum() * vote
    return landmarks, scores


@pytest.mark.parametrize("min_share", [0.0, 0.6])
def test_mean_of_the_votes(min_share):
    found = DecodeVolumeLandmarks(min_share=min_share)(maps())
    landmarks, scores = by_hand(*maps(), min_share)
    np.testing.assert_allclose(
        to_numpy(found["landmarks"]), landmarks, rtol=1e-4
    )
    np.testing.assert_allclose(to_numpy(found["scores"]), scores, rtol=1e-5)


def test_properties():
    check_layer(DecodeVolumeLandmarks, {"min_share": 0.3}, maps())


def test_cells_that_are_sure_of_nothing_still_vote():
    presence, ways = maps()
    presence[..., :2] = -200
    ways[..., :6] = 0
    found = compiled(DecodeVolumeLandmarks())([presence, ways])
    np.testing.assert_allclose(
        to_numpy(found["landmarks"]),
        np.tile([2.0, 6.0, 10.0], (2, 2, 1)),
        rtol=1e-5,
    )
    assert (to_numpy(found["scores"]) < 1e-30).all()


def test_wrong_maps_are_errors():
    presence, ways = maps()
    decode = DecodeVolumeLandmarks()
    for wrong in (presence, [presence], [presence, ways, ways]):
        with pytest.raises(ValueError, match="list of two maps"):
            decode(wrong)
    with pytest.raises(ValueError, match=r"\(B, d, h, w, 3 K \+ 6\)"):
        decode([presence, presence])
    with pytest.raises(ValueError, match="6 in the first and 2 in the second"):
        decode([ways, ways])
    with pytest.raises(ValueError, match="min_share"):
        DecodeVolumeLandmarks(min_share=1)
