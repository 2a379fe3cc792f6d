"""All parts of the region family together: compiled, and with bad input."""

import keras
import numpy as np
import pytest

from batteries.backend import (
    compiled,
    gradient,
    parameter_gradients,
    to_numpy,
)
from batteries.recipes import CountingHead, check_one_trace
from batteries.region_model import (
    LOSSES,
    PROPOSALS,
    REGIONS,
    region_detector,
    region_model,
    region_scene,
)

# Of which a truth without objects teaches nothing.
OF_OBJECTS = ("rpn_boxes", "boxes", "masks", "keypoints")
FIELDS = ("boxes", "classes")


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return region_model()


def summed(truth, names=tuple(LOSSES)):
    """All losses of rows."""
    return lambda rows: sum(LOSSES[k](truth, rows[k]) for k in names)


def without_objects(truth, rows):
    """Truth of `rows` rows of padding."""
    none = {k: np.zeros_like(v[:, :1])[:, :rows] for k, v in truth.items()}
    return {**none, "classes": none["classes"] - 1}


def test_everything_teaches(model):
    inputs, truth = region_scene()
    rows = model(inputs)
    assert rows["classes"].shape == (2, REGIONS + PROPOSALS, 8)
    for name, loss in LOSSES.items():
        assert float(loss(truth, rows[name])) > 0, name
    slopes = parameter_gradients(model, inputs, summed(truth))
    assert all(np.isfinite(slope).all() for slope in slopes.values())
    for path, slope in slopes.items():
        assert slope.any(), path


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


def test_decoders_in_one_compiled_graph(model):
    inputs, _ = region_scene()
    detector = region_detector(model)
    assert all(None not in x.shape[1:] for x in detector.outputs)
    tensors = keras.tree.map_structure(keras.ops.convert_to_tensor, inputs)
    found = to_numpy(compiled(lambda x: detector(x))(tensors))
    expected = to_numpy(detector(inputs))
    assert (expected["classes"] >= 0).all()
    assert set(found) == set(expected) >= {"masks", "keypoints"}
    for name, values in expected.items():
        # A pixel at the threshold may fall to either side.
        many = np.isclose(found[name], values, rtol=1e-3, atol=1e-3)
        assert many.mean() > (0.999 if name == "masks" else 0.9999), name


@pytest.mark.parametrize(
    "box",
    [
        [90, 5, 99, 20],
        [-30, -30, -2, -2],
        [9, 9, 5, 12],
        [5, 5, np.nan, 9],
        [np.nan] * 4,
        [-np.inf, 5, np.inf, 30],
        [5, 5, 1e30, 9],
    ],
)
def test_proposals_that_are_none_are_as_padding(model, box):
    inputs, truth = region_scene()
    expected = to_numpy(model(inputs))
    proposals = inputs["proposals"].copy()
    proposals[:, 3] = box
    rows = to_numpy(model({**inputs, "proposals": proposals}))
    for name, values in expected.items():
        np.testing.assert_allclose(rows[name], values, atol=1e-6)
        assert not rows[name][:, REGIONS + 3 :, -4:].any() or "rpn" in name
    slopes = parameter_gradients(
        model, {**inputs, "proposals": proposals}, summed(truth)
    )
    assert all(np.isfinite(slope).all() for slope in slopes.values())


@pytest.mark.parametrize("rows", [0, 1])
def test_images_without_objects_teach_background(model, rows):
    inputs, truth = region_scene()
    none = without_objects(truth, rows)
    predicted = model(inputs)
    for name, loss in LOSSES.items():
        value = float(loss(none, predicted[name]))
        assert value == 0 if name in OF_OBJECTS else value > 0, name
    slopes = parameter_gradients(model, inputs, summed(none, OF_OBJECTS))
    assert not any(slope.any() for slope in slopes.values())
    slopes = parameter_gradients(model, inputs, summed(none))
    assert all(np.isfinite(slope).all() for slope in slopes.values())
    assert any(slope.any() for slope in slopes.values())


