import numpy as np
import pytest

from mtvision import metrics
from mtvision.plotting import draw_precision_recall
from mtvision.plotting.curves import line_style

# Five objects, one class each image; class k finds k of them.
BOXES = [[20.0 * k, 0, 20.0 * k + 10, 10] for k in range(5)]


def curves(number):
    truth = [{"boxes": BOXES, "classes": [k] * 5} for k in range(number)]
    found = [
        {
            "boxes": BOXES[:k],
            "classes": [k] * k,
            "scores": np.linspace(0.9, 0.5, k),
        }
        for k in range(number)
    ]
    return metrics.precision_recall_curves(truth, found, num_classes=number)


def labels(figure):
    return [line.get_label() for line in figure.axes[0].lines]


def test_areas_are_those_of_voc():
    truth = [{"boxes": BOXES, "classes": [0] * 5}]
    right = [BOXES[0], [500, 0, 510, 10], *BOXES[1:3]]
    found = [{"boxes": right, "classes": [0] * 4, "scores": [4, 3, 2, 1]}]
    figure = draw_precision_recall(
        metrics.precision_recall_curves(truth, found), class_names=["cat"]
    )
    area = metrics.voc_average_precision(truth, found).score
    assert labels(figure) == [f"cat: {area:.2f}"] == ["cat: 0.50"]
    (line,) = figure.axes[0].lines
    np.testing.assert_allclose(line.get_xdata(), [0, 0.2, 0.2, 0.4, 0.6])
    np.testing.assert_allclose(line.get_ydata(), [1, 1, 0.75, 0.75, 0.75])


def test_classes_without_objects_are_left_out():
    figure = draw_precision_recall([*curves(2), *curves(2)[:0]])
    assert labels(figure) == ["0: 0.00", "1: 0.20"]


def test_of_many_the_worst_are_drawn():
    figure = draw_precision_recall(curves(6), most=2)
    assert labels(figure) == ["0: 0.00", "1: 0.20"]
    title = figure.axes[0].get_legend().get_title().get_text()
    assert title == "area (4 better ones left out)"


def test_lines_differ():
    assert len({str(line_style(k)) for k in range(24)}) == 24


def test_a_picture_can_be_written(tmp_path):
    figure = draw_precision_recall(curves(1), class_names=["a_$x"], title="t")
    figure.savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_nothing_to_draw():
    none = metrics.precision_recall_curves(
        [{"boxes": [], "classes": []}],
        [{"boxes": [], "classes": [], "scores": []}],
        num_classes=2,
    )
    with pytest.raises(ValueError, match="received 2 without"):
        draw_precision_recall(none)
