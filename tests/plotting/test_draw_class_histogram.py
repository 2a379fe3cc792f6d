import numpy as np
import pytest

from mtvision.plotting import draw_class_histogram


def bars(figure):
    (axis,) = figure.axes
    names = [label.get_text() for label in axis.get_yticklabels()]
    return dict(zip(names, [bar.get_width() for bar in axis.patches]))


class Columns:
    """A source that must not be read sample by sample."""

    classes = {"breed": ("cat", "dog", "cow")}  # noqa: RUF012

    def __len__(self):
        return 4

    def __getitem__(self, index):
        assert index == 0, "only the first, to see that it is a dict"
        return {"breed": 1}

    def column(self, name):
        return {"breed": np.array([1, 1, -1, 0])}[name]


def test_counts_of_any_form():
    expected = {"1": 5, "0": 2}
    assert bars(draw_class_histogram(np.array([2, 5, 0]))) == expected
    assert bars(draw_class_histogram({"0": 2, "1": 5})) == expected
    names = ["cat", "dog", "cow"]
    figure = draw_class_histogram([2, 5, 0], class_names=names)
    assert bars(figure) == {"dog": 5, "cat": 2, "cow": 0}


def test_padding_and_missing_labels_do_not_count():
    source = [
        {"classes": np.array([1, 1, 0, -1, -1])},
        {"classes": None},
        {"classes": np.array([4])},
    ]
    figure = draw_class_histogram(source)
    assert bars(figure) == {"1": 2, "0": 1, "4": 1}
    assert figure.axes[0].get_title() == "classes: 4 in 3 classes"


def test_a_column_is_read_without_samples():
    figure = draw_class_histogram(Columns(), field="breed")
    assert bars(figure) == {"dog": 2, "cat": 1, "cow": 0}


def test_the_middle_of_many_classes_is_left_out():
    figure = draw_class_histogram(np.arange(1, 101), most=5)
    assert list(bars(figure)) == ["99", "98", "97", "1", "0"]
    assert "95 of the middle left out" in figure.axes[0].get_title()


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.zeros(3), "classes that occur"),
        ({}, "classes that occur"),
        (np.ones((2, 2)), r"\(C,\)"),
        ([{"label": 3}], "no.*'classes'|No sample.*'classes'"),
        ([{"classes": "cat"}], "'classes': expected class numbers"),
    ],
)
def test_nothing_to_count(counts, message):
    with pytest.raises(ValueError, match=message):
        draw_class_histogram(counts)
