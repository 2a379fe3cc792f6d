import tempfile

import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from mtvision.models import RetinaNet, retinanet_detector, retinanet_losses


def tiny(num_classes=3, **options):
    """P3 to P5 of a small trunk."""
    return RetinaNet(
        num_classes,
        trunk=mtv.trunks.SmallResNet((8, 8, 16, 16)),
        extra_levels=0,
        filters=16,
        depth=1,
        norm="batch",
        anchors=mtv.tasks.GridAnchors(cells=2.0, scales=(1.0, 1.4)),
        **options,
    )


def squares(number=8, size=64):
    """Images with up to two bright squares, one of them without any."""
    random = np.random.default_rng(0)
    images = random.uniform(0, 60, (number, size, size, 3))
    boxes = np.zeros((number, 3, 4), "float32")
    classes = -np.ones((number, 3), "int32")
    masks = np.zeros((number, size, size), "int32")
    for b in range(1, number):
        for row in range(1 + b % 2):
            left = random.integers(0, 8) + row * size // 2
            top, side = random.integers(0, size - 24), random.integers(14, 24)
            colour = random.integers(0, 3)
            place = slice(top, top + side), slice(left, left + side)
            images[b][place] = 60
            images[b][(*place, colour)] = 250
            masks[b][place] = 1
            boxes[b, row] = [left, top, left + side, top + side]
            classes[b, row] = colour
    truth = {
        "boxes": {"boxes": boxes, "classes": classes},
        "mask": masks,
        "empty": (classes[:, 0] < 0).astype("int32"),
    }
    return images.astype("float32"), truth


def test_detection_segmentation_and_classification_in_one_model():
    images, truth = squares()
    model = tiny(
        image_size=64,
        heads={
            "mask": mtv.tasks.SegmentationHead(2, filters=8),
            "empty": mtv.tasks.ClassificationHead(2, level="P5"),
        },
    )
    model.compile(
        keras.optimizers.Adam(5e-3),
        **retinanet_losses(
            losses={
                "mask": mtv.tasks.SegmentationLoss(),
                "empty": mtv.tasks.ClassificationLoss(),
            },
            loss_weights={"mask": 0.5},
        ),
        jit_compile=keras.backend.backend() == "jax",
    )
    options = {"batch_size": 4, "verbose": 0, "shuffle": False}
    history = model.fit(images, truth, epochs=12, **options).history
    for task in ("boxes", "mask", "empty"):
        losses = history[f"{task}_loss"]
        assert losses[-1] < 0.7 * losses[0], (task, losses)
    detector = retinanet_detector(model, max_detections=7, score_threshold=0.0)
    found = detector.predict(images, verbose=0)
    assert {k: v.shape for k, v in found.items()} == {
        "boxes": (8, 7, 4),
        "scores": (8, 7),
        "classes": (8, 7),
    }
    assert found["boxes"].min() >= 0
    assert found["boxes"].max() <= 64
    for saved in (model, detector):
        with tempfile.TemporaryDirectory() as folder:
            saved.save(f"{folder}/model.keras")
            loaded = keras.saving.load_model(
                f"{folder}/model.keras", safe_mode=True
            )
        expected = saved.predict(images[:2], verbose=0)
        for name, values in loaded.predict(images[:2], verbose=0).items():
            np.testing.assert_allclose(values, expected[name], atol=1e-4)


def test_the_pyramid_of_the_paper():
    """P3 to P7, nine anchors a cell; P6 is made of the trunk's P5."""
    model = RetinaNet(
        4, image_size=512, trunk=mtv.trunks.SmallResNet((4, 4, 4, 4)), depth=0
    )
    assert tuple(model.output["boxes"].shape) == (None, 49104, 12)
    pyramid = model.get_layer("pyramid")
    assert pyramid.levels == ("P3", "P4", "P5")
    assert pyramid.extra_levels == 2
    assert pyramid.extra_from == "trunk"


def test_images_of_any_size():
    model = tiny()
    detector = retinanet_detector(model, max_detections=5)
    for size in ((64, 96), (40, 33)):
        images = np.zeros((1, *size, 3), "float32")
        rows = to_numpy(model(images))["boxes"]
        cells = sum(-(-size[0] // s) * -(-size[1] // s) for s in (8, 16, 32))
        assert rows.shape == (1, 6 * cells, 11)
        assert to_numpy(detector(images))["boxes"].shape == (1, 5, 4)


def test_images_too_small_are_told():
    trunk = mtv.trunks.SmallResNet((4, 4, 4, 4))
    with pytest.raises(ValueError, match="P7, has a stride of 128"):
        RetinaNet(3, image_size=(256, 100), trunk=trunk)
    model = RetinaNet(3, trunk=trunk, filters=8, depth=0)
    with pytest.raises(ValueError, match="P7, has a stride of 128"):
        model(np.zeros((1, 64, 160, 3), "float32"))


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="image_size"):
        tiny(image_size="large")
    with pytest.raises(ValueError, match="other names"):
        tiny(heads={"boxes": mtv.tasks.ClassificationHead(2)})
    with pytest.raises(ValueError, match="task='cells'"):
        retinanet_detector(tiny(), task="cells")


def test_classes_out_of_range_are_told():
    images, truth = squares(4)
    model = tiny(2)
    model.compile("sgd", **retinanet_losses())
    with pytest.raises(ValueError, match=r"'boxes'.*class 2"):
        model.fit(images, {"boxes": truth["boxes"]}, verbose=0)
