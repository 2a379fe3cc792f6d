import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.recipes import (
    BOXES,
    CountingHead,
    check_losses_fall,
    check_save_and_load,
    without_xla,
)
from batteries.small_regions import REGIONS
from batteries.squares import squares
from mtvision.models import (
    DenseCaptioning,
    FasterRCNN,
    dense_captioning_detector,
    dense_captioning_losses,
    faster_rcnn_detector,
    region_targets,
)

TEXTS = ("a red square", "a green one", "blue")
VOCABULARY = mtv.data.Vocabulary.of(TEXTS)
LENGTH = 4


def scenes(number=8):
    """Coloured squares, each with a phrase."""
    images, objects = squares(number)
    phrases = VOCABULARY.encode([*TEXTS, ""], LENGTH)[objects["classes"]]
    phrases[objects["classes"] < 0] = 0
    return images, {**objects, "phrases": phrases}


def inputs_of(images, objects):
    return {
        "image": images,
        "proposals": objects["boxes"],
        "phrases": objects["phrases"],
    }


def truth_of(model, objects, **targets):
    targets = region_targets(model, targets=targets)
    return {
        task: {field: objects[field] for field in fields}
        for task, fields in targets.items()
    }


def tiny(**options):
    """P3 and P4 of a small trunk."""
    return DenseCaptioning(
        len(VOCABULARY),
        LENGTH,
        **{
            **REGIONS,
            "trunk": mtv.trunks.SmallResNet((8, 8, 16, 16)),
            "num_classes": 3,
            "num_proposals": 3,
            "captions": {"units": 16, "embedding": 8},
            **options,
        },
    )


def compiled(model, rate=5e-3, **options):
    losses = dense_captioning_losses(**options)
    model.compile(keras.optimizers.Adam(rate), **losses, **without_xla())
    return model


def test_five_losses_on_one_trunk():
    images, objects = scenes()
    model = compiled(tiny())
    check_losses_fall(
        model,
        inputs_of(images, objects),
        truth_of(model, objects),
        epochs=20,
        without=BOXES,
    )
    detector = dense_captioning_detector(
        model, beams=2, max_detections=7, score_threshold=0.0
    )
    found = detector.predict(images, verbose=0)
    assert {k: v.shape for k, v in found.items()} == {
        "boxes": (8, 7, 4),
        "scores": (8, 7),
        "classes": (8, 7),
        "phrases": (8, 7, LENGTH),
        "phrase_scores": (8, 7),
    }
    boxes = faster_rcnn_detector(
        model, max_detections=7, score_threshold=0.0
    ).predict(images, verbose=0)
    for name, values in boxes.items():
        np.testing.assert_allclose(found[name], values, atol=1e-4)
    check_save_and_load(model, inputs_of(images[:2], _first(objects, 2)))
    check_save_and_load(detector, images[:2])


def _first(objects, number):
    return {name: field[:number] for name, field in objects.items()}


def test_what_it_reads_matters_in_training_only():
    images, objects = scenes(2)
    inputs = inputs_of(images, objects)
    model = tiny()
    taught = to_numpy(model(inputs))
    zeros = {k: np.zeros_like(v) for k, v in inputs.items() if k != "image"}
    alone = to_numpy(model({**zeros, "image": images}))
    assert set(model.input) == {"image", "proposals", "phrases"}
    # Only its words depend on them, and only those of regions of an object.
    for name in ("rpn_objectness", "rpn_boxes"):
        np.testing.assert_allclose(taught[name], alone[name], atol=1e-5)
    plain = tiny(num_proposals=0)
    plain.set_weights(model.get_weights())
    rows = to_numpy(plain(images))
    for name in ("classes", "boxes", "captions"):
        np.testing.assert_allclose(
            rows[name], alone[name][:, :16], atol=1e-5, err_msg=name
        )
    found = [
        dense_captioning_detector(each, score_threshold=0.0).predict(
            images, verbose=0
        )
        for each in (model, plain)
    ]
    np.testing.assert_array_equal(*[each["phrases"] for each in found])


def test_it_learns_from_its_own_words_too():
    images, objects = scenes()
    model = compiled(tiny(num_proposals=0, num_classes=1))
    objects["classes"] = np.minimum(objects["classes"], 0)
    truth = truth_of(model, objects)
    history = model.fit(
        images, truth, batch_size=4, epochs=3, verbose=0
    ).history
    assert np.isfinite(history["loss"]).all()


