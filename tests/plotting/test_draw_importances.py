import pytest

from mtvision.plotting import draw_importances


def test_the_most_important_is_on_top():
    axis = draw_importances({"rate": 0.2, "$trunk": 0.8}).axes[0]
    labels = [text.get_text() for text in axis.get_yticklabels()]
    assert labels == ["$trunk", "rate"]
    assert axis.yaxis_inverted()
    assert [bar.get_width() for bar in axis.patches] == [80, 20]


def test_no_parameter():
    with pytest.raises(ValueError, match="received none"):
        draw_importances({})
