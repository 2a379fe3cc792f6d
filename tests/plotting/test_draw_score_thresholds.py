import numpy as np
import pytest

from mtvision.plotting import draw_score_thresholds

TABLE = {
    "threshold": np.array([0.8, 0.2, 0.4]),
    "precision": np.array([1.0, 0.3, 0.5]),
    "recall": np.array([0.2, 0.9, 0.8]),
    "f1": np.array([0.33, 0.45, 0.62]),
}


def test_three_lines_by_rising_threshold():
    (axis,) = draw_score_thresholds(TABLE, title="cats").axes
    lines = {line.get_label(): line for line in axis.lines}
    assert lines["recall"].get_xdata().tolist() == [0.2, 0.4, 0.8]
    assert lines["recall"].get_ydata().tolist() == [0.9, 0.8, 0.2]
    assert lines["F1"].get_ydata().tolist() == [0.45, 0.62, 0.33]
    assert axis.get_title() == "cats"


def test_the_best_is_marked(tmp_path):
    figure = draw_score_thresholds(TABLE)
    (text,) = figure.axes[0].texts
    assert text.get_text() == "best F1 0.62 at 0.40"
    figure.savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


@pytest.mark.parametrize("f1", [[], [np.nan, np.nan]])
def test_nothing_to_draw(f1):
    table = {name: np.array(f1) for name in TABLE}
    with pytest.raises(ValueError, match="images with objects"):
        draw_score_thresholds(table)
