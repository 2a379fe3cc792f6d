import pytest

from mtvision.plotting import draw_search_history


@pytest.mark.parametrize(
    ("direction", "best"),
    [("maximize", [0.5, 0.5, 0.7]), ("minimize", [0.5, 0.4, 0.4])],
)
def test_the_best_so_far(direction, best):
    figure = draw_search_history(
        [0, 2, 3], [0.5, 0.4, 0.7], "$x", direction=direction
    )
    dots, line = figure.axes[0].lines
    assert list(dots.get_xdata()) == [0, 2, 3]
    assert list(line.get_ydata()) == best


def test_no_trial():
    with pytest.raises(ValueError, match="received none"):
        draw_search_history([], [], "x", direction="maximize")
