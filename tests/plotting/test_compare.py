import sys

import numpy as np
import pytest

from mtvision.plotting import compare

IMAGES = np.random.default_rng(0).uniform(0, 255, (3, 8, 8, 3))


def titles(truth, predicted, **options):
    figure = compare(IMAGES[:1], [truth], [predicted], **options)
    return [axis.get_title() for axis in figure.axes]


def test_wrong_labels_are_marked():
    assert titles({"label": "cat"}, {"label": "cat", "score": 0.9}) == [
        "truth: cat",
        "predicted: cat (90 %)",
    ]
    assert titles({"label": "cat"}, {"label": "dog"})[1] == "✗ predicted: dog"


@pytest.mark.parametrize("label", [None, -1, np.nan])
def test_a_missing_label_is_neither_right_nor_wrong(label):
    assert titles({"label": label}, {"label": "dog"}) == [
        "truth: ?",
        "predicted: dog",
    ]


def test_numbers_get_names():
    names = ["cat", "dog"]
    numbers = ({"label": np.int32(0)}, {"label": 1})
    assert titles(*numbers, class_names=names) == [
        "truth: cat",
        "✗ predicted: dog",
    ]
    assert titles(*numbers) == ["truth: 0", "✗ predicted: 1"]


def test_images_are_drawn_in_pairs_and_written(tmp_path):
    scenes = [{"box": [1, 1, 5, 5], "mask": np.eye(8, dtype="uint8")}] * 3
    figure = compare(IMAGES, scenes, scenes, pairs_per_row=2)
    assert len(figure.axes) == 6
    figure.savefig(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_no_window_is_opened():
    before = "matplotlib.pyplot" in sys.modules
    compare(IMAGES, [{}] * 3, [{}] * 3)
    assert ("matplotlib.pyplot" in sys.modules) == before


@pytest.mark.parametrize("number", [0, 2])
def test_lists_of_one_length_are_needed(number):
    with pytest.raises(ValueError, match="as many images"):
        compare(IMAGES[:number], [{}] * number, [{}] * (number and 3))


def test_fields_may_come_for_all_images_at_once():
    labels = {"label": np.array([1, 2, -1]), "box": np.ones((3, 4))}
    figure = compare(IMAGES, labels, [{"label": 1}, {"label": 3}, {}])
    titles = [axis.get_title() for axis in figure.axes]
    assert titles[::2] == ["truth: 1", "truth: 2", "truth: ?"]
    assert titles[3] == "✗ predicted: 3"