def test_no_region_at_all():
    """What is found is too small, and no box joins."""
    inputs, truth = region_scene()
    inputs["proposals"][:] = 0
    model = region_model(min_size=1e3)
    rows = model(inputs)
    of_regions = [name for name in LOSSES if "rpn" not in name]
    for name in of_regions:
        assert float(LOSSES[name](truth, rows[name])) == 0, name
    slopes = parameter_gradients(model, inputs, summed(truth, of_regions))
    assert not any(slope.any() for slope in slopes.values())
    slopes = parameter_gradients(model, inputs, summed(truth))
    assert all(np.isfinite(slope).all() for slope in slopes.values())
    assert any(slope.any() for slope in slopes.values())
    detected = to_numpy(region_detector(model)(inputs))
    assert (detected.pop("classes") == -1).all()
    assert not any(x.any() for x in detected.values())


def lacking(truth, name):
    """Truth whose second sample lacks what a task needs."""
    truth = {k: v.astype("float32") for k, v in truth.items()}
    if name == "masks":
        truth["masks"][1] = 0
    elif name == "keypoints":
        truth["keypoints"][1] = np.nan
    else:
        truth["boxes"][1] = np.nan
    return truth


def test_a_missing_label_teaches_nothing(model):
    """The losses of a batch are those of the sample that has a label."""
    inputs, truth = region_scene()
    given = {name: lacking(truth, name) for name in LOSSES}
    for name, loss in LOSSES.items():
        assert to_numpy(loss.labelled(given[name])).tolist() == [True, False]
    model.compile(
        "sgd", loss=LOSSES, jit_compile=keras.backend.backend() == "jax"
    )
    both = model.evaluate(inputs, given, verbose=0, return_dict=True)
    rows = model(inputs)
    first = {name: field[:1] for name, field in truth.items()}
    for name, loss in LOSSES.items():
        alone = float(loss(first, rows[name][:1]))
        assert both[f"{name}_loss"] == pytest.approx(alone, rel=1e-4), name
    assert both["loss"] == pytest.approx(
        sum(both[f"{name}_loss"] for name in LOSSES), rel=1e-4
    )


@pytest.mark.parametrize("name", ["masks", "keypoints"])
def test_samples_without_masks_or_points_have_no_slope(model, name):
    inputs, truth = region_scene()
    given = lacking(truth, name)
    rows = to_numpy(model(inputs))[name]
    slope = gradient(lambda x: LOSSES[name](given, x), rows)
    assert np.isfinite(slope).all()
    assert slope[0].any()
    assert not slope[1].any()


def test_mixed_precision_leaves_regions_and_losses_exact(model):
    inputs, truth = region_scene()
    inputs["proposals"][0, 2] = [1.003, 2.004, 33.3, 40.07]
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = region_model()
        detector = region_detector(half)
        half.set_weights(model.get_weights())
        rows = half(inputs)
        losses = [loss(truth, rows[name]) for name, loss in LOSSES.items()]
        found = to_numpy(detector(inputs))
    finally:
        keras.config.set_dtype_policy("float32")
    for values in (*rows.values(), *losses):
        assert keras.backend.standardize_dtype(values.dtype) == "float32"
    assert all(np.isfinite(to_numpy(loss)) for loss in losses)
    for name in ("classes", "boxes", "masks", "keypoints"):
        regions = to_numpy(rows[name])[:, REGIONS:, -4:]
        np.testing.assert_array_equal(regions, inputs["proposals"])
    assert found["boxes"].dtype == np.float32
    assert found["keypoints"].dtype == np.float32
    full = to_numpy(model(inputs))
    logits = to_numpy(rows["classes"])[..., :4]
    np.testing.assert_allclose(
        logits[:, REGIONS:], full["classes"][:, REGIONS:, :4], atol=0.02
    )
    assert (logits != full["classes"][..., :4]).any()
