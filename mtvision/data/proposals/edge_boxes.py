"""EdgeBoxes: boxes that wholly enclose many contours."""

import pathlib

import numpy as np

from mtvision.data.proposals.pictures import (
    check_options,
    contrib,
    finish_rows,
    standardize_picture,
)
from mtvision.ops.option_checks import require_share, require_up_to_one


def edge_boxes(
    image,
    *,
    number=2000,
    size=None,
    min_side=8,
    alpha=0.65,
    beta=0.75,
    min_score=0.01,
    model=None,
):
    """Proposes boxes by the contours that lie wholly within them.

    Edges that are in line are joined to contours; the score of a box is the
    strength of the contours within it, less of those that cross its border,
    for its size. Boxes at all places are scored, the best are moved a little
    to be better still, and duplicates are suppressed.

    Edges are where the colours change most, thinned to a line. Those that a
    random forest has learnt, as in the paper, are better for photographs;
    OpenCV's file of one is not part of any package, but may be given.

    Args:
        image: (H, W, 3) or (H, W, 1), uint8 or float, 0 to 255.
        number: P, rows of the result.
        size: Pixels of the longer side of the picture that is searched,
            `None` for the image as it is.
        min_side: Shortest side of a proposal, in pixels of the image.
        alpha: IoU of neighbouring boxes that are tried, from 0 to below 1.
        beta: IoU above which the weaker of two boxes goes.
        min_score: Score that a box must have.
        model: Path of a structured edge forest, OpenCV's `model.yml.gz`, or
            `None`.

    Returns:
        Float32 array (P, 4), xyxy in pixels of the image, by falling score;
        zeros in rows of padding.

    Raises:
        ImportError: If OpenCV's contrib modules are not there.
        ValueError: If the image or an option is malformed, or there is no
            such file.

    Example:

    >>> image = np.zeros((96, 128, 3), "uint8")
    >>> image[16:64, 32:80] = 255
    >>> boxes = mtv.data.edge_boxes(image, number=3)
    >>> bool((abs(boxes[0] - [32, 16, 80, 64]) < 8).all())
    True

    Reference:
        Zitnick and Dollár, Edge Boxes, 2014; learnt edges: Dollár and
        Zitnick, Fast Edge Detection Using Structured Forests, 2015.
    """
    check_options(number, min_side)
    require_share(alpha, "alpha")
    require_up_to_one(beta, "beta")
    require_share(min_score, "min_score")
    cv2 = contrib("edge_boxes")
    picture, scale = standardize_picture(image, size)
    if model is None:
        edges, normals = _gradient_edges(cv2, picture)
    else:
        edges, normals = _learnt_edges(cv2, picture, model)
    search = cv2.ximgproc.createEdgeBoxes(
        alpha=alpha,
        beta=beta,
        minScore=min_score,
        # Some are too small, or the same.
        maxBoxes=2 * number,
        minBoxArea=max(1.0, min_side**2 * scale.prod()),
    )
    found = search.getBoundingBoxes(edges, normals)[0]
    return finish_rows(found, scale, np.shape(image), number, min_side)


def _gradient_edges(cv2, picture):
    """Strengths of edges, 0 to 1, and the angles of their normals, 0 to pi."""
    smooth = cv2.GaussianBlur(picture.astype("float32") / 255, (0, 0), 1.0)
    x, y = (cv2.Sobel(smooth, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    # Of the channel that changes most.
    best = np.argmax(np.square(x) + np.square(y), axis=-1)[..., None]
    x, y = (np.take_along_axis(v, best, axis=-1)[..., 0] for v in (x, y))
    strength = np.hypot(x, y)
    edges = _thinned(strength, x, y)
    edges /= max(edges.max(), 1e-6)
    return edges.astype("float32"), np.mod(np.arctan2(y, x), np.pi)


def _thinned(strength, x, y):
    """Strengths where no neighbour across the edge is stronger, else 0."""
    across = np.round(np.mod(np.arctan2(y, x), np.pi) / (np.pi / 4)) % 4
    steps = np.array([(0, 1), (1, 1), (1, 0), (1, -1)])[across.astype(int)]
    rows, columns = np.indices(strength.shape)
    padded = np.pad(strength, 1)
    sides = [
        padded[
            rows + 1 + sign * steps[..., 0], columns + 1 + sign * steps[..., 1]
        ]
        for sign in (1, -1)
    ]
    return np.where(strength >= np.maximum(*sides), strength, 0.0)


def _learnt_edges(cv2, picture, model):
    if not pathlib.Path(model).is_file():
        raise ValueError(
            f"Expected model as the path of OpenCV's model.yml.gz, or None "
            f"for edges by gradients, received {str(model)!r}, which is no "
            "file."
        )
    forest = cv2.ximgproc.createStructuredEdgeDetection(str(model))
    edges = forest.detectEdges(picture.astype("float32") / 255)
    normals = forest.computeOrientation(edges)
    return forest.edgesNms(edges, normals), normals
