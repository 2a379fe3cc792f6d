"""Training on a few real images until they are known by heart."""

import pathlib

import numpy as np
import pytest

import mtvision as mtv

DATA = pathlib.Path(__file__).parents[2] / "../shared/data"


def real_data(name):
    """Folder of a real data set; skips the test where there is none."""
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"needs the real images of {folder}")
    return folder


def average_precision(truth, found, kind="boxes", **options):
    """AP at IoU 0.5 of padded batches of truth and detections, COCO's."""
    pytest.importorskip("pycocotools")
    truth, found = (
        [_row(x, k, kind) for k in range(_size(x))] for x in (truth, found)
    )
    result = mtv.metrics.coco_evaluate(truth, found, kind=kind, **options)
    return result.scores["AP50"]


def _size(fields):
    return len(fields["classes"])


def _row(fields, index, kind):
    kept = np.asarray(fields["classes"][index]) >= 0
    names = set(fields) & {"boxes", "classes", "scores", kind}
    return {name: np.asarray(fields[name][index])[kept] for name in names}
