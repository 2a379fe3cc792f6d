import numpy as np
import pytest

from mtvision.plotting import draw_size_histogram

BOXES = np.array([[0, 0, 4, 9], [10, 10, 110, 110], [3, 3, 3, 8.0]])


def points(figure):
    """Width and height of what is drawn."""
    return figure.axes[1].collections[0].get_offsets().tolist()


def test_boxes_of_any_form():
    for boxes in (BOXES, [BOXES[:1], BOXES[1:]], BOXES.tolist()):
        figure = draw_size_histogram(boxes)
        assert points(figure) == [[4, 9], [100, 100]]
        title = "boxes: 2 (1 without area left out)"
        assert figure.axes[0].get_title() == title
        assert sum(bar.get_height() for bar in figure.axes[0].patches) == 2


def test_a_source_is_read_without_its_padding():
    source = [
        {"boxes": BOXES, "classes": np.array([0, -1, 2])},
        {"boxes": None, "classes": None},
        {},
    ]
    assert points(draw_size_histogram(source)) == [[4, 9]]


def test_images_have_a_height_and_a_width():
    source = [{"image": np.zeros((3, 5, 3))}, {"image": np.zeros((7, 2, 3))}]
    figure = draw_size_histogram(source, field="image")
    assert points(figure) == [[5, 3], [2, 7]]
    assert not figure.axes[0].lines, "COCO's bounds are those of objects"
    figure = draw_size_histogram([[3, 5], [7, 2]], field="image")
    assert points(figure) == [[5, 3], [2, 7]]


def test_the_bounds_of_small_and_large_objects_are_marked():
    lines = draw_size_histogram(BOXES).axes[0].lines
    assert [line.get_xdata()[0] for line in lines] == [32, 96]


def test_boxes_of_one_size():
    figure = draw_size_histogram([BOXES[0]] * 3)
    figure.canvas.draw()
    assert points(figure) == [[4, 9]] * 3


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        (np.zeros((2, 3)), r"'boxes'.*\(N, 4\)"),
        ([], r"'boxes'.*\(N, 4\)"),
        (BOXES[2:], "with an area, received 1 without"),
        ([{"label": 3}], "No sample of the source has a field 'boxes'"),
    ],
)
def test_nothing_to_draw(sizes, message):
    with pytest.raises(ValueError, match=message):
        draw_size_histogram(sizes)
