import pytest

from mtvision.plotting import draw_parallel_coordinates
from mtvision.plotting.draw_parallel_coordinates import ABSENT

COLUMNS = {
    "rate": [0.001, 0.1, 0.01],
    "method": ["sum", "PCGrad", "sum"],
    "method.c": [None, 0.5, None],
    "→ $iou": [0.2, 0.4, 0.3],
}


def paths(figure, trials):
    """The places of the first lines, which are the trials."""
    return [list(line.get_xdata()) for line in figure.axes[0].lines[:trials]]


def test_values_lie_between_their_ends():
    figure = draw_parallel_coordinates(
        COLUMNS, [1, 3, 2], log=["rate"], chosen=1
    )
    first, second, third = paths(figure, 3)
    assert first == pytest.approx([0, 1, ABSENT, 0])
    assert second == pytest.approx([1, 0, 0.5, 1])
    # 0.01 is half way from 0.001 to 0.1 on a logarithmic scale.
    assert third == pytest.approx([0.5, 1, ABSENT, 0.5])


def test_without_log_the_scale_is_even():
    figure = draw_parallel_coordinates({"rate": [0.0, 4.0, 1.0]}, [1, 2, 3])
    assert paths(figure, 3) == [[0], [1], [0.25]]


def test_the_chosen_trial_is_black_and_the_best_is_strongest():
    figure = draw_parallel_coordinates(COLUMNS, [1, 3, 2], chosen=0)
    first, second, third = figure.axes[0].lines[:3]
    assert first.get_color() == "black"
    assert second.get_linewidth() > third.get_linewidth()


def test_absent_values_and_choices_are_named():
    figure = draw_parallel_coordinates(COLUMNS, [1, 3, 2])
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts[2:6] == ["PCGrad", "sum", "0.5", "none"]


def test_one_value_stands_in_the_middle():
    figure = draw_parallel_coordinates({"a": [3, 3], "b": ["x", "x"]}, [1, 2])
    assert paths(figure, 2) == [[0.5, 0.5]] * 2


@pytest.mark.parametrize(
    ("columns", "scores"), [({}, []), ({"a": [1]}, [1, 2]), ({"a": []}, [])]
)
def test_nothing_to_draw(columns, scores):
    with pytest.raises(ValueError, match="as many values as scores"):
        draw_parallel_coordinates(columns, scores)
