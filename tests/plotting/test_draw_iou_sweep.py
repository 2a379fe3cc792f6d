import numpy as np
import pytest

from mtvision.metrics import coco_evaluate
from mtvision.plotting import draw_iou_sweep

TRUTH = [{"boxes": [[0, 0, 20, 20]], "classes": [0]}]


def result(height):
    boxes = [[0, 0, 20, height]]
    return coco_evaluate(
        TRUTH, [{"boxes": boxes, "classes": [0], "scores": [1]}]
    )


def test_a_line_for_each_result(tmp_path):
    figure = draw_iou_sweep(
        {"good_$x": result(20), "bad": result(13.5)}, title="two"
    )
    good, bad = figure.axes[0].lines
    np.testing.assert_allclose(good.get_ydata(), np.ones(10), atol=1e-9)
    # An IoU of 0.675: four thresholds are passed.
    np.testing.assert_allclose(bad.get_ydata(), [1] * 4 + [0] * 6, atol=1e-9)
    np.testing.assert_allclose(bad.get_xdata(), np.linspace(0.5, 0.95, 10))
    assert good.get_label() == "good_$x: AP 1.00"
    assert bad.get_label() == "bad: AP 0.40"
    figure.savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_one_result_needs_no_name():
    (line,) = draw_iou_sweep(result(20)).axes[0].lines
    assert line.get_label() == "AP 1.00"


def test_nothing_to_draw():
    none = {"boxes": [], "classes": [], "scores": []}
    with pytest.raises(ValueError, match="received 1 without"):
        draw_iou_sweep(coco_evaluate([none], [none]))
