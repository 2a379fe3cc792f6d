import tempfile

import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from mtvision.models import (
    FasterRCNN,
    MaskRCNN,
    mask_rcnn_detector,
    mask_rcnn_losses,
    region_targets,
    with_region_maps,
)

POINTS = 2


def tiny(num_classes=3, **options):
    """One of few weights, on images of 64 pixels."""
    options = {
        "image_size": 64,
        "trunk": mtv.trunks.SmallResNet((8, 8, 16, 16)),
        "extra_levels": 0,
        "filters": 8,
        "units": 16,
        "num_regions": 12,
        "num_candidates": 50,
        "anchors": mtv.tasks.GridAnchors(cells=4.0, scales=(1.0,)),
        "masks": {"filters": 8, "depth": 1},
        **options,
    }
    if "num_keypoints" in options:
        options["keypoints"] = {"filters": 8, "depth": 1}
    return MaskRCNN(num_classes, **options)


def discs(number=4, size=64):
    """Images with up to two discs; the first image has none.

    The key points of a disc are its centre and its lowest point.
    """
    random = np.random.default_rng(0)
    images = random.uniform(0, 60, (number, size, size, 3))
    y, x = np.mgrid[:size, :size] + 0.5
    truth = {
        "boxes": np.zeros((number, 3, 4), "float32"),
        "classes": -np.ones((number, 3), "int32"),
        "masks": np.zeros((number, 3, size, size), "uint8"),
        "keypoints": np.zeros((number, 3, POINTS, 3), "float32"),
    }
    for b in range(1, number):
        for row in range(1 + b % 2):
            radius = random.uniform(8, 13)
            cx, cy = random.uniform(16, 20) + 26 * row, random.uniform(20, 40)
            inside = (x - cx) ** 2 + (y - cy) ** 2 < radius**2
            colour = random.integers(0, 3)
            images[b][inside] = 60
            images[b, ..., colour][inside] = 250
            box = [cx - radius, cy - radius, cx + radius, cy + radius]
            truth["boxes"][b, row] = box
            truth["classes"][b, row] = colour
            truth["masks"][b, row] = inside
            lowest = cx, cy + radius - 0.5
            truth["keypoints"][b, row] = [(cx, cy, 2), (*lowest, 2)]
    return images.astype("float32"), truth


def truth_of(model, objects):
    """The truth of each task."""
    return {
        task: {key: objects[field] for key, field in fields.items()}
        for task, fields in region_targets(model).items()
    }


def is_jax():
    return keras.backend.backend() == "jax"


def test_six_losses_on_one_trunk():
    images, objects = discs()
    model = tiny(num_keypoints=POINTS, num_proposals=3)
    assert list(model.output) == [
        *("rpn_objectness", "rpn_boxes", "classes", "boxes"),
        *("masks", "keypoints"),
    ]
    # The best twelve of twelve, and three that join.
    assert tuple(model.output["masks"].shape) == (None, 15, 29, 28, 3)
    assert model.output["keypoints"].shape[1:] == (15, 57, 56, POINTS)
    model.compile(
        keras.optimizers.Adam(5e-3),
        **mask_rcnn_losses(num_keypoints=POINTS),
        jit_compile=is_jax(),
    )
    inputs = {"image": images, "proposals": objects["boxes"]}
    history = model.fit(
        inputs,
        truth_of(model, objects),
        batch_size=4,
        epochs=12,
        verbose=0,
    ).history
    for task in ("rpn_objectness", "classes", "masks", "keypoints"):
        losses = history[f"{task}_loss"]
        assert losses[-1] < 0.95 * losses[0], (task, losses)
    detector = mask_rcnn_detector(model, max_detections=5, score_threshold=0.0)
    found = detector.predict(images, verbose=0)
    assert {k: v.shape for k, v in found.items()} == {
        "boxes": (4, 5, 4),
        "scores": (4, 5),
        "classes": (4, 5),
        "masks": (4, 5, 64, 64),
        "keypoints": (4, 5, POINTS, 3),
        "keypoint_scores": (4, 5, POINTS),
    }
    assert found["masks"].dtype == np.uint8
    for saved, x in ((model, inputs), (detector, images)):
        _check_saved(saved, x)


def _check_saved(model, x):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.keras"
        model.save(path)
        loaded = keras.saving.load_model(path, safe_mode=True)
    expected = model.predict(x, verbose=0)
    found = loaded.predict(x, verbose=0)
    assert set(found) == set(expected)
    for name, values in found.items():
        np.testing.assert_allclose(values, expected[name], atol=1e-4)
    if "masks" in loaded.output and "rpn_boxes" in loaded.output:
        detector = mask_rcnn_detector(loaded, max_detections=5)
        assert detector.output["masks"].shape == (None, 5, 64, 64)


