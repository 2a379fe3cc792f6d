import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.models import check_model
from mtvision.models import SSD, ssd_detector, ssd_losses


def tiny(image_size=64, **options):
    """P3 to P6 of a small trunk."""
    return SSD(
        2,
        image_size=image_size,
        trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)),
        levels=("P3", "P4"),
        filters=(8, 8),
        context=8,
        **options,
    )


def bars(number=8, size=64):
    """Images with one bar, which lies or stands, or none."""
    random = np.random.default_rng(0)
    images = random.uniform(0, 60, (number, size, size, 3)).astype("float32")
    boxes = np.zeros((number, 2, 4), "float32")
    classes = -np.ones((number, 2), "int32")
    for b in range(1, number):
        left, top = random.integers(0, size - 28, 2)
        sides = (26, 12) if b % 2 else (12, 26)
        images[b, top : top + sides[1], left : left + sides[0]] = 240
        boxes[b, 0] = [left, top, left + sides[0], top + sides[1]]
        classes[b, 0] = b % 2
    return images, {"boxes": {"boxes": boxes, "classes": classes}}


def test_properties():
    images, truth = bars()
    model = tiny()
    model.compile(keras.optimizers.Adam(2e-3), **ssd_losses())
    check_model(model, images, truth, epochs=8)
    found = ssd_detector(model, max_detections=6).predict(images, verbose=0)
    assert found["boxes"].shape == (8, 6, 4)


def test_the_boxes_of_the_paper():
    trunk = mtv.trunks.SmallResNet((4, 4, 4, 4))
    model = SSD(3, trunk=trunk, filters=(8, 4, 4, 4), context=8)
    assert tuple(model.output["boxes"].shape) == (None, 8732, 12)


def test_a_size_may_be_given_in_any_form():
    shapes = {
        tuple(
            SSD(
                2,
                image_size=size,
                trunk=mtv.trunks.SmallResNet((2, 2, 2, 2)),
                filters=(4, 4, 4, 4),
                context=4,
            )
            .output["boxes"]
            .shape
        )
        for size in (300, (300, 300), [300, 300], np.int64(300))
    }
    assert shapes == {(None, 8732, 11)}


def test_images_of_any_size():
    model = tiny(None)
    detector = ssd_detector(model, max_detections=5)
    for size in ((64, 96), (70, 65)):
        images = np.zeros((1, *size, 3), "float32")
        assert to_numpy(detector(images))["boxes"].shape == (1, 5, 4)
        own = to_numpy(model(images))["boxes"][0, :, -4:]
        centres = (own[:, :2] + own[:, 2:]) / 2
        np.testing.assert_allclose(
            centres.min(0) + centres.max(0), size[::-1], atol=1e-3
        )


def test_images_too_small_are_told():
    with pytest.raises(ValueError, match="P6, has a stride of 64"):
        tiny(image_size=48)
    with pytest.raises(ValueError, match="stride of 64 .*only 32 x 96"):
        tiny(image_size=None).predict(np.zeros((1, 32, 96, 3)), verbose=0)
    with pytest.raises(ValueError, match="fewer levels by `filters`"):
        tiny(image_size=48)
    with pytest.raises(ValueError, match="P6, has a stride of 64"):
        tiny(image_size=None)(np.zeros((1, 32, 96, 3), "float32"))


def test_further_tasks():
    model = tiny(
        heads={"scene": mtv.tasks.ClassificationHead(4, level="P6")},
        task="bars",
    )
    losses = {"scene": mtv.tasks.ClassificationLoss()}
    arguments = ssd_losses(
        task="bars", losses=losses, loss_weights={"scene": 0.1}
    )
    assert arguments["loss_weights"] == {"bars": 1.0, "scene": 0.1}
    model.compile("sgd", **arguments)
    images, truth = bars(4)
    y = {"bars": truth["boxes"], "scene": np.arange(4)}
    history = model.fit(images, y, verbose=0).history
    assert np.isfinite(history["bars_loss"][0])
    assert np.isfinite(history["scene_loss"][0])
