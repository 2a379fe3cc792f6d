"""RetinaNet and SSD learn eight real images by heart."""

import keras
import pytest

import mtvision as mtv
from batteries.overfitting import average_precision, real_data
from mtvision.models import (
    SSD,
    RetinaNet,
    retinanet_detector,
    retinanet_losses,
    ssd_detector,
    ssd_losses,
)

SIZE, IMAGES = 160, 8


def cells():
    """One batch of blood cells."""
    folder = real_data("boxes_bccd")
    source = mtv.data.VocDetection(folder, split="train", box_origin=0)
    batches = mtv.data.Batches(
        [source[i] for i in range(IMAGES)],
        {"boxes": {"boxes": "boxes", "classes": "classes"}},
        image_size=SIZE,
        batch_size=IMAGES,
        max_objects=40,
    )
    return batches[0][:2]


def learn(model, losses, images, truth, *, epochs):
    """Trains on the batch, in halves."""
    model.compile(keras.optimizers.Adam(2e-3), **losses)
    model.fit(images, truth, batch_size=4, epochs=epochs, verbose=0)


@pytest.mark.by_heart
def test_retinanet():
    images, truth = cells()
    model = RetinaNet(
        3,
        image_size=SIZE,
        trunk=mtv.trunks.SmallResNet(),
        filters=64,
        depth=2,
        norm="group",
        extra_levels=1,
        anchors=mtv.tasks.GridAnchors(cells=3.0),
    )
    learn(model, retinanet_losses(), images, truth, epochs=120)
    found = retinanet_detector(model).predict(images, verbose=0)
    assert average_precision(truth["boxes"], found) > 0.9


@pytest.mark.by_heart
def test_ssd():
    images, truth = cells()
    model = SSD(
        3,
        image_size=SIZE,
        trunk=mtv.trunks.SmallResNet(),
        levels=("P3", "P4", "P5"),
        filters=(64,),
        context=0,
        scale=0,
        boxes=mtv.tasks.DefaultBoxes(
            aspect_ratios=[(2,)] * 4, scales=(0.1, 0.2, 0.37, 0.6, 0.9)
        ),
    )
    learn(model, ssd_losses(), images, truth, epochs=60)
    found = ssd_detector(model).predict(images, verbose=0)
    assert average_precision(truth["boxes"], found) > 0.9