def test_masks_are_those_of_the_final_boxes():
    """The detector calls the head again, not on what was proposed."""
    images, _ = discs()
    model = tiny(num_mask_regions=2)
    detector = mask_rcnn_detector(model, max_detections=4, score_threshold=0.0)
    found = detector.predict(images, verbose=0)
    boxes = keras.ops.convert_to_tensor(found["boxes"])
    pyramid = mtv.models.faster_rcnn.maps_of(model)
    maps = keras.Model(model.input, pyramid)(images)
    rows = model.get_layer("masks")(
        model.get_layer("pooled_maps")(maps, boxes), boxes
    )
    assert rows.shape[:2] == (4, 4)
    decode = mtv.tasks.DecodeRegionMasks()
    expected = decode(rows, {k: found[k] for k in ("boxes", "classes")}, images)
    differ = to_numpy(expected["masks"]) != found["masks"]
    # Untrained logits are about 0, where a rounding error decides.
    assert differ.mean() < 0.02


def test_the_best_regions_train_and_those_that_join():
    images, objects = discs()
    model = tiny(num_mask_regions=4, num_proposals=3)
    inputs = {"image": images, "proposals": objects["boxes"]}
    found = to_numpy(model(inputs))
    regions = found["classes"][..., -4:]
    of_masks = found["masks"][:, :, -1].reshape(4, 7, -1)[..., :4]
    np.testing.assert_array_equal(of_masks[:, :4], regions[:, :4])
    np.testing.assert_array_equal(of_masks[:, 4:], objects["boxes"])
    for joined in (0, 3):
        model = tiny(num_mask_regions=99, num_proposals=joined)
        assert model.output["masks"].shape[1] == 12 + joined


def test_partly_labelled():
    """An image without masks teaches all but the masks."""
    images, objects = discs()
    objects = {**objects, "masks": objects["masks"].copy()}
    objects["masks"][3] = 0
    model = tiny(num_proposals=3)
    model.compile("sgd", **mask_rcnn_losses(), jit_compile=is_jax())
    inputs = {"image": images, "proposals": objects["boxes"]}
    truth = truth_of(model, objects)

    def losses(rows, weight=1.0):
        weights = np.ones(len(rows))
        weights[-1] = weight
        return model.evaluate(
            *keras.tree.map_structure(lambda x: x[rows], (inputs, truth)),
            sample_weight={"masks": weights},
            verbose=0,
            return_dict=True,
        )

    three, four = losses([0, 1, 2]), losses([0, 1, 2, 3])
    assert four["masks_loss"] == pytest.approx(three["masks_loss"], rel=1e-4)
    assert four["classes_loss"] != pytest.approx(three["classes_loss"])
    without = losses([0, 1, 3, 2], weight=0.0)
    assert without["masks_loss"] == pytest.approx(
        losses([0, 1])["masks_loss"], rel=1e-4
    )


def test_an_image_without_objects_and_nothing_but_such():
    images, objects = discs()
    model = tiny(num_proposals=3)
    model.compile("sgd", **mask_rcnn_losses(), jit_compile=is_jax())
    inputs = {"image": images, "proposals": np.zeros((4, 3, 4))}
    empty = {k: np.zeros_like(v) for k, v in objects.items()}
    empty["classes"] -= 1
    losses = model.train_on_batch(
        inputs, truth_of(model, empty), return_dict=True
    )
    assert losses["masks_loss"] == 0
    assert losses["classes_loss"] > 0
    strange = np.zeros((4, 3, 4))
    strange[:, 0], strange[:, 1] = np.nan, [90, 90, 99, 99]
    inputs = {"image": images, "proposals": strange}
    found = model.predict(inputs, verbose=0)
    assert all(np.isfinite(x).all() for x in found.values())


def test_heads_of_the_users_own():
    """What regions are called is a task like the others."""
    base = FasterRCNN(
        3,
        image_size=64,
        trunk=mtv.trunks.SmallResNet((8, 8, 16, 16)),
        filters=8,
        units=16,
        num_regions=12,
    )

    def head(pooled, regions):
        del regions
        x = keras.layers.TimeDistributed(keras.layers.Flatten())(pooled)
        return keras.layers.Dense(5, name="colour")(x)

    model = with_region_maps(base, {"colour": head}, num_regions=6, bins=3)
    assert list(model.output)[-1] == "colour"
    assert tuple(model.output["colour"].shape) == (None, 6, 5)
    assert model.get_layer("pooled_maps").output_size == (3, 3)
    with pytest.raises(ValueError, match="other names"):
        with_region_maps(base, {"boxes": head})


