"""Prediction of images that are larger than memory, tile by tile."""

import keras
import numpy as np

from mtvision.models.coarsest_stride import coarsest_strides
from mtvision.models.tile_map import TileMap
from mtvision.ops.option_checks import require_count
from mtvision.ops.tile_grid import TileGrid


def predict_tiles(
    model,
    image,
    *,
    tile_size,
    overlap,
    margin=None,
    stride=32,
    batch_size=4,
    tasks=None,
    out=None,
    verbose=1,
):
    """Predicts the maps of an image or a volume, tile by tile.

    The image is read, and the maps are written, one tile at a time, so that
    both may be larger than memory: `np.memmap`, or whatever else has a shape
    and can be sliced. All tiles have one size, for which the model is
    compiled once, and begin at multiples of `stride`, so that poolings and
    strided convolutions fall on the same pixels as in the whole image.

    Where a tile ends within the image, `margin` pixels of its maps are left
    out, as the layers' padding has changed them. With a margin of at least
    the model's reach (half its receptive field) the result is that of
    `model.predict` for the whole image, up to its borders. Sizes that are no
    multiples of the stride are continued to the next one, mirrored, and an
    image that is smaller than a tile to the size of a tile: then the result
    is that of the whole image continued likewise. With a smaller margin, or
    layers that look at all of the image, tiles differ: the rest of the overlap
    blends them without a seam, by weights that add up to 1.

    What is blended are the outputs as they are: with logits, the mean of the
    logits. To blend probabilities, give a model that ends in them. A head
    with an attribute `coordinate_axes` says that the last channels of its
    maps are coordinates in pixels, and along which axes of the image; the
    offset of the tile is added to them.

    Args:
        model: A trained `keras.Model` of one input, which gives maps: a
            tensor, or a dict of tensors by task.
        image: Array (H, W, C) or (D, H, W, C) of finite numbers.
        tile_size: Pixels along the sides of a tile, a multiple of `stride`;
            one number, or one for each axis.
        overlap: Pixels that neighbouring tiles share at least, a multiple of
            `stride`; one number, or one for each axis.
        margin: Pixels that are left out, a multiple of `stride`, at most half
            the overlap; one number, or one for each axis. By default a
            quarter of the overlap, rounded down.
        stride: Pixels that the coarsest map within the model has to a cell,
            32 for P5, or a multiple; one number, or one for each axis. A
            smaller one gives wrong maps. It is refused where the model's
            graph shows it, but strides within layers of your own and in
            models of one image size do not show.
        batch_size: Tiles that are predicted at once.
        tasks: The outputs to return, by default all.
        out: Where the maps are written: an array of floats in the shape of
            the map, or a dict of them by task; by default new arrays.
        verbose: 1 for a progress bar, 0 for none.

    Returns:
        Map (h, w, D) or (d, h, w, D), or dict of maps by task; `out` if it
        is given. A map of stride r has the size of the image over r, rounded
        up.

    Raises:
        ValueError: If the sizes do not fit together, the image, its tiles or
            `out` do not fit the model, the stride is smaller than the
            model's, a pixel is NaN or infinite, or an output is no map of
            floats.

    Example:

    >>> image = keras.Input((None, None, 3))
    >>> edges = keras.layers.Conv2D(2, 3, padding="same", name="edges")
    >>> model = keras.Model(image, {"edges": edges(image)})
    >>> big = np.random.default_rng(0).uniform(size=(100, 72, 3))
    >>> maps = predict_tiles(
    ...     model, big, tile_size=32, overlap=8, margin=4, stride=4, verbose=0
    ... )
    >>> whole = model.predict(big[None], verbose=0)["edges"][0]
    >>> whole.shape, bool(np.allclose(maps["edges"], whole, atol=1e-5))
    ((100, 72, 2), True)

    Reference:
        Ronneberger et al., U-Net, 2015, for tiles with overlap.
    """
    _check_kinds(model, image)
    grid = TileGrid(
        image.shape, tile_size, overlap=overlap, margin=margin, stride=stride
    )
    require_count(batch_size, 1, "batch_size")
    _check_input(model, image.shape, grid.tile_size)
    _check_stride(model, grid.stride)
    bar = keras.utils.Progbar(
        len(grid.places), verbose=verbose, unit_name="tile"
    )
    maps = {}
    for start in range(0, len(grid.places), batch_size):
        places = grid.places[start : start + batch_size]
        tiles = [grid.read(image, place) for place in places]
        # The last batch has the size of the others: nothing compiles anew.
        tiles += tiles[-1:] * (batch_size - len(tiles))
        outputs = _by_task(model.predict_on_batch(np.stack(tiles)), tasks)
        maps = maps or _new_maps(model, grid, outputs, out)
        for task, output in outputs.items():
            for place, values in zip(places, output):
                maps[task].add(place, values)
        bar.update(start + len(places))
    found = {task: one.array for task, one in maps.items()}
    return found.get(None, found)


