import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.recipes import check_losses_fall, check_save_and_load
from batteries.squares import proposals_of, squares
from mtvision.metrics import CocoMeanAveragePrecision
from mtvision.models.rcnn import RCNN, rcnn_detector, rcnn_losses
from mtvision.models.spp_net import SPPNet, spp_net_detector, spp_net_losses

RECIPES = {
    "rcnn": (RCNN, {"region_size": 16, "context": 2, "level": "P3"}),
    "spp_net": (SPPNet, {"level": "P2", "bins": (1, 2, 4)}),
}


def tiny(recipe, num_classes=3, **options):
    build, own = RECIPES[recipe]
    trunk = mtv.trunks.SmallResNet((8, 8, 8, 8))
    given = {"image_size": 64, "units": 32, **own, **options}
    return build(num_classes, trunk=trunk, **given)


def scenes(number=8, proposals=16):
    images, objects = squares(number)
    boxes = proposals_of(objects["boxes"], proposals, 64)
    return {"image": images, "proposals": boxes}, {"classes": objects}


def compiled(model):
    jit = keras.backend.backend() == "jax"
    model.compile(keras.optimizers.Adam(3e-3), **rcnn_losses(), jit_compile=jit)
    return model


@pytest.mark.parametrize("recipe", RECIPES)
def test_fine_tuned_then_fitted_it_finds_the_squares(recipe):
    inputs, truth = scenes()
    model = compiled(tiny(recipe))
    check_losses_fall(model, inputs, truth, epochs=25)
    data = [(inputs, truth)]
    detector = rcnn_detector(
        model, data, max_detections=9, ridges={"penalty": 10.0}
    )
    evaluation = CocoMeanAveragePrecision(
        data, detector, task="classes", verbose=0
    )
    fitted = evaluation.evaluate()
    assert fitted["AP50"] > 0.9, fitted
    # The boxes are moved onto the squares.
    evaluation.detector = rcnn_detector(model, max_detections=9)
    assert fitted["AP"] > evaluation.evaluate()["AP"]
    check_save_and_load(detector, inputs)
    check_save_and_load(model, inputs)


@pytest.mark.parametrize("recipe", RECIPES)
def test_any_number_of_proposals_and_padding(recipe):
    inputs, truth = scenes(8)
    model = tiny(recipe)
    # No scores are equal: of those that it is fitted to, many have a margin
    # of -1, and boxes near each other are of the same cells.
    boxes = proposals_of(np.zeros((4, 1, 4)), 5, 64)
    few = {"image": inputs["image"][:4], "proposals": boxes}
    assert model.predict_on_batch(few)["classes"].shape == (4, 5, 8)
    known = keras.tree.map_structure(lambda x: x[4:], (inputs, truth))
    detector = rcnn_detector(
        model, [known], max_detections=6, score_threshold=0.0
    )
    expected = detector.predict_on_batch(few)
    padded = np.pad(few["proposals"], ((0, 0), (0, 4), (0, 0)))
    padded[:, -1] = np.nan
    padded[:, -2] = [70, 70, 90, 90]
    found = detector.predict_on_batch({**few, "proposals": padded})
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, atol=1e-4)
    none = np.zeros((4, 3, 4), "float32")
    found = detector.predict_on_batch({**few, "proposals": none})
    assert (found["classes"] == -1).all()


@pytest.mark.parametrize("recipe", RECIPES)
def test_batches_without_any_row_of_proposals(recipe):
    inputs, truth = scenes(2)
    inputs["proposals"] = np.zeros((2, 0, 4), "float32")
    model = compiled(tiny(recipe))
    before = [to_numpy(v.value) for v in model.trainable_variables]
    assert model.fit(inputs, truth, verbose=0).history["loss"] == [0.0]
    assert all(np.isfinite(weights).all() for weights in model.get_weights())
    for old, new in zip(before, model.trainable_variables):
        np.testing.assert_allclose(old, to_numpy(new.value))
    found = rcnn_detector(model, max_detections=4).predict_on_batch(inputs)
    assert (found["classes"] == -1).all()