def test_what_cannot_be_is_said():
    model = tiny()
    with pytest.raises(ValueError, match="num_regions"):
        tiny(num_mask_regions=0)
    with pytest.raises(ValueError, match="task='masks'"):
        mask_rcnn_detector(FasterRCNN(3, trunk=mtv.trunks.SmallResNet()))
    with pytest.raises(ValueError, match="task='keypoints'"):
        mtv.models.keypoint_rcnn_detector(model)
    images, objects = discs()
    truth = truth_of(model, objects)
    model.compile("sgd", **mask_rcnn_losses())
    with pytest.raises(ValueError, match="truth with 'masks'"):
        model.fit(images, {**truth, "masks": truth["boxes"]}, verbose=0)


def test_masks_of_other_bins_need_no_word():
    """The maps have 16 cells a side; no loss or decoder is told."""
    images, objects = discs()
    model = tiny(mask_bins=8, num_proposals=3)
    assert tuple(model.output["masks"].shape[2:]) == (17, 16, 3)
    model.compile("sgd", **mask_rcnn_losses(), jit_compile=is_jax())
    inputs = {"image": images, "proposals": objects["boxes"]}
    losses = model.train_on_batch(
        inputs, truth_of(model, objects), return_dict=True
    )
    assert losses["masks_loss"] == pytest.approx(np.log(2), rel=0.05)
    found = mask_rcnn_detector(model, max_detections=2).predict(
        images, verbose=0
    )
    assert found["masks"].shape == (4, 2, 64, 64)


def test_masks_and_points_are_of_the_image():
    images, objects = discs()
    model = tiny(num_keypoints=POINTS)
    losses = mask_rcnn_losses(num_keypoints=POINTS)
    model.compile("sgd", **losses, jit_compile=is_jax())
    small = {**objects, "masks": objects["masks"][..., ::2, ::2]}
    with pytest.raises(ValueError, match="Task 'masks': the masks have.*32"):
        model.fit(images, truth_of(model, small), verbose=0)
    far = {**objects, "keypoints": objects["keypoints"].copy()}
    far["keypoints"][1, 0, 1, :2] = 5000
    with pytest.raises(ValueError, match="Task 'keypoints': .*of sample 1"):
        model.fit(images, truth_of(model, far), verbose=0)


def test_a_task_that_is_not_trained():
    losses = mask_rcnn_losses(losses={"masks": None})
    assert losses["loss"]["masks"] is None
    tiny().compile("sgd", **losses)
    with pytest.raises(ValueError, match="'masks'"):
        tiny().compile(
            "sgd",
            **mask_rcnn_losses(
                losses={"masks": None}, loss_weights={"masks": 2.0}
            ),
        )


def test_options_of_key_points_without_any():
    options = {"filters": 8}
    with pytest.raises(ValueError, match="no num_keypoints"):
        MaskRCNN(3, keypoints=options)
    with pytest.raises(ValueError, match="no num_keypoints"):
        mask_rcnn_losses(keypoints=options)
    with pytest.raises(ValueError, match="keypoints=.*no such output"):
        mask_rcnn_detector(tiny(), keypoints=options)


def test_what_an_output_reads_is_to_be_said():
    head = mtv.tasks.RegionMasksHead(3, filters=8, depth=0)
    with pytest.raises(ValueError, match="all of them at once"):
        with_region_maps(tiny(), {"outline": head})
    trunk = mtv.trunks.SmallResNet((8, 8, 16, 16))
    base = FasterRCNN(3, image_size=64, trunk=trunk, filters=8, units=16)
    model = with_region_maps(base, {"outline": head}, bins=3)
    with pytest.raises(ValueError, match=r"\['outline'\].*targets="):
        region_targets(model)
    fields = {"boxes": "boxes", "classes": "classes", "masks": "masks"}
    targets = region_targets(model, targets={"outline": fields})
    assert targets["outline"] == fields
    assert "outline" not in region_targets(model, targets={"outline": None})


def test_fields_that_tasks_read():
    model = tiny(num_keypoints=POINTS)
    objects = ("boxes", "classes", "crowd")
    targets = region_targets(model, objects=objects, targets={"scene": "label"})
    assert list(targets) == [*model.output, "scene"]
    assert list(targets["rpn_boxes"]) == ["boxes", "classes", "crowd"]
    assert list(targets["masks"]) == [*objects, "masks"]
    assert list(targets["keypoints"]) == [*objects, "keypoints"]
    assert targets["scene"] == "label"
