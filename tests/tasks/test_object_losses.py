"""What all losses of objects have in common."""

import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision import tasks
from mtvision.ops.box_rows import join_region
from mtvision.ops.map_cells import join_cells
from mtvision.tasks.yolo import columns as yolo

SIZE, STRIDE, CLASSES, BATCH = 32, 8, 3, 4
RANDOM = np.random.default_rng(0)
x, y = np.meshgrid(np.arange(4.0) * STRIDE, np.arange(4.0) * STRIDE)
CELLS = np.stack([x, y, x + STRIDE, y + STRIDE], -1, dtype="float32")
CELLS = CELLS.reshape(-1, 4)


def values(*shape):
    return RANDOM.normal(size=(BATCH, *shape)).astype("float32")


def rows(before):
    cells = np.broadcast_to(CELLS, (BATCH, 16, 4)).astype("float32")
    return np.concatenate([values(16, before), cells], -1)


def near():
    """Boxes that lie near the objects of `truth`."""
    boxes = np.float32([[1, 3, 13, 11], [18, 2, 29, 12], [0, 19, 12, 26]])
    return np.broadcast_to(boxes, (BATCH, 3, 4))


def regions(before):
    """Rows of such boxes."""
    return np.concatenate([values(3, before), near()], -1)


def shaped(*shape):
    """Likewise, where what is before the boxes keeps its shape."""
    return to_numpy(join_region(values(3, *shape), near()))


def maps(channels):
    return to_numpy(join_cells(values(4, 4, channels), STRIDE))


YOLO = to_numpy(
    yolo.join(
        values(16),
        values(16, 3),
        values(16, 4),
        CELLS,
        np.full((16, 2), 9.0, "float32"),
    )
)
OF_CLASSES = {
    "DetectionLoss": ({}, rows(4 + 3)),
    "MultiBoxLoss": ({}, rows(4 + 4)),
    "WindowClassesLoss": ({}, rows(4)),
    "CenterHeatMapLoss": ({}, maps(3)),
    "ExtremeHeatMapLoss": ({}, maps(12)),
    "RegionMasksLoss": ({}, shaped(4, 4, 3)),
    "RegionClassesLoss": ({}, rows(4)),
    "RegionBoxesLoss": ({}, rows(12)),
    "YOLOLoss": ({}, YOLO),
    "YOLOv1Loss": ({"image_size": SIZE}, values(4, 4, 13)),
}
LOSSES = {
    **OF_CLASSES,
    "RegionCaptionsLoss": ({}, shaped(2, 5)),
    "RegionKeypointsLoss": ({}, shaped(4, 4, 3)),
    "WindowBoxesLoss": ({}, rows(4)),
    "ProposalObjectnessLoss": ({}, rows(1)),
    "ProposalBoxesLoss": ({}, rows(4)),
    "CenterSizeLoss": ({}, maps(2)),
    "CenterOffsetLoss": ({}, maps(2)),
    "ExtremeOffsetLoss": ({}, maps(8)),
}


def make(name, **options):
    arguments, outputs = LOSSES[name]
    loss = getattr(tasks, name)(**arguments, **options, reduction=None)
    return loss, outputs


def truth(count):
    """`count` objects in each image, none of them near each other."""
    corner = np.array([[1, 2], [17, 2], [1, 18]])[:count]
    sides = np.concatenate([corner, corner + np.array([12, 9])], -1)
    boxes = sides.astype("float32")
    x1, y1, x2, y2 = boxes.T
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    extremes = np.array([[x, y1], [x1, y], [x, y2], [x2, y]])
    fields = {
        "boxes": boxes,
        "classes": np.arange(count, dtype="int32") % CLASSES,
        "crowd": np.zeros(count, "int32"),
        "masks": np.ones((count, SIZE, SIZE), "uint8"),
        "phrases": np.array([[3, 0]] * count, "int32").reshape(count, 2),
        "keypoints": np.stack([x, y, x * 0 + 2], -1)[:, None].repeat(3, 1),
        "extreme_points": extremes.transpose(2, 0, 1).astype("float32"),
    }
    return {
        name: np.broadcast_to(field, (BATCH, *field.shape)).copy()
        for name, field in fields.items()
    }


@pytest.mark.parametrize("normalize_by", ["image", "batch"])
@pytest.mark.parametrize("name", LOSSES)
def test_no_row_is_as_a_row_of_padding(name, normalize_by):
    loss, outputs = make(name, normalize_by=normalize_by)
    padding = {k: np.zeros_like(v) for k, v in truth(1).items()}
    padding["classes"] -= 1
    expected = to_numpy(loss(padding, outputs))
    np.testing.assert_allclose(
        to_numpy(loss(truth(0), outputs)), expected, rtol=1e-6
    )
    np.testing.assert_allclose(
        to_numpy(loss({**truth(0), "annotated": np.ones((4, 3))}, outputs)),
        expected,
        rtol=1e-6,
    )


@pytest.mark.parametrize(
    ("place", "wrong"), [(0, 99), (1, np.nan), (2, 99), (0, CLASSES)]
)
@pytest.mark.parametrize("name", OF_CLASSES)
def test_an_object_of_a_class_out_of_range_is_none(name, place, wrong):
    loss, outputs = make(name)
    given, without = truth(3), truth(3)
    given["classes"] = given["classes"].astype("float32")
    given["classes"][0, place] = wrong
    without["classes"][0, place] = -1
    np.testing.assert_allclose(
        to_numpy(loss(given, outputs)),
        to_numpy(loss(without, outputs)),
        rtol=1e-6,
    )


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="other backends know all sizes when they trace",
)
@pytest.mark.parametrize(
    ("name", "xla"),
    [(name, False) for name in LOSSES] + [("CenterHeatMapLoss", True)],
)
def test_a_number_of_rows_that_is_not_known(name, xla):
    import tensorflow as tf

    loss, outputs = make(name, normalize_by="batch")
    spec = {
        name: tf.TensorSpec((None, None, *field.shape[2:]), field.dtype)
        for name, field in truth(1).items()
    }
    run = tf.function(
        lambda t: loss(t, outputs),
        input_signature=[spec],
        autograph=False,
        jit_compile=xla,
    )
    for count in (3, 1, 2, 0):
        np.testing.assert_allclose(
            to_numpy(run(truth(count))),
            to_numpy(loss(truth(count), outputs)),
            rtol=1e-5,
        )


@pytest.mark.parametrize("name", LOSSES)
def test_fields_of_different_numbers_of_rows(name):
    loss, outputs = make(name)
    wrong = {**truth(2), "boxes": truth(1)["boxes"]}
    message = r"'boxes' has shape \(4, 1, 4\), but 'classes' \(4, 2\)"
    with pytest.raises(ValueError, match=message):
        loss(wrong, outputs)
    with pytest.raises(ValueError, match=message):
        loss.check_truth(wrong, outputs)
