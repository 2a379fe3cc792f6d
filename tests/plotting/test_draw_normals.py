import numpy as np
import pytest

from mtvision.plotting import show

IMAGE = np.full((4, 6, 3), 99, "uint8")
NORMALS = np.zeros((4, 6, 3), "float32")
NORMALS[..., 2] = 1.0
NORMALS[0, :2] = [[1, 0, 0], [0, -1, 0]]
NORMALS[1, :2] = [[np.nan] * 3, [0, 0, 0]]


def test_colours_of_truth_and_prediction():
    figure = show({"image": IMAGE, "normals": NORMALS}, {"normals": -NORMALS})
    _, true, guess = figure.axes
    assert true.get_title() == "normals"
    assert guess.get_title() == "predicted normals"
    colours = true.images[0].get_array()
    assert colours[0, 0].tolist() == [1, 0.5, 0.5]  # to the right: red
    assert colours[0, 1].tolist() == [0.5, 1, 0.5]  # up: green
    assert colours[3, 5].tolist() == [0.5, 0.5, 1]  # to the camera: blue
    assert (colours[1, :2] == 0.6).all()
    assert guess.images[0].get_array()[0, 0].tolist() == [0, 0.5, 0.5]


def test_edges_are_drawn_as_classes():
    edges = np.zeros((4, 6), "int32")
    edges[:, 2], edges[0] = 1, 255
    logits = np.where(edges == 1, 3.0, -3.0)[..., None]
    figure = show({"image": IMAGE, "edges": edges}, {"edges": logits})
    for axis in figure.axes:
        drawn = np.any(
            [each.get_array()[..., 3] > 0 for each in axis.images[1:]], axis=0
        )
        np.testing.assert_array_equal(drawn, edges == 1)


def test_another_shape_is_told():
    with pytest.raises(ValueError, match=r"'normals'.*\(H, W, 3\).*4 x 6"):
        show({"image": IMAGE, "normals": NORMALS[..., :2]})
