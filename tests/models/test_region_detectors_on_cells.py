"""Detectors by regions learn eight real images by heart."""

import keras
import pytest

import mtvision as mtv
from batteries.overfitting import average_precision, real_data
from batteries.squares import proposals_of
from mtvision.models import (
    RCNN,
    RFCN,
    FasterRCNN,
    FastRCNN,
    SPPNet,
    fast_rcnn_detector,
    fast_rcnn_losses,
    faster_rcnn_detector,
    faster_rcnn_losses,
    rcnn_detector,
    rcnn_losses,
    rfcn_detector,
    rfcn_losses,
)

SIZE, IMAGES, REGIONS = 160, 8, 100
LEVELS = ("P2", "P3", "P4")


def cells():
    """One batch of blood cells, and their objects."""
    folder = real_data("boxes_bccd")
    source = mtv.data.VocDetection(folder, split="train", box_origin=0)
    batches = mtv.data.Batches(
        [source[i] for i in range(IMAGES)],
        {"boxes": {"boxes": "boxes", "classes": "classes"}},
        image_size=SIZE,
        batch_size=IMAGES,
        max_objects=40,
    )
    images, truth, _ = batches[0]
    return images, truth["boxes"]


def learn(model, losses, inputs, objects, *, epochs):
    """Trains on the batch, in halves."""
    model.compile(keras.optimizers.Adam(2e-3), **losses)
    truth = dict.fromkeys(losses["loss"], objects)
    model.fit(inputs, truth, batch_size=4, epochs=epochs, verbose=0)


@pytest.mark.by_heart
@pytest.mark.parametrize(
    ("recipe", "options"),
    [(RCNN, {"region_size": 24, "context": 2}), (SPPNet, {"level": "P3"})],
)
def test_linear_models_on_features(recipe, options):
    images, objects = cells()
    proposals = proposals_of(objects["boxes"], REGIONS, SIZE)
    inputs = {"image": images, "proposals": proposals}
    trunk = mtv.trunks.SmallResNet()
    model = recipe(3, image_size=SIZE, trunk=trunk, units=128, **options)
    learn(model, rcnn_losses(), inputs, objects, epochs=40)
    detector = rcnn_detector(
        model, [(inputs, {"classes": objects})], ridges={"penalty": 10.0}
    )
    found = detector.predict(inputs, batch_size=4, verbose=0)
    assert average_precision(objects, found) > 0.9


@pytest.mark.by_heart
def test_fast_rcnn():
    images, objects = cells()
    proposals = proposals_of(objects["boxes"], REGIONS, SIZE)
    inputs = {"image": images, "proposals": proposals}
    model = FastRCNN(
        3,
        image_size=SIZE,
        trunk=mtv.trunks.SmallResNet(),
        num_proposals=REGIONS,
        levels=LEVELS,
        filters=64,
        units=128,
        bins=5,
        canonical_size=112,
    )
    learn(model, fast_rcnn_losses(), inputs, objects, epochs=60)
    found = fast_rcnn_detector(model).predict(inputs, verbose=0)
    assert average_precision(objects, found) > 0.9


@pytest.mark.by_heart
def test_faster_rcnn():
    images, objects = cells()
    model = FasterRCNN(
        3,
        image_size=SIZE,
        trunk=mtv.trunks.SmallResNet(),
        num_regions=REGIONS,
        num_candidates=200,
        levels=LEVELS,
        extra_levels=0,
        filters=64,
        units=128,
        bins=5,
        canonical_size=112,
        anchors=mtv.tasks.GridAnchors(cells=4.0, scales=(1.0,)),
    )
    learn(model, faster_rcnn_losses(), images, objects, epochs=80)
    found = faster_rcnn_detector(model).predict(images, verbose=0)
    assert average_precision(objects, found) > 0.9


@pytest.mark.by_heart
def test_rfcn():
    images, objects = cells()
    model = RFCN(
        3,
        image_size=SIZE,
        trunk=mtv.trunks.SmallResNet(),
        num_regions=REGIONS,
        num_candidates=400,
        levels=("P3", "P4"),
        filters=64,
        score_filters=128,
        bins=3,
        align=True,
        anchors=mtv.tasks.GridAnchors(cells=1.5, scales=(1.0, 2.0, 4.0)),
    )
    learn(model, rfcn_losses(), images, objects, epochs=120)
    found = rfcn_detector(model).predict(images, verbose=0)
    assert average_precision(objects, found) > 0.9
