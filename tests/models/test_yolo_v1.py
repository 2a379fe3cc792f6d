import numpy as np
import pytest

import mtvision as mtv
from batteries.models import check_model
from batteries.recipes import without_xla

TRUTH = {
    "boxes": np.array(
        [
            [[4, 4, 30, 20], [34, 20, 60, 60]],
            [[8, 30, 40, 56], [0, 0, 0, 0]],
        ],
        "float32",
    ),
    "classes": np.array([[2, 0], [1, -1]]),
}


def images():
    rng = np.random.default_rng(0)
    return rng.uniform(0, 255, (2, 64, 64, 3)).astype("float32")


def small(**options):
    defaults = {
        "image_size": 64,
        "grid": 4,
        "trunk": mtv.trunks.SmallResNet((4, 8, 8, 8)),
        "hidden": 16,
        "dropout": 0.0,
    }
    return mtv.models.YOLOv1(3, **{**defaults, **options})


def test_trains_with_another_task():
    heads = {"scene": mtv.tasks.ClassificationHead(2, name="scene")}
    model = small(heads=heads, task="cells")
    losses = mtv.models.yolo_v1_losses(
        model,
        task="cells",
        losses={"scene": mtv.tasks.ClassificationLoss()},
        loss_weights={"scene": 0.5},
        lambda_noobj=0.25,
    )
    assert losses["loss"]["cells"].image_size == (64, 64)
    assert losses["loss"]["cells"].lambda_noobj == 0.25
    assert losses["loss_weights"] == {"cells": 1.0, "scene": 0.5}
    model.compile("adam", **losses)
    check_model(
        model, images(), {"cells": TRUTH, "scene": np.array([0, 1])}, epochs=5
    )


def test_convolutions_in_the_place_of_dense_layers():
    model = small(convolutional=True, level="P4", boxes_per_cell=3, dropout=0.1)
    losses = mtv.models.yolo_v1_losses(model, normalize_by="image")
    model.compile("adam", **losses, **without_xla())
    history = model.fit(images(), {"boxes": TRUTH}, epochs=3, verbose=0)
    assert np.diff(history.history["loss"])[0] < 0
    detector = mtv.models.yolo_v1_detector(model, max_detections=5)
    found = detector.predict(images(), verbose=0)
    assert found["boxes"].shape == (2, 5, 4)
    assert (found["boxes"] >= 0).all()
    assert (found["boxes"] <= 64).all()


def test_images_of_other_shapes():
    model = small(image_size=(64, 32), grid=5, boxes_per_cell=1)
    assert tuple(model.output["boxes"].shape) == (None, 5, 5, 8)
    loss = mtv.models.yolo_v1_losses(model)["loss"]["boxes"]
    assert loss.image_size == (64, 32)
    detector = mtv.models.yolo_v1_detector(model)
    found = detector.predict(images()[:, :, :32], verbose=0)
    assert (found["boxes"] <= [32, 64, 32, 64]).all()


def test_bad_input():
    with pytest.raises(ValueError, match="image_size=16"):
        small(image_size=16)
    with pytest.raises(ValueError, match="map of known size"):
        small(image_size=None)
    with pytest.raises(ValueError, match="task='cells'"):
        mtv.models.yolo_v1_losses(small(), task="cells")
    model = small()
    model.compile("adam", **mtv.models.yolo_v1_losses(model))
    wrong = {**TRUTH, "classes": TRUTH["classes"] + 1}
    with pytest.raises(ValueError, match="Task 'boxes': sample 0 has the cl"):
        model.fit(images(), {"boxes": wrong}, verbose=0)
    # Told of smaller images than those which the model takes.
    model.compile("adam", loss={"boxes": mtv.tasks.YOLOv1Loss(32)})
    with pytest.raises(ValueError, match="beyond the 32 x 32 pixels"):
        model.fit(images(), {"boxes": TRUTH}, verbose=0)
