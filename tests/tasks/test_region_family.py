"""All parts of the region family together: compiled, and with bad input."""

import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.recipes import CountingHead, check_one_trace
from batteries.region_model import (
    LOSSES,
    REGIONS,
    region_detector,
    region_model,
    region_scene,
    region_step,
)
from mtvision.ops.box_rows import split_region

OF_REGIONS = ("classes", "boxes", "masks", "keypoints")
# Of which a truth without objects teaches nothing.
OF_OBJECTS = ("rpn_boxes", "boxes", "masks", "keypoints")


def regions_of(rows):
    """The regions behind rows, (B, R, 4)."""
    return to_numpy(split_region(rows))[1]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return region_model()


@pytest.fixture(scope="module")
def step(model):
    return region_step(model)


@pytest.fixture(scope="module")
def detector(model):
    detector = region_detector(model)
    detector.compile(jit_compile=keras.backend.backend() != "torch")
    return detector


def of_heads(slopes, names):
    """Gradients of the weights that belong to heads alone."""
    found = [v for k, v in slopes.items() if k.split("/")[0] in names]
    assert len(found) >= 2 * len(names)
    return found


def test_everything_teaches(step):
    rows, losses, slopes = step(*region_scene())
    assert all(loss > 0 for loss in losses.values()), losses
    assert all(np.isfinite(slope).all() for slope in slopes.values())
    assert all(slope.any() for slope in slopes.values())
    assert all(np.isfinite(values).all() for values in rows.values())


def test_one_trace_of_a_training_step():
    inputs, truth = region_scene()
    head = CountingHead()
    model = region_model([("count", head)])
    model.compile(
        "adam",
        loss={**LOSSES, "count": "mse"},
        jit_compile=keras.backend.backend() != "torch",
    )
    inputs, truth = (
        {name: np.concatenate([x, x]) for name, x in fields.items()}
        for fields in (inputs, truth)
    )
    truth["classes"][1] = -1
    y = dict.fromkeys(LOSSES, truth) | {"count": np.zeros((4, 1), "float32")}
    check_one_trace(model, head, inputs, y)


def test_decoders_in_one_compiled_graph(detector):
    inputs, _ = region_scene()
    assert all(None not in x.shape[1:] for x in detector.outputs)
    found = detector.predict_on_batch(inputs)
    assert (found["classes"] >= 0).all()
    assert found["masks"].any()
    if keras.backend.backend() == "jax":
        return  # minutes, operation by operation
    for name, values in to_numpy(detector(inputs)).items():
        # A pixel at the threshold may fall to either side.
        is_same = np.isclose(found[name], values, rtol=1e-3, atol=1e-3)
        assert is_same.mean() > 0.999, name


def test_proposals_that_are_none_are_as_padding(step):
    inputs, truth = region_scene()
    expected = step(inputs, truth)
    inputs["proposals"][:, 2:] = [
        [90, 5, 99, 20],
        [-30, -30, -2, -2],
        [9, 9, 5, 12],
        [5, 5, np.nan, 9],
        [np.nan] * 4,
        [-np.inf, 5, np.inf, 30],
        [5, 5, 1e30, 9],
    ]
    rows, losses, slopes = step(inputs, truth)
    for name in OF_REGIONS:
        assert not regions_of(rows[name])[:, REGIONS + 2 :].any()
    for found, wanted in zip((rows, losses, slopes), expected):
        for name, values in wanted.items():
            np.testing.assert_allclose(found[name], values, atol=1e-6)


def test_images_without_objects_teach_background(step):
    """Not even a row of padding is there."""
    inputs, truth = region_scene()
    none = {name: field[:, :0] for name, field in truth.items()}
    _, losses, slopes = step(inputs, none)
    for name, loss in losses.items():
        assert loss == 0 if name in OF_OBJECTS else loss > 0, name
    assert all(np.isfinite(slope).all() for slope in slopes.values())
    assert not any(slope.any() for slope in of_heads(slopes, OF_OBJECTS))
    teaches = of_heads(slopes, ("rpn_objectness", "classes"))
    assert all(slope.any() for slope in teaches)


def test_no_region_at_all(model, step, detector):
    """What is proposed is too small, and no box joins."""
    inputs, truth = region_scene()
    inputs["proposals"][:] = 0
    bias = model.get_layer("rpn_boxes").values.bias
    before = to_numpy(bias)
    bias.assign(np.float32([0, 0, -50, -50] * 3))
    try:
        rows, losses, slopes = step(inputs, truth)
        detections = detector.predict_on_batch(inputs)
    finally:
        bias.assign(before)
    assert not rows["classes"][..., -4:].any()
    assert all((losses[name] > 0) == ("rpn" in name) for name in LOSSES)
    assert all(np.isfinite(slope).all() for slope in slopes.values())
    assert not any(slope.any() for slope in of_heads(slopes, OF_REGIONS))
    assert (detections.pop("classes") == -1).all()
    assert not any(values.any() for values in detections.values())


def lacking(truth, name):
    """Truth whose second sample lacks what a task needs."""
    truth = {field: values.copy() for field, values in truth.items()}
    if name == "masks":
        truth["masks"][1] = 0
    elif name == "keypoints":
        truth["keypoints"][1] = np.nan
    else:
        truth["boxes"][1] = np.nan
    return truth


def test_a_missing_label_counts_nowhere(model):
    """A batch of two equal samples costs the same if one has no label."""
    inputs, truth = (
        {name: np.stack([field[0]] * 2) for name, field in fields.items()}
        for fields in region_scene()
    )
    # Two batches are not worth a compilation, but for JAX.
    eagerly = keras.backend.backend() != "jax"
    model.compile("sgd", loss=LOSSES, run_eagerly=eagerly)
    full, partly = (
        model.evaluate(inputs, y, verbose=0, return_dict=True)
        for y in (
            dict.fromkeys(LOSSES, truth),
            {name: lacking(truth, name) for name in LOSSES},
        )
    )
    assert full["masks_loss"] > 0
    assert partly == pytest.approx(full, rel=1e-4)


def test_mixed_precision_leaves_regions_and_losses_exact(model, step):
    inputs, truth = region_scene()
    inputs["proposals"][0, 2] = [1.003, 2.004, 33.3, 40.07]
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = region_model()
        half.set_weights(model.get_weights())
        rows, losses, slopes = region_step(half)(inputs, truth)
        detector = region_detector(half)
    finally:
        keras.config.set_dtype_policy("float32")
    for values in keras.tree.flatten((rows, losses, slopes)):
        assert values.dtype == np.float32
        assert np.isfinite(values).all()
    for name in OF_REGIONS:
        regions = regions_of(rows[name])[:, REGIONS:]
        np.testing.assert_array_equal(regions, inputs["proposals"])
    full = step(inputs, truth)[0]["classes"][:, REGIONS:, :4]
    logits = rows["classes"][:, REGIONS:, :4]
    np.testing.assert_allclose(logits, full, atol=0.05)
    assert (logits != full).any()
    dtypes = {name: x.dtype for name, x in detector.output.items()}
    assert dtypes.pop("masks") == "uint8"
    assert dtypes.pop("classes") == "int32"
    assert set(dtypes.values()) == {"float32"}
