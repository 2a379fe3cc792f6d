import numpy as np
import pytest

from mtvision.plotting import draw_pareto_front

NAMES = ["digit", "mask"]


def test_the_line_follows_the_border_of_what_is_beaten():
    values = [[1, 5], [4, 4], [5, 1], [2, 2]]
    figure = draw_pareto_front(
        values, [2, 0, 1], NAMES, directions=["maximize"] * 2, chosen=1
    )
    rest, stairs, front, ring = figure.axes[0].lines
    np.testing.assert_array_equal(rest.get_xydata(), [[2, 2]])
    # By hand: right along the top of each point's own rectangle, then down.
    expected = [[1, 5], [1, 4], [4, 4], [4, 1], [5, 1]]
    np.testing.assert_array_equal(stairs.get_xydata(), expected)
    np.testing.assert_array_equal(front.get_xydata(), [[1, 5], [4, 4], [5, 1]])
    np.testing.assert_array_equal(ring.get_xydata(), [[4, 4]])


@pytest.mark.parametrize(
    ("directions", "corner"),
    [
        (["minimize", "minimize"], [4, 4]),
        (["minimize", "maximize"], [4, 1]),
        (["maximize", "minimize"], [1, 4]),
    ],
)
def test_the_corner_is_worse_than_both_neighbours(directions, corner):
    rising = directions[0] != directions[1]
    values = [[1, 1], [4, 4]] if rising else [[1, 4], [4, 1]]
    figure = draw_pareto_front(values, [0, 1], NAMES, directions=directions)
    stairs = figure.axes[0].lines[0].get_xydata()
    np.testing.assert_array_equal(stairs[1], corner)


def test_with_more_objectives_no_line_claims_to_be_the_front():
    figure = draw_pareto_front(
        [[1, 5], [4, 4]],
        [0, 1],
        NAMES,
        directions=["maximize"] * 2,
        others=True,
    )
    (front,) = figure.axes[0].lines
    assert front.get_linestyle() == "None"


def test_three_columns_are_refused():
    with pytest.raises(ValueError, match=r"received an array \(1, 3\)"):
        draw_pareto_front([[1, 2, 3]], [0], NAMES, directions=["maximize"] * 2)
