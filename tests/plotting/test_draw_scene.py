import numpy as np
import pytest
from matplotlib.figure import Figure

from mtvision.plotting import draw_scene

IMAGE = np.zeros((10, 20, 3), "uint8")


def draw(**labels):
    figure = Figure()
    axis = figure.subplots()
    draw_scene(axis, IMAGE, **labels)
    figure.canvas.draw()
    return axis


def test_a_box_is_drawn_from_pixel_edge_to_pixel_edge():
    for outline in draw(box=[0, 0, 20, 10]).patches:
        extents = outline.get_bbox().extents
        assert extents.tolist() == [-0.5, -0.5, 19.5, 9.5]


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"box": None},
        {"box": np.full(4, np.nan)},
        {"boxes": np.zeros((0, 4))},
        {"boxes": np.zeros((2, 4)), "classes": np.array([-1, -1])},
    ],
)
def test_missing_boxes_are_left_out(labels):
    assert not draw(**labels).patches


@pytest.mark.parametrize("number", [-1, 0, 255])
def test_missing_and_ignored_pixels_stay_clear(number):
    assert len(draw(mask=np.full((10, 20), number)).images) == 1


def test_each_class_has_a_colour():
    mask = np.zeros((10, 20), "int32")
    mask[2:4], mask[6:8] = 1, 2
    overlay = draw(mask=mask).images[1].get_array()
    assert (overlay[mask == 0] == 0).all()
    assert len(np.unique(overlay.reshape(-1, 4), axis=0)) == 3


def test_boxes_are_named():
    boxes = np.array([[0, 0, 4, 4], [5, 5, 9, 9], [0, 0, 0, 0]])
    axis = draw(boxes=boxes, classes=[1, 0, -1], class_names=["cat", "dog"])
    assert [text.get_text() for text in axis.texts] == ["dog", "cat"]
    axis = draw(boxes=boxes, classes=[1, 0, -1])
    assert [text.get_text() for text in axis.texts] == ["1", "0"]
    with pytest.raises(ValueError, match="name for the class 1, received 1"):
        draw(boxes=boxes, classes=[1, 0, -1], class_names=["cat"])


def test_a_box_beyond_the_image_does_not_shrink_it():
    axis = draw(box=[-50, -50, 100, 100])
    assert axis.get_xlim() == (-0.5, 19.5)
    assert axis.get_ylim() == (9.5, -0.5)
