import numpy as np
import pytest

from mtvision.plotting import draw_detection_confusion

COUNTS = np.array([[6, 2, 2], [0, 9, 1], [2, 3, 0]])


def parts(figure):
    axis = figure.axes[0]
    names = [
        [label.get_text() for label in side]
        for side in (axis.get_yticklabels(), axis.get_xticklabels())
    ]
    return axis, names


def test_shades_are_shares_of_objects_and_of_detections():
    axis, names = parts(
        draw_detection_confusion(COUNTS, class_names=["cat", "dog"])
    )
    assert names == [["cat", "dog", "background"], ["cat", "dog", "missed"]]
    shades = np.ma.filled(axis.images[0].get_array().astype(float), np.nan)
    expected = [[0.6, 0.2, 0.2], [0, 0.9, 0.1], [2 / 8, 3 / 14, np.nan]]
    np.testing.assert_allclose(shades, expected)
    assert [text.get_text() for text in axis.texts] == list("6229123")


def test_many_classes_have_no_numbers(tmp_path):
    figure = draw_detection_confusion(np.eye(40, dtype=int))
    axis, names = parts(figure)
    assert len(axis.texts) == 0
    assert names[0][38:] == ["38", "background"]
    figure.savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_empty_rows_are_no_error():
    axis, _ = parts(draw_detection_confusion(np.zeros((2, 2), int)))
    assert len(axis.texts) == 0


@pytest.mark.parametrize("shape", [(2, 3), (1, 1), (3,)])
def test_another_shape(shape):
    with pytest.raises(ValueError, match=r"\(C \+ 1, C \+ 1\)"):
        draw_detection_confusion(np.zeros(shape))


def test_too_few_names():
    with pytest.raises(ValueError, match="received 1 names"):
        draw_detection_confusion(COUNTS, class_names=["cat"])