def test_padding_changes_nothing_in_training():
    inputs, _ = scenes(2, proposals=6)
    model = tiny("rcnn")
    padded = np.pad(inputs["proposals"], ((0, 0), (0, 60), (0, 0)))
    alone = to_numpy(model(inputs, training=True))["classes"]
    found = model({**inputs, "proposals": padded}, training=True)
    np.testing.assert_allclose(
        to_numpy(found)["classes"][:, :6], alone, atol=1e-3
    )


def test_its_own_classes_leave_the_regions_where_they_are():
    inputs, _ = scenes(2)
    detector = rcnn_detector(
        tiny("rcnn"), max_detections=4, score_threshold=0.0
    )
    found = detector.predict_on_batch(inputs)
    for boxes, regions in zip(found["boxes"], inputs["proposals"]):
        distance = np.abs(boxes[:, None] - regions).max(axis=-1)
        assert (distance.min(axis=1) < 1e-3).all()


def test_spp_net_takes_more_tasks_and_images_of_any_size():
    model = tiny(
        "spp_net",
        image_size=None,
        heads={"scene": mtv.tasks.ClassificationHead(2)},
        num_proposals=6,
    )
    losses = spp_net_losses(losses={"scene": mtv.tasks.ClassificationLoss()})
    model.compile("sgd", **losses)
    for size in (64, 48):
        images = np.zeros((2, size, size, 3), "float32")
        boxes = proposals_of(np.zeros((2, 1, 4)), 6, size)
        objects = {"boxes": np.zeros((2, 1, 4)), "classes": -np.ones((2, 1))}
        truth = {"classes": objects, "scene": np.array([0, 1])}
        inputs = {"image": images, "proposals": boxes}
        assert np.isfinite(model.train_on_batch(inputs, truth)).all()


def test_the_same_trunk_looks_at_the_image_once():
    """A region of the whole image is pooled from the map of the image."""
    model = tiny("spp_net", bins=(1,), num_proposals=1)
    image = np.random.default_rng(0).uniform(0, 255, (1, 64, 64, 3))
    inputs = {"image": image, "proposals": np.array([[[0.0, 0, 63, 63]]])}
    pooled = keras.Model(model.input, model.get_layer("pooled").output)
    trunk = next(x for x in model.layers if isinstance(x, mtv.trunks.Trunk))
    expected = keras.ops.convert_to_numpy(trunk(image)["P2"]).max(axis=(1, 2))
    found = pooled.predict_on_batch(inputs)
    np.testing.assert_allclose(found[0, 0, 0], expected, atol=1e-4)


def test_what_a_detector_cannot_be_fitted_to_is_said():
    inputs, truth = scenes(2)
    model = tiny("rcnn")
    for wrong in ({"svms": {}}, {"ridges": {"penalty": 1.0}}):
        with pytest.raises(ValueError, match=f"{min(wrong)}.*data=None"):
            rcnn_detector(model, **wrong)
    truth["classes"]["classes"][1, 0] = 3
    with pytest.raises(ValueError, match="svms.*rounds"):
        rcnn_detector(model, [(inputs, truth)], svms={"rounds": 0})
    with pytest.raises(ValueError, match="Batch 0: .*sample 1 has the class 3"):
        rcnn_detector(model, [(inputs, truth)])


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="num_proposals"):
        tiny("rcnn", num_proposals=0)
    with pytest.raises(ValueError, match="context"):
        tiny("rcnn", context=8)
    with pytest.raises(ValueError, match="P6"):
        tiny("spp_net", level="P6", image_size=None)
    with pytest.raises(ValueError, match="stride of 64"):
        tiny("spp_net", level="P6", image_size=32)
    with pytest.raises(ValueError, match="task='cells'"):
        spp_net_detector(tiny("spp_net"), task="cells")
    inputs, truth = scenes(2)
    truth["classes"]["classes"] += 2
    model = tiny("rcnn")
    model.compile("sgd", **rcnn_losses())
    with pytest.raises(ValueError, match="class"):
        model.fit(inputs, truth, verbose=0)