def _check_kinds(model, image):
    if not hasattr(model, "predict_on_batch"):
        raise ValueError(
            f"Expected model as a keras.Model, received {type(model).__name__}."
        )
    if not hasattr(image, "shape"):
        raise ValueError(
            "Expected image as an array (H, W, C) or (D, H, W, C), received a "
            f"{type(image).__name__}. Use numpy.asarray(image)."
        )
    inputs = getattr(model, "inputs", None) or ()
    if len(inputs) == 1 and len(image.shape) == len(inputs[0].shape):
        raise ValueError(
            f"The model takes {tuple(inputs[0].shape)}, of which predict_tiles "
            "expects one image without the batch; received shape "
            f"{tuple(image.shape)}. Give one image at a time: images[0]."
        )


def _check_stride(model, stride):
    coarsest = coarsest_strides(model)
    if any(s % c for s, c in zip(stride, coarsest)):
        raise ValueError(
            "Expected stride as a multiple of that of the coarsest map within "
            f"the model, {tuple(coarsest)} pixels; received {stride}. Tiles "
            "that begin elsewhere give other maps."
        )


def _check_input(model, shape, tile_size):
    inputs = getattr(model, "inputs", None) or ()
    if len(inputs) > 1:
        names = [x.name for x in inputs]
        raise ValueError(f"Expected a model of one input, received {names}.")
    for x in inputs:
        given = (None, *tile_size, shape[-1])
        pairs = zip(x.shape, given)
        fits = [n == m or n is None for n, m in pairs]
        if len(x.shape) != len(given) or not all(fits):
            raise ValueError(
                f"The model takes {tuple(x.shape)}, but tiles of the image "
                f"are {given}. Give such a tile_size, an image with such "
                "channels, or a model for images of any size."
            )


def _by_task(outputs, tasks):
    """The outputs to keep; a single one has the name `None`."""
    if not isinstance(outputs, dict | list | tuple) and tasks is None:
        return {None: outputs}
    if not isinstance(outputs, dict):
        raise ValueError(
            "Expected a model of one output, or of a dict of outputs by task "
            f"where tasks={tasks!r} are asked for; received a "
            f"{type(outputs).__name__}."
        )
    names = list(outputs) if tasks is None else list(tasks)
    unknown = sorted(set(names) - set(outputs))
    if unknown or not names or isinstance(tasks, str):
        raise ValueError(
            f"Expected tasks as a list of some of {sorted(outputs)}, received "
            f"{tasks!r}."
        )
    return {name: outputs[name] for name in names}


def _new_maps(model, grid, outputs, out):
    given = out if None not in outputs else {None: out}
    given = dict.fromkeys(outputs) if out is None else given
    if not isinstance(given, dict) or set(given) != set(outputs):
        received = f"a {type(given).__name__}"
        if isinstance(given, dict):
            received = sorted(given, key=str)
        raise ValueError(
            f"Expected out as a dict of arrays for {sorted(outputs)}, "
            f"received {received}."
        )
    layers = {layer.name: layer for layer in model.layers}
    # The layer that gives a single output has its name.
    single = getattr(model, "output_names", [None])[0]
    maps = {}
    for task, output in outputs.items():
        layer = layers.get(single if task is None else task)
        maps[task] = TileMap(
            "the output" if task is None else f"task '{task}'",
            grid,
            output,
            out=given[task],
            coordinate_axes=getattr(layer, "coordinate_axes", ()),
        )
    return maps
