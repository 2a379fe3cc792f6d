import pytest

from mtvision.plotting import draw_intervals

ROWS = [
    {"name": "up", "mean": 2.0, "low": 1.0, "high": 3.0, "points": [1.5, 2.5]},
    {"name": "_$unsure", "mean": 0.5, "low": -1.0, "high": 2.0},
    {"name": "single", "mean": -3.0},
]


def test_the_first_row_is_on_top_and_a_doubtful_dot_is_hollow():
    axis = draw_intervals(ROWS, xlabel="delta m, %", reference=0).axes[0]
    labels = [text.get_text() for text in axis.get_yticklabels()]
    assert labels == ["up", "_$unsure", "single"]
    assert axis.yaxis_inverted()
    means = [line for line in axis.lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in means] == [2.0, 0.5, -3.0]
    hollow = [line.get_markerfacecolor() == "white" for line in means]
    assert hollow == [False, True, False]


def test_intervals_and_single_values_are_drawn():
    axis = draw_intervals(ROWS[:1]).axes[0]
    points, interval, _ = axis.lines
    assert list(points.get_xdata()) == [1.5, 2.5]
    assert list(interval.get_xdata()) == [1.0, 3.0]


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="received none"):
        draw_intervals([])
    with pytest.raises(ValueError, match="'sum': expected a finite mean"):
        draw_intervals([{"name": "sum", "mean": float("nan")}])