def test_phrases_from_the_data():
    images, objects = scenes(4)
    source = [
        {
            "image": image.astype("uint8"),
            "boxes": boxes[labels >= 0],
            "classes": labels[labels >= 0],
            "phrases": phrases[labels >= 0],
        }
        for image, boxes, labels, phrases in zip(images, *objects.values())
    ]
    # Of one image nobody described the objects.
    source[1]["phrases"] = None
    model = compiled(tiny())
    batches = mtv.data.Batches(
        source,
        region_targets(model),
        inputs={
            "image": "image",
            "proposals": "boxes",
            "phrases": "phrases",
        },
        batch_size=2,
        max_objects=3,
    )
    with pytest.raises(ValueError, match="phrases"):
        batches[0]
    source[1]["phrases"] = np.zeros((len(source[1]["boxes"]), LENGTH), int)
    history = model.fit(batches, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    detector = dense_captioning_detector(model, max_detections=5)
    truth, found = mtv.metrics.collect_detections(
        batches, detector, task="captions", kind="phrases", verbose=0
    )
    assert len(truth) == len(found) == 4
    scores = mtv.metrics.dense_captioning_evaluate(truth, found).scores
    assert 0 <= scores["AP"] <= 1


def test_images_without_objects():
    images, objects = scenes(4)
    objects = {k: np.zeros_like(v) for k, v in objects.items()}
    objects["classes"] -= 1
    model = compiled(tiny())
    history = model.fit(
        inputs_of(images, objects),
        truth_of(model, objects),
        epochs=2,
        verbose=0,
    ).history
    assert history["captions_loss"] == [0.0, 0.0]
    assert history["rpn_objectness_loss"][0] > 0


def test_options_of_the_losses():
    options = dense_captioning_losses(
        regions={"num_samples": 8},
        captions={"normalize_by": "image"},
        loss_weights={"captions": 10.0},
    )
    loss = options["loss"]["captions"]
    assert (loss.num_samples, loss.normalize_by) == (8, "image")
    assert options["loss"]["classes"].num_samples == 8
    assert options["loss_weights"]["captions"] == 10.0
    assert options["loss_weights"]["boxes"] == 1.0


def test_what_does_not_fit():
    plain = FasterRCNN(
        3, trunk=mtv.trunks.SmallResNet((8, 8, 16, 16)), **REGIONS
    )
    with pytest.raises(ValueError, match="'captions'"):
        dense_captioning_detector(plain)
    images, objects = scenes(2)
    model = compiled(tiny())
    objects["phrases"][1, 0, 0] = 77
    with pytest.raises(ValueError, match=r"\['captions'\].*other names"):
        tiny(heads={"captions": CountingHead()})
    halves = {**objects, "phrases": objects["phrases"] + 0.5}
    with pytest.raises(ValueError, match="Input 'phrases'.*whole numbers"):
        model.fit(
            inputs_of(images, halves), truth_of(model, objects), verbose=0
        )
    longer = {**objects, "phrases": np.ones((2, 3, LENGTH + 1), "int32")}
    with pytest.raises(ValueError, match=r"L=5.*max_length=4"):
        model.fit(
            inputs_of(images, objects), truth_of(model, longer), verbose=0
        )
    with pytest.raises(ValueError, match="hold 77"):
        model.fit(
            inputs_of(images, objects), truth_of(model, objects), verbose=0
        )


@pytest.mark.by_heart
def test_eight_scenes_by_heart():
    """Every digit is found, and described without a mistake."""
    pytest.importorskip("tensorflow_datasets")
    config = mtv.data.DigitScenesConfig(empty=0.0)
    scenes = [mtv.data.compose_scene("train", k, config) for k in range(8)]
    keras.utils.set_random_seed(0)
    model = DenseCaptioning(
        26,
        8,
        num_classes=10,
        num_proposals=4,
        image_size=64,
        trunk=mtv.trunks.SmallResNet((16, 24, 32, 32)),
        levels=("P2", "P3"),
        extra_levels=0,
        filters=24,
        units=96,
        num_regions=16,
        num_candidates=100,
        canonical_size=32,
        anchors=mtv.tasks.GridAnchors(cells=4.0, scales=(1.0,)),
        captions={"units": 96, "embedding": 32},
    )
    names = ("image", "boxes", "phrases")
    batches = mtv.data.Batches(
        scenes,
        region_targets(model),
        inputs=dict(zip(("image", "proposals", "phrases"), names)),
        batch_size=8,
        max_objects=4,
    )
    rate = keras.optimizers.schedules.CosineDecay(4e-3, 200, alpha=0.02)
    model.compile(
        keras.optimizers.Adam(rate, clipnorm=5.0),
        **dense_captioning_losses(loss_weights={"captions": 4.0}),
        jit_compile=False,
    )
    inputs, truth, _ = batches[0]
    model.fit(inputs, truth, epochs=200, verbose=0, batch_size=8)
    detector = dense_captioning_detector(model, max_detections=8)
    lists = mtv.metrics.collect_detections(
        batches, detector, task="captions", kind="phrases", verbose=0
    )
    scores = mtv.metrics.dense_captioning_evaluate(*lists).scores
    assert scores["phrase_accuracy"] == 1
    assert scores["AP"] > 0.9
