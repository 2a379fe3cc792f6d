import tempfile

import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.overfitting import average_precision, real_data
from batteries.recipes import without_xla
from mtvision.models import (
    PanopticFPN,
    panoptic_fpn_detector,
    panoptic_fpn_losses,
    region_targets,
)

NUM_CLASSES, THINGS = 5, (1, 3)


def tiny(num_things=2, **options):
    """One of few weights, on images of 64 pixels."""
    options = {
        "image_size": 64,
        "trunk": mtv.trunks.SmallResNet((8, 8, 16, 16)),
        "extra_levels": 1,
        "filters": 8,
        "units": 16,
        "num_regions": 8,
        "num_candidates": 50,
        "masks": {"filters": 8, "depth": 1},
        "semantic": {"filters": 8},
        **options,
    }
    return PanopticFPN(num_things, NUM_CLASSES, **options)


def scenes(number=4, size=64):
    """A square of one of two things on stuff; the first has none."""
    random = np.random.default_rng(0)
    images = random.uniform(0, 60, (number, size, size, 3))
    semantic = np.zeros((number, size, size), "int32")
    semantic[:, size // 2 :] = 4
    images[:, size // 2 :, :, 0] += 80
    panoptic = semantic * 1000
    objects = {
        "boxes": np.zeros((number, 2, 4), "float32"),
        "classes": -np.ones((number, 2), "int32"),
        "masks": np.zeros((number, 2, size, size), "uint8"),
    }
    for b in range(1, number):
        x, y, side = random.integers(4, 24), random.integers(4, 24), 30
        place = slice(y, y + side), slice(x, x + side)
        thing = b % 2
        images[b][place] = 60
        images[b][(*place, 1 + thing)] = 250
        semantic[b][place] = THINGS[thing]
        panoptic[b][place] = THINGS[thing] * 1000 + 1
        objects["boxes"][b, 0] = [x, y, x + side, y + side]
        objects["classes"][b, 0] = thing
        objects["masks"][b, 0][place] = 1
    fields = {**objects, "semantic": semantic, "panoptic": panoptic}
    return images.astype("float32"), fields


def truth_of(model, fields):
    return {
        task: fields[reads]
        if isinstance(reads, str)
        else {key: fields[field] for key, field in reads.items()}
        for task, reads in region_targets(model).items()
    }


def test_six_losses_and_a_map_of_segments():
    images, fields = scenes()
    model = tiny(num_proposals=2)
    assert list(model.output) == [
        *("rpn_objectness", "rpn_boxes", "classes", "boxes"),
        *("masks", "semantic"),
    ]
    assert set(model.get_layer("semantic").laterals) == {
        *("P2", "P3", "P4", "P5")
    }
    model.compile(
        keras.optimizers.Adam(5e-3),
        **panoptic_fpn_losses(),
        jit_compile=keras.backend.backend() == "jax",
    )
    inputs = {"image": images, "proposals": fields["boxes"]}
    history = model.fit(
        inputs, truth_of(model, fields), batch_size=4, epochs=12, verbose=0
    ).history
    for task in ("rpn_objectness", "classes", "masks", "semantic"):
        losses = history[f"{task}_loss"]
        assert losses[-1] < 0.95 * losses[0], (task, losses)
    segmenter = panoptic_fpn_detector(
        model,
        things=THINGS,
        max_detections=4,
        score_threshold=0.0,
        merging={"min_stuff_area": 10, "score_threshold": 0.3},
    )
    found = segmenter.predict(images, verbose=0)
    assert found["panoptic"].shape == (4, 64, 64)
    assert found["panoptic"].dtype == np.int32
    assert found["segments"].shape == (4, 4 + NUM_CLASSES)
    assert found["masks"].shape == (4, 4, 64, 64)
    for drawn, listed in zip(found["panoptic"], found["segments"]):
        assert set(np.unique(drawn)) - {-1} == set(listed) - {-1}
    metric = mtv.metrics.PanopticQuality(
        [(images, fields)], segmenter, num_classes=NUM_CLASSES, things=THINGS
    )
    assert 0 <= metric.evaluate()["PQ"] <= 1
    _check_saved(segmenter, images)


def _check_saved(model, images):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.keras"
        model.save(path)
        loaded = keras.saving.load_model(path, safe_mode=True)
    found = loaded.predict(images, verbose=0)
    for name, values in model.predict(images, verbose=0).items():
        np.testing.assert_allclose(found[name], values, atol=1e-4)


def test_both_halves_of_the_map():
    """Things that are found are drawn over stuff, which fills the rest.

    Heads whose last layers are set by hand: every region is sure to be the
    first thing and to fill its box, every pixel is class 4.
    """
    model = tiny(num_keypoints=2, keypoints={"filters": 8, "depth": 0})
    for task, step, bias in (
        ("classes", "dense", [0.0, 9.0, 0.0]),
        ("masks", "logits", [9.0, 9.0]),
        ("semantic", "logits", [0.0, 0.0, 0.0, 0.0, 9.0]),
    ):
        kernel, last = (
            weight
            for weight in model.get_layer(task).trainable_weights
            if f"{step}/" in weight.path
        )
        kernel.assign(np.zeros(kernel.shape))
        last.assign(bias)
    segmenter = panoptic_fpn_detector(
        model,
        things=THINGS,
        max_detections=3,
        iou_threshold=0.0,
        merging={"min_stuff_area": 0},
    )
    images, _ = scenes()
    found = segmenter.predict(images, verbose=0)
    assert found["keypoints"].shape == (4, 3, 2, 3)
    for drawn, masks, classes in zip(
        found["panoptic"], found["masks"], found["classes"]
    ):
        covered = masks[classes >= 0].any(axis=0)
        assert covered.any()
        assert set(np.unique(drawn[covered])) <= {3001, 3002, 3003}
        assert (drawn[~covered] == 4000).all()


def test_partly_labelled():
    """Images with a map of classes only, and images with objects only."""
    images, fields = scenes()
    model = tiny()
    model.compile("sgd", **panoptic_fpn_losses(), **without_xla())
    truth = truth_of(model, fields)
    objects = [task for task in truth if task != "semantic"]
    weights = dict.fromkeys(objects, np.array([1.0, 1, 0, 0]))
    weights["semantic"] = np.array([0.0, 0, 1, 1])
    for task in objects:
        truth[task] = {**truth[task], "boxes": truth[task]["boxes"].copy()}
        truth[task]["boxes"][2:] = np.nan
    losses = model.train_on_batch(
        images, truth, sample_weight=weights, return_dict=True
    )
    assert np.isfinite(list(losses.values())).all()
    assert losses["semantic_loss"] > 0


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="num_classes"):
        tiny(6)
    with pytest.raises(ValueError, match="other names"):
        tiny(heads={"semantic": mtv.tasks.SegmentationHead(2)})
    model = tiny()
    with pytest.raises(ValueError, match="2 classes"):
        panoptic_fpn_detector(model, things=[0, 1, 2])
    with pytest.raises(ValueError, match="task='semantic'"):
        panoptic_fpn_detector(
            mtv.models.MaskRCNN(2, trunk=mtv.trunks.SmallResNet())
        )
    with pytest.raises(ValueError, match="^Expected things.*from 0 to 4"):
        panoptic_fpn_detector(model, things=[3, 7])
    with pytest.raises(ValueError, match=r"detector\(model, things="):
        panoptic_fpn_detector(model, merging={"things": THINGS})
    losses = panoptic_fpn_losses(losses={"semantic": None})
    model.compile("sgd", **losses)


@pytest.mark.by_heart
def test_learns_eight_images_of_coco_by_heart():
    """Images with up to four large things: boxes, masks and segments.

    What it finds is what `MaskRCNN` finds, of which it is made.
    """
    folder = real_data("coco_train2017_panoptic")
    coco = mtv.data.CocoPanoptic(
        folder / "images",
        folder / "panoptic.json",
        folder / "panoptic",
        masks=True,
    )
    source = mtv.data.Subset(coco, [11, 12, 21, 28, 30, 33, 40, 42])
    keras.utils.set_random_seed(0)
    num_things, num_classes = len(coco.thing_classes), len(coco.category_ids)
    model = PanopticFPN(
        num_things,
        num_classes,
        image_size=128,
        trunk=mtv.trunks.SmallResNet(),
        num_regions=12,
        num_proposals=4,
        num_candidates=100,
        num_mask_regions=8,
        extra_levels=0,
        filters=32,
        units=128,
        anchors=mtv.tasks.GridAnchors(cells=4.0, scales=(1.0,)),
        masks={"filters": 32, "depth": 2},
        semantic={"filters": 32},
    )
    options = {"image_size": 128, "batch_size": 8, "max_objects": 4}
    inputs, truth, _ = mtv.data.Batches(
        source,
        region_targets(model, targets={"semantic": "semantic"}),
        inputs={"image": "image", "proposals": "boxes"},
        **options,
    )[0]
    epochs = 200
    rate = keras.optimizers.schedules.CosineDecay(3e-3, epochs)
    weights = {"masks": 2.0, "semantic": 1.0}
    model.compile(
        keras.optimizers.AdamW(rate),
        **panoptic_fpn_losses(loss_weights=weights),
    )
    # Whole batches, so that BatchNorm evaluates what it was trained on.
    model.fit(inputs, truth, batch_size=8, epochs=epochs, verbose=0)
    segmenter = panoptic_fpn_detector(
        model,
        things=coco.thing_classes,
        max_detections=10,
        merging={"min_stuff_area": 64},
    )
    found = segmenter.predict(inputs["image"], verbose=0)
    assert average_precision(truth["masks"], found) > 0.9
    assert average_precision(truth["masks"], found, "masks") > 0.8
    quality = mtv.metrics.PanopticQuality(
        mtv.data.Batches(source, {"panoptic": "panoptic"}, **options),
        segmenter,
        num_classes=num_classes,
        things=coco.thing_classes,
    )
    assert quality.evaluate()["PQ"] > 0.75
