"""What recipes of sliding windows share."""

from mtvision.models.assembly import image_input, require_trunk
from mtvision.tasks import ScaledImages
from mtvision.trunks import WindowNet


def window_features(image_size, trunk, window, scales):
    """Features of all windows of an image at several scales.

    Args:
        image_size: As for a recipe.
        trunk: Layer or model from images to one map, or to a dict of one;
            by default `WindowNet`.
        window: Side of a window in pixels.
        scales: Scales of the image.

    Returns:
        `(image, pyramid, features, geometry)`: the symbolic image, what the
        trunk gives for it at the first scale, a list of maps, and the
        arguments of `WindowHead` that describe the windows.

    Raises:
        ValueError: If the image is smaller than a window, or the trunk's map
            does not grow evenly.
    """
    image = image_input(image_size)
    if any(n is not None and n < window for n in image.shape[1:3]):
        raise ValueError(
            f"A window has {window} pixels, but image_size={image_size!r} is "
            "smaller. Choose a larger size, or a smaller window."
        )
    trunk = require_trunk(WindowNet() if trunk is None else trunk)
    images = ScaledImages(scales, window=window, name="scales")(image)
    pyramids = [trunk(x) for x in images]
    features = [_single_map(x) for x in pyramids]
    geometry = {**_geometry(trunk, window), "scales": scales}
    return image, pyramids[0], features, geometry


def _geometry(trunk, window):
    """Side of the map of one window, and pixels from window to window."""
    side = _map_side(trunk, window)
    stride = 1
    while _map_side(trunk, window + stride) == side:
        stride += 1
        if stride > window:
            raise ValueError(
                "The trunk gives maps of one size for images of "
                f"{window} and {window + stride} pixels, so that no window "
                "can slide. Leave out its global pooling."
            )
    found = [_map_side(trunk, window + k * stride) for k in range(4)]
    if found != [side + k for k in range(4)] or side < 1:
        raise ValueError(
            f"The trunk gives maps of {found} cells for images of {window} "
            f"pixels and {stride}, {2 * stride}, {3 * stride} more. Choose a "
            "window that its strides divide evenly, and a trunk whose "
            "convolutions and poolings are not padded."
        )
    return {"window": window, "stride": stride, "kernel_size": side}


def _map_side(trunk, side):
    shape = trunk.compute_output_shape((None, side, side, 3))
    return _single_map(shape)[1]


def _single_map(maps):
    if not isinstance(maps, dict):
        return maps
    if len(maps) != 1:
        raise ValueError(
            "Expected a trunk with one map for sliding windows, received the "
            f"levels {sorted(maps)}."
        )
    return next(iter(maps.values()))
