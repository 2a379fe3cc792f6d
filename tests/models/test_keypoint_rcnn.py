import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision.models import (
    KeypointRCNN,
    keypoint_rcnn_detector,
    keypoint_rcnn_losses,
    region_targets,
)

SIZE, IMAGES = 128, 8


def tiny(**options):
    """One of few weights, on images of 64 pixels."""
    options = {
        "image_size": 64,
        "trunk": mtv.trunks.SmallResNet((8, 8, 16, 16)),
        "extra_levels": 0,
        "filters": 8,
        "units": 16,
        "num_regions": 8,
        "num_candidates": 50,
        "keypoints": {"filters": 8, "depth": 1},
        **options,
    }
    return KeypointRCNN(1, 3, **options)


def objects(number=3):
    """Truth of one object an image, none in the first."""
    boxes = np.tile(np.array([8.0, 8, 40, 56]), (number, 2, 1))
    classes = -np.ones((number, 2), "int32")
    classes[1:, 0] = 0
    boxes[classes < 0] = 0
    points = np.zeros((number, 2, 3, 3))
    points[1:, 0] = [(10, 10, 2), (30, 20, 1), (0, 0, 0)]
    return {"boxes": boxes, "classes": classes, "keypoints": points}


def truth_of(model, values):
    return {
        task: {key: values[field] for key, field in fields.items()}
        for task, fields in region_targets(model).items()
    }


def test_five_outputs():
    model = tiny(num_proposals=2)
    assert list(model.output)[-1] == "keypoints"
    assert model.output["keypoints"].shape == (None, 10, 56 * 56 * 3 + 4)
    xla = keras.backend.backend() != "torch"
    model.compile("adam", **keypoint_rcnn_losses(), jit_compile=xla)
    values = objects()
    images = np.random.default_rng(0).uniform(0, 255, (3, 64, 64, 3))
    inputs = {"image": images, "proposals": values["boxes"]}
    losses = model.train_on_batch(
        inputs, truth_of(model, values), return_dict=True
    )
    # Nothing is known: any of the cells.
    chance = np.log(56 * 56)
    assert losses["keypoints_loss"] == pytest.approx(chance, rel=0.01)
    detector = keypoint_rcnn_detector(model, max_detections=4)
    found = detector.predict(images, verbose=0)
    assert found["keypoints"].shape == (3, 4, 3, 3)
    assert found["keypoint_scores"].shape == (3, 4, 3)
    assert "masks" not in found


def test_objects_without_key_points_teach_none():
    values = objects()
    values["keypoints"] = np.zeros_like(values["keypoints"])
    model = tiny(num_proposals=2)
    model.compile("sgd", **keypoint_rcnn_losses())
    inputs = {"image": np.zeros((3, 64, 64, 3)), "proposals": values["boxes"]}
    losses = model.evaluate(
        inputs, truth_of(model, values), verbose=0, return_dict=True
    )
    assert losses["keypoints_loss"] == 0
    assert losses["classes_loss"] > 0


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="num_keypoints"):
        KeypointRCNN(1, 0, trunk=mtv.trunks.SmallResNet())
    model = tiny()
    with pytest.raises(ValueError, match="task='masks'"):
        mtv.models.mask_rcnn_detector(model)
    model.compile("sgd", **keypoint_rcnn_losses())
    values = objects()
    values["keypoints"] = values["keypoints"][:, :, :2]
    with pytest.raises(ValueError, match="truth of 2"):
        model.fit(np.zeros((3, 64, 64, 3)), truth_of(model, values), verbose=0)
