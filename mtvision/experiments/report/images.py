"""Figures and pictures inside a page."""

import base64
import io
import pathlib

from mtvision.experiments.report.markup import tag

# The first bytes of a PNG file.
PNG = b"\x89PNG\r\n\x1a\n"
# Bytes of a picture; a browser still opens a page with some of them.
LARGEST = 2**25


def plot(figure, alt, caption=None):
    """Writes a figure as a drawing (SVG) that scales.

    It has no ground of its own; a dark page turns it light on dark.

    Args:
        figure: A matplotlib `Figure`.
        alt: What it shows, for those who do not see it.
        caption: Text above, or `None`.

    Returns:
        `Markup`.

    Example:

    >>> figure, axis = mtv.plotting.plot_figure.plot_figure()
    >>> plot(figure, "nothing").startswith('<figure><img class="plot" src=')
    True
    """
    import matplotlib

    file = io.BytesIO()
    # The same figure gives the same file, without the time in it.
    with matplotlib.rc_context({"svg.hashsalt": "mtvision"}):
        figure.savefig(
            file,
            format="svg",
            bbox_inches="tight",
            pad_inches=0.08,
            transparent=True,
            metadata={"Date": None},
        )
    return _figure(file.getvalue(), "svg+xml", "plot", alt, caption)


def picture(path, alt, caption=None):
    """Writes a PNG file.

    Args:
        path: Of the file.
        alt: What it shows.
        caption: Text above, or `None`.

    Returns:
        `Markup`.

    Raises:
        ValueError: If the file is missing or no PNG.

    Example:

    >>> picture("absent.png", "scenes")
    Traceback (most recent call last):
    ...
    ValueError: Expected a picture to show in the report, 'absent.png' ...
    """
    path = pathlib.Path(path)
    content = b""
    if path.is_file():
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    if not content.startswith(PNG) or len(content) > LARGEST:
        fault = "is no PNG file" if content else "is missing"
        if len(content) > LARGEST:
            fault = f"has more than {LARGEST} bytes"
        raise ValueError(
            f"Expected a picture to show in the report, {str(path)!r} {fault}."
            " Save one with figure.savefig('picture.png')."
        )
    return _figure(content, "png", "picture", alt, caption)


def own_picture(folder, name):
    """A picture in a folder, which a stranger may have made.

    Args:
        folder: Path of the folder.
        name: Of a file in it.

    Returns:
        Path, or `None` if there is no such file.

    Raises:
        ValueError: If it is a link that leads out of the folder.

    Example:

    >>> own_picture("absent", "pictures/sum-0.png")
    """
    folder = pathlib.Path(folder)
    path = folder / name
    if not path.exists():
        return None
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(
            f"{path} is a link that leads out of its folder, and would be "
            "copied into the report. Remove it."
        )
    return path


def grid(*figures):
    """Puts figures beside each other where the page is wide enough."""
    figures = [figure for figure in figures if figure is not None]
    return tag("div", *figures, class_="grid") if figures else None


def _figure(content, kind, name, alt, caption):
    data = base64.b64encode(content).decode("ascii")
    source = f"data:image/{kind};base64,{data}"
    return tag(
        "figure",
        tag("figcaption", caption) if caption else None,
        tag("img", class_=name, src=source, alt=alt),
    )
