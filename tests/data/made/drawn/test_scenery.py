import numpy as np

from mtvision.data.made.drawn.scenery import draw_clutter, slope, take_photo


def test_clutter_differs_and_has_the_size():
    pictures = [
        draw_clutter(24, np.random.default_rng(seed)) for seed in range(6)
    ]
    assert all(picture.shape == (24, 24, 3) for picture in pictures)
    means = np.array([picture.mean() for picture in pictures])
    assert np.std(means) > 5


def test_a_slope_is_a_plane():
    found = slope(9, np.random.default_rng(3))
    across, down = np.diff(found, axis=1), np.diff(found, axis=0)
    np.testing.assert_allclose(across, across[0, 0], atol=1e-6)
    np.testing.assert_allclose(down, down[0, 0], atol=1e-6)
    assert (found.min(), found.max()) == (0, 1)


def test_light_and_noise_stay_within_their_bounds():
    grey = np.full((64, 64, 3), 100.0)
    photos = np.stack(
        [take_photo(grey, np.random.default_rng(seed)) for seed in range(30)]
    ).astype(float)
    means = photos.mean(axis=(1, 2))
    # Brightness changes by 0.25, colours by 0.3 * 0.25 of it, at most.
    assert np.abs(means / 100 - 1).max() < 0.34
    assert np.std(means) > 5
    dark = take_photo(0 * grey, np.random.default_rng(0), noise=6.0)
    assert dark.dtype == np.uint8
    assert dark.max() < 40
    still = take_photo(grey, np.random.default_rng(0), light=0.0, noise=0.0)
    assert (still == 100).all()
