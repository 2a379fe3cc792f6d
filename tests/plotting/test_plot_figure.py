from mtvision.plotting.plot_figure import (
    axis_name,
    plain_legend,
    plot_figure,
)


def test_names_are_no_formulas(tmp_path):
    figure, axis = plot_figure("$_{", "\\alpha$", "a $ b")
    line = axis.plot([1, 2])
    plain_legend(figure, line, ["_$hidden{"])
    # An unfinished formula would raise here.
    figure.savefig(tmp_path / "a.svg")
    assert axis.get_xlabel() == "$_{"
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["_$hidden{"]


def test_directions_are_told():
    assert axis_name("loss", "minimize") == "loss (lower is better)"
    assert axis_name("iou", "maximize") == "iou (higher is better)"
