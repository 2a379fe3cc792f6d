import pytest

from mtvision.plotting import draw_learning_curves


def test_each_training_has_a_line_of_its_own_look():
    names = [f"method {place}" for place in range(8)]
    figure = draw_learning_curves({name: [0.1, 0.2] for name in names}, "$iou")
    lines = figure.axes[0].lines
    looks = {(line.get_color(), line.get_linestyle()) for line in lines}
    assert len(looks) == 8
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == names


def test_gaps_are_kept():
    (line,) = (
        draw_learning_curves({"a": [0.1, float("nan")]}, "iou").axes[0].lines
    )
    assert list(line.get_xdata()) == [1, 2]


@pytest.mark.parametrize("curves", [{}, {"a": [1.0], "b": []}])
def test_nothing_to_draw(curves):
    with pytest.raises(ValueError, match="at least one epoch"):
        draw_learning_curves(curves, "iou")
