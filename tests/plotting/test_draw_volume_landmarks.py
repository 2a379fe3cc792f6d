import numpy as np
import pytest

from mtvision.plotting import draw_volume_landmarks

TRUE = np.array([[2.5, 3.0, 4.5, 1], [np.nan, np.nan, np.nan, 0]])
FOUND = np.array([[2.5, 6.0, 8.5], [1.5, 2.5, 7.5]])


def test_slices_go_through_the_true_places():
    volume = np.random.default_rng(0).normal(size=(6, 8, 10, 1))
    figure = draw_volume_landmarks(
        volume, TRUE, FOUND, names=["a", "b"], spacing=(3.0, 1.0, 1.0)
    )
    axes = figure.axes
    assert [axis.get_title() for axis in axes[:2]] == ["a: 5.0 mm", "b: none"]
    np.testing.assert_array_equal(
        axes[0].images[0].get_array(), volume[2, ..., 0]
    )
    # Of what is absent, those through what was found.
    np.testing.assert_array_equal(
        axes[5].images[0].get_array(), volume[..., 7, 0]
    )
    circle, cross = (line.get_xydata()[0] for line in axes[0].lines)
    assert circle.tolist() == [4, 2.5]
    assert cross.tolist() == [8, 5.5]
    assert len(axes[1].lines) == 1
    # Rows of z are three times as far apart as columns.
    assert [axes[k].get_aspect() for k in (0, 2, 4)] == [1, 3, 3]


def test_either_may_be_left_out():
    volume = np.zeros((6, 8, 10))
    for points in ((TRUE[:, :3], None), (None, FOUND)):
        figure = draw_volume_landmarks(volume, *points)
        assert [axis.get_title() for axis in figure.axes[:2]] == ["0", "1"]


def test_what_does_not_fit_is_an_error():
    volume = np.zeros((6, 8, 10))
    for arguments in (
        (volume[0], TRUE),
        (volume,),
        (volume, TRUE, FOUND[:1]),
    ):
        with pytest.raises(ValueError, match="Expected a volume"):
            draw_volume_landmarks(*arguments)
