"""The map that the maps of tiles are put together to."""

import functools

import keras
import numpy as np


class TileMap:
    """One output of a model, for the whole of an image.

    Args:
        name: What the output is, for messages.
        grid: `TileGrid` of the image.
        output: Array (B, ...), the output for a batch of tiles.
        out: Array to write the map to, or `None` for a new one.
        coordinate_axes: The axes of the image along which the last channels
            are coordinates in pixels.

    Attributes:
        array: The map.

    Raises:
        ValueError: If the output is no map of floats, its cells do not fit
            the grid, or `out` does not fit the map.
    """

    def __init__(self, name, grid, output, *, out=None, coordinate_axes=()):
        self.grid = grid
        self.coordinate_axes = coordinate_axes
        ratio = _ratio(name, grid, output)
        self.tiles = grid.tiles(ratio)
        size = [-(-n // r) for n, r in zip(grid.size, ratio)]
        shape = (*size, output.shape[-1])
        if out is None:
            self.array = np.zeros(shape, "float32")
        else:
            _require_map(name, out, shape)
            self.array = out
            for place in grid.places:
                self.array[self._region(place)[0]] = 0

    def add(self, place, values):
        """Adds the map of a tile, by its weights.

        Args:
            place: The tile's numbers along the axes.
            values: Array (*size of a tile, D).
        """
        region, inside, weights = self._region(place)
        values = np.asarray(values[inside], "float32")
        offsets = self.grid.offsets(place)
        shifts = [offsets[axis] for axis in self.coordinate_axes]
        if shifts:
            values = values + np.pad(
                np.asarray(shifts, "float32"),
                (values.shape[-1] - len(shifts), 0),
            )
        self.array[region] += weights * values

    def _region(self, place):
        """Where a tile goes, what is kept of it, and its weights."""
        tiles = [axis[i] for axis, i in zip(self.tiles, place)]
        region = tuple(slice(t.start, t.stop) for t in tiles)
        inside = tuple(
            slice(t.start - t.offset, t.stop - t.offset) for t in tiles
        )
        weights = functools.reduce(
            np.multiply.outer, [tile.weights for tile in tiles]
        )
        return region, inside, weights[..., None]


def _require_map(name, out, shape):
    if not (hasattr(out, "shape") and hasattr(out, "dtype")):
        raise ValueError(
            f"Expected out for {name} as an array of floats of shape "
            f"{shape}, received a {type(out).__name__}."
        )
    if tuple(out.shape) != shape or np.dtype(out.dtype).kind != "f":
        raise ValueError(
            f"Expected out for {name} as an array of floats of shape "
            f"{shape}, received {out.dtype} of shape {tuple(out.shape)}."
        )


def _ratio(name, grid, output):
    """Pixels of a cell along each axis."""
    rank = len(grid.size)
    if output.ndim != rank + 2:
        raise ValueError(
            f"Expected {name} to be a map of {rank + 2} axes, received "
            f"{tuple(output.shape)} for a batch of tiles. Name the tasks that "
            "are maps: tasks=[...]."
        )
    if not keras.backend.is_float_dtype(str(output.dtype)):
        raise ValueError(
            f"Expected {name} to be a map of floats, which can be blended, "
            f"received {output.dtype}. Give a model of logits or "
            "probabilities, and decode the result."
        )
    cells = output.shape[1:-1]
    ratio = [t // c if c else 0 for t, c in zip(grid.tile_size, cells)]
    fits = [
        r > 0 and r * c == t and s % r == 0
        for r, c, t, s in zip(ratio, cells, grid.tile_size, grid.stride)
    ]
    if not all(fits):
        raise ValueError(
            f"Expected {name} to be a map whose cells span a whole number of "
            f"pixels, a divisor of stride={grid.stride}; received a map of "
            f"{cells} for tiles of {grid.tile_size}. Give the largest stride "
            "that the model has, or name other tasks: tasks=[...]."
        )
    return ratio
