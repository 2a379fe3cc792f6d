import pytest

from mtvision.plotting import draw_weights


def test_each_task_has_a_line():
    logs = {
        "mask_weight": [0.5, 0.4],
        "box_weight": [0.5, 0.6],
        "mask_loss": [3.0, 2.0],
        "box_loss": [1.0, 0.5],
        "loss": [4.0, 2.5],
    }
    above, below = draw_weights(logs).axes
    assert [line.get_label() for line in above.lines] == ["mask", "box"]
    assert list(above.lines[1].get_ydata()) == [0.5, 0.6]
    assert list(below.lines[0].get_ydata()) == [3.0, 2.0]


def test_a_history_without_weights():
    with pytest.raises(ValueError, match="with `balancing`"):
        draw_weights({"loss": [1.0]})


def test_weights_far_apart_get_a_logarithmic_scale(tmp_path):
    logs = {"$a_weight": [1.0, float("nan")], "b_weight": [100.0, 200.0]}
    figure = draw_weights(logs)
    above, below = figure.axes
    assert (above.get_yscale(), below.get_yscale()) == ("log", "linear")
    figure.savefig(tmp_path / "a.png")
