"""What all decoders of objects have in common."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import to_numpy
from batteries.properties import cases
from mtvision import tasks
from mtvision.ops.map_cells import join_cells

SIZE, BATCH, CELLS = 32, 2, 4
SHAPE = (BATCH, CELLS * CELLS)
IMAGE = np.zeros((BATCH, SIZE, SIZE, 3), "float32")


def rows(random, before):
    """Rows whose boxes lie in, at the edge of, or outside of the image."""
    first = random.choice([-9, 0, 8, 31, 32, 40], (*SHAPE, 2))
    boxes = np.concatenate([first, first + 8], -1)
    return _join(random.normal(size=(*SHAPE, before)) * 3, boxes)


def regions(random, *before):
    """Several rows of the same boxes, some of which are padding."""
    both = rows(random, sum(before))
    both[:, ::5, -4:] = 0
    parts = np.split(both[..., :-4], np.cumsum(before)[:-1], axis=-1)
    return [_join(part, both[..., -4:]) for part in parts]


def maps(random, channels):
    values = random.normal(size=(BATCH, CELLS, CELLS, channels)) * 3
    return to_numpy(join_cells(values, 8))


def yolo(random):
    cells = random.choice([-8, 0, 24, 32], (*SHAPE, 2))
    sizes = np.full((*SHAPE, 2), 6.0)
    return _join(random.normal(size=(*SHAPE, 8)) * 3, cells, cells + 8, sizes)


def _join(*parts):
    return np.concatenate(parts, -1).astype("float32")


DECODERS = {
    "DecodeDetections": ({}, lambda r: rows(r, 4 + 2)),
    "DecodeWindows": ({}, lambda r: rows(r, 3)),
    "MergeWindows": ({}, lambda r: [rows(r, 3), rows(r, 4)]),
    "DecodeRegions": ({}, lambda r: regions(r, 3, 8)),
    "DecodeYOLO": ({}, yolo),
    "DecodeYOLOv1": (
        {"image_size": SIZE},
        lambda r: 2 * r.normal(size=(BATCH, 4, 4, 12)).astype("float32"),
    ),
    "DecodeCenters": ({}, lambda r: [maps(r, c) for c in (2, 2, 2)]),
    "DecodeExtremes": (
        {"num_peaks": 3, "num_groups": 20},
        lambda r: [maps(r, c) for c in (8, 2, 8)],
    ),
}


@pytest.mark.parametrize("name", DECODERS)
@cases(5)
@given(seed=st.integers(0, 999), clipped=st.booleans(), low=st.booleans())
def test_detections_have_an_area_and_stand_first(name, seed, clipped, low):
    arguments, outputs = DECODERS[name]
    if low and name != "DecodeExtremes":
        arguments = {**arguments, "score_threshold": 0.0}
    decode = getattr(tasks, name)(max_detections=12, **arguments)
    outputs = outputs(np.random.default_rng(seed))
    found = to_numpy(decode(outputs, IMAGE) if clipped else decode(outputs))
    sides = found["boxes"][..., 2:] - found["boxes"][..., :2]
    is_real = found["classes"] >= 0
    assert (sides[is_real] > 0).all()
    assert (found["scores"][is_real] > 0).all()
    assert (np.diff(found["scores"]) <= 0).all()
    assert not is_real[:, 1:][~is_real[:, :-1]].any()
    for field in (found["boxes"], found["scores"]):
        assert not field[~is_real].any()


@pytest.mark.parametrize("name", DECODERS)
@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("max_detections", 0),
        ("max_detections", 2.5),
        ("score_threshold", "high"),
        ("score_threshold", 1.5),
        ("score_threshold", np.nan),
        ("iou_threshold", -0.1),
        ("iou_threshold", "0.5"),
        ("iou_threshold", 50),
    ],
)
def test_options_are_checked(name, option, wrong):
    arguments, _ = DECODERS[name]
    if name == "DecodeExtremes" and option == "score_threshold":
        option = "center_threshold"
    if name in ("MergeWindows", "DecodeExtremes") and option[:3] == "iou":
        return
    if name == "MergeWindows" and wrong == 1.5:
        return  # sums of scores
    with pytest.raises(ValueError, match=f"Expected {option} as a"):
        getattr(tasks, name)(**arguments, **{option: wrong})
