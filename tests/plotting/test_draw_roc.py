import numpy as np
import pytest

from mtvision.metrics import verification_report
from mtvision.plotting import draw_roc

REPORT = verification_report([0.1, 0.2, 0.3, 0.4], [1, 0, 1, 0])


def test_lines_are_the_rates():
    figure = draw_roc({"network": REPORT, "pixels": REPORT}, title="faces")
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert "network: EER 0.500" in lines
    line = lines["pixels: EER 0.500"]
    np.testing.assert_allclose(line.get_xdata(), REPORT.false_accepts)
    np.testing.assert_allclose(line.get_ydata(), REPORT.true_accepts)
    assert figure.axes[0].get_title() == "faces"


def test_a_picture_of_few_false_accepts(tmp_path):
    figure = draw_roc({"a_$x": REPORT}, least=0.001)
    assert figure.axes[0].get_xscale() == "log"
    figure.savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="at least one report"):
        draw_roc({})
    for least in (0, 1, -0.1):
        with pytest.raises(ValueError, match="least"):
            draw_roc({"a": REPORT}, least=least)
