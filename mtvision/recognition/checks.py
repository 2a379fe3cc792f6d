"""Checks of what goes into a gallery and what is asked of it."""

import difflib
import math
import numbers

import numpy as np

from mtvision.ops.arrays import as_array


def as_embeddings(embeddings, size):
    """Embeddings as float32 rows.

    Args:
        embeddings: Array (D,) or (N, D).
        size: D.

    Returns:
        Array (N, D), float32; N is 1 for a single one.

    Raises:
        ValueError: If they are of another size, or hold NaN, infinity or
            numbers whose squares are infinite.

    Example:

    >>> as_embeddings([0.0, 1.0], 2).shape
    (1, 2)
    """
    rows = np.asarray(as_array(embeddings))
    if rows.ndim not in (1, 2) or rows.shape[-1] != size:
        raise ValueError(
            f"Expected an embedding ({size},) or several (N, {size}), received "
            f"the shape {rows.shape}. A gallery keeps the embeddings of one "
            "model."
        )
    with np.errstate(over="ignore"):
        rows = np.atleast_2d(rows).astype("float32")
        # Four times, as the largest distance of two of this length.
        bad = ~np.isfinite(4 * np.square(rows).sum(axis=1))
    if bad.any():
        raise ValueError(
            f"Embedding {int(np.argmax(bad))} holds NaN or infinity, or "
            "numbers whose squares are infinite. Look at the image that it "
            "was made of."
        )
    return rows


def require_threshold(threshold):
    """Raises unless faces can be within a threshold.

    Args:
        threshold: What was given.

    Raises:
        ValueError: If it is no finite number above 0.

    Example:

    >>> require_threshold(0.5)
    """
    is_number = isinstance(threshold, numbers.Real)
    if not is_number or not 0 < threshold < math.inf:
        raise ValueError(
            "Expected threshold as a number above 0, the largest squared "
            f"distance of faces of one person, received {threshold!r}. If it "
            "comes from `mtvision.metrics.choose_threshold`, no distance of "
            "its pairs was worth accepting: some pairs of two people have a "
            "distance of 0. Look whether all embeddings are equal, or one "
            "picture stands under two names."
        )


def require_name(name):
    """Raises unless a name is a text that can be read.

    Args:
        name: What was given.

    Raises:
        ValueError: If it is no text, empty, or has blanks around it or
            characters that do not print.

    Example:

    >>> require_name("Ann")
    """
    is_text = isinstance(name, str)
    if is_text:
        # Persian and Hindi names are written with these.
        rest = name.replace("\u200c", "").replace("\u200d", "")
        is_text = bool(rest.strip()) and rest.isprintable()
    if not is_text or name != name.strip():
        raise ValueError(
            "Expected the name of a person, without blanks around it and "
            f"without characters that do not print, received {name!r}."
        )


def require_known(name, names):
    """Raises unless a person is in the gallery.

    Args:
        name: Who is asked for.
        names: Names of the gallery.

    Raises:
        ValueError: If there is nobody of that name.

    Example:

    >>> require_known("Ann", ["Ann", "Bob"])
    """
    if name in names:
        return
    close = difflib.get_close_matches(str(name), names, n=3)
    remedy = f"Did you mean one of {close}?" if close else "Add them first."
    raise ValueError(
        f"{name!r} is not in the gallery of {len(names)} people. {remedy}"
    )
