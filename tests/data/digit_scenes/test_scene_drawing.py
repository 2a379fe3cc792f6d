import numpy as np
import pytest

from mtvision.data.digit_scenes import scene_drawing
from mtvision.data.digit_scenes.digit_scans import load_digit_scans


def test_double_keeps_straight_lines_straight():
    line = np.arange(6.0)[None, :] * np.ones((3, 1))
    doubled = scene_drawing.double(line)
    assert doubled.shape == (6, 12)
    np.testing.assert_array_equal(np.diff(doubled[:, 1:-1], axis=1), 0.5)


def test_double_treats_axes_and_channels_alike():
    grid = np.random.default_rng(0).integers(0, 16, (4, 5, 2)).astype(float)
    doubled = scene_drawing.double(grid)
    turned = scene_drawing.double(grid[..., 1].T).T
    np.testing.assert_array_equal(doubled[..., 1], turned)


@pytest.mark.parametrize("size", [12, 24, 48])
def test_a_digit_has_the_size_of_its_scan(size):
    scans, _ = load_digit_scans("train")
    heights = [len(scene_drawing.draw_digit(scan, size)) for scan in scans[:50]]
    # The ink of most scans fills their eight rows.
    assert 0.8 * size <= np.median(heights) <= 1.1 * size


def test_a_digit_is_cut_to_its_ink():
    scans, _ = load_digit_scans("test")
    for scan in scans[:30]:
        cover = scene_drawing.draw_digit(scan, 20, turn=0.1, stretch=1.1)
        assert cover.min() >= 0
        assert cover.max() <= 1
        edges = cover[0], cover[-1], cover[:, 0], cover[:, -1]
        assert all(edge.any() for edge in edges)


def test_stretch_widens_and_turn_leans():
    scan = np.zeros((8, 8))
    scan[:, 3:5] = 16
    plain = scene_drawing.draw_digit(scan, 32)
    wide = scene_drawing.draw_digit(scan, 32, stretch=1.5)
    assert wide.shape[1] > plain.shape[1]
    leaning = scene_drawing.draw_digit(scan, 32, turn=0.12)
    # Clockwise: the top of the stroke lies to the right of its bottom.
    middle = [np.flatnonzero(leaning[row]).mean() for row in (2, -3)]
    assert middle[0] > middle[1]


def test_colours_stand_out_and_are_distinct():
    for seed in range(50):
        rng = np.random.default_rng(seed)
        canvas, names = scene_drawing.choose_colours(4, rng)
        assert len(set(names)) == 4
        for name in names:
            distance = np.abs(
                scene_drawing.luminance(scene_drawing.PALETTE[name])
                - scene_drawing.luminance(canvas)
            )
            assert distance.min() >= scene_drawing.CONTRAST


def test_a_canvas_lies_between_its_colours():
    colours = np.array([[10, 200, 30], [60, 150, 90]])
    for seed in range(20):
        rng = np.random.default_rng(seed)
        canvas = scene_drawing.draw_canvas(40, colours, rng)
        assert canvas.shape == (40, 40, 3)
        assert (canvas >= colours.min(0) - 1e-9).all()
        assert (canvas <= colours.max(0) + 1e-9).all()
