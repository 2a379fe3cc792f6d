"""Slices of a volume through its landmarks."""

import numpy as np

AXES = "zyx"


def draw_volume_landmarks(
    volume, true=None, found=None, *, names=None, spacing=1.0
):
    """Draws three slices through each landmark, one across each axis.

    The slices go through the true place, or where there is none through the
    place that was found. True places are circles, found ones crosses; a cross
    lies in the slice that is drawn only as far as the error is small.

    Args:
        volume: Array (D, H, W) or (D, H, W, C), of which the first channel
            is drawn.
        true: Array (K, 4): z, y, x in voxels and 1 where the landmark is
            there, or (K, 3); or `None`.
        found: Array (K, 3), or `None`.
        names: List of K names, or `None`.
        spacing: Millimetres from voxel to voxel along z, y and x, or one
            number for all: slices are drawn in their true shape, and errors
            in millimetres.

    Returns:
        A matplotlib `Figure`, three rows of a slice a landmark.

    Raises:
        ValueError: If the volume is of another rank, there are no landmarks,
            or the numbers of landmarks differ.

    Example:

    >>> volume, place = np.zeros((8, 8, 8)), np.array([[2.5, 3.5, 4.5]])
    >>> figure = draw_volume_landmarks(volume, place, place + 1, names=["a"])
    >>> figure.axes[0].get_title()
    'a: 1.7 mm'
    """
    from matplotlib.figure import Figure

    volume = np.asarray(volume)
    volume = volume[..., 0] if volume.ndim == 4 else volume
    true, found = _points(true), _points(found)
    shown = found if true is None else true
    numbers = {len(p) for p in (true, found) if p is not None}
    if volume.ndim != 3 or len(numbers) != 1:
        raise ValueError(
            "Expected a volume (D, H, W) or (D, H, W, C) and landmarks, true "
            f"or found, of one number; received shape {volume.shape} and "
            f"{sorted(numbers)} landmarks."
        )
    spacing = np.broadcast_to(np.asarray(spacing, float), 3)
    number = len(shown)
    figure = Figure(figsize=(2.4 * number + 0.4, 7), layout="constrained")
    grid = figure.subplots(3, number, squeeze=False)
    limits = np.percentile(volume, [1, 99.9])
    for k in range(number):
        place = shown[k]
        if found is not None and not np.isfinite(place).all():
            place = found[k]
        for across in range(3):
            axis = grid[across, k]
            axis.set_xticks([])
            axis.set_yticks([])
            _draw_slice(axis, volume, across, place, spacing, limits)
            for points, style in ((true, "o"), (found, "x")):
                if points is not None:
                    _mark(axis, points[k], across, style)
        grid[0, k].set_title(_title(k, names, true, found, spacing))
    return figure


def _points(given):
    """Places (K, 3), NaN where a landmark is not there."""
    if given is None:
        return None
    given = np.asarray(given, "float64")
    there = given[:, 3:] > 0 if given.shape[1] > 3 else True
    return np.where(there, given[:, :3], np.nan)


def _draw_slice(axis, volume, across, place, spacing, limits):
    last = volume.shape[across] - 1
    if not np.isfinite(place).all():
        place = np.array(volume.shape) / 2
    index = int(np.clip(place[across], 0, last))
    down, right = np.delete(spacing, across)
    axis.imshow(
        np.take(volume, index, axis=across),
        cmap="gray",
        vmin=limits[0],
        vmax=limits[1],
        aspect=down / right,
    )
    axis.set_xlabel(f"{AXES[across]} = {index}")


def _mark(axis, place, across, style):
    if not np.isfinite(place).all():
        return
    # The first voxel's centre is 0.5 of ours, and 0 of matplotlib's.
    y, x = np.delete(place, across) - 0.5
    options = {"o": {"mec": "#56B4E9", "mfc": "none"}, "x": {"c": "#E69F00"}}
    axis.plot(x, y, style, ms=9, mew=1.5, **options[style])


def _title(k, names, true, found, spacing):
    name = f"{k}" if names is None else names[k]
    if true is None or found is None:
        return name
    error = np.linalg.norm((true[k] - found[k]) * spacing)
    return f"{name}: {error:.1f} mm" if np.isfinite(error) else f"{name}: none"
