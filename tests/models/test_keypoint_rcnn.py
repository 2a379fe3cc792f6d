import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.overfitting import average_precision, real_data
from batteries.recipes import without_xla
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
    assert model.output["keypoints"].shape == (None, 10, 57, 56, 3)
    model.compile("adam", **keypoint_rcnn_losses(), **without_xla())
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


def mice(folder, number=8):
    """Samples of one mouse each, in the box of its key points, and a rim."""
    table = mtv.data.KeypointTable(folder / "images", folder / "keypoints.csv")
    samples = []
    for index in range(number):
        sample = table[index]
        points = sample["keypoints"]
        height, width = sample["image"].shape[:2]
        low = np.maximum(points[:, :2].min(axis=0) - 20, 0)
        high = np.minimum(points[:, :2].max(axis=0) + 20, [width, height])
        samples.append(
            {
                "image": sample["image"],
                "boxes": np.concatenate([low, high])[None].astype("float32"),
                "classes": np.zeros(1, "int32"),
                "keypoints": points[None],
            }
        )
    return samples


@pytest.mark.by_heart
def test_learns_the_key_points_of_eight_mice_by_heart():
    """The points of the mice are found to within two pixels."""
    samples = mice(real_data("keypoints_mouse_openfield"))
    keras.utils.set_random_seed(0)
    model = KeypointRCNN(
        1,
        samples[0]["keypoints"].shape[1],
        image_size=128,
        trunk=mtv.trunks.SmallResNet(),
        num_regions=8,
        num_proposals=1,
        num_candidates=100,
        num_keypoint_regions=4,
        extra_levels=0,
        filters=32,
        units=64,
        anchors=mtv.tasks.GridAnchors(cells=4.0, scales=(1.0,)),
        keypoints={"filters": 32, "depth": 3},
    )
    inputs, truth, _ = mtv.data.Batches(
        samples,
        region_targets(model),
        inputs={"image": "image", "proposals": "boxes"},
        image_size=128,
        batch_size=8,
        max_objects=1,
    )[0]
    epochs = 120
    rate = keras.optimizers.schedules.CosineDecay(3e-3, epochs)
    model.compile(keras.optimizers.AdamW(rate), **keypoint_rcnn_losses())
    model.fit(inputs, truth, batch_size=8, epochs=epochs, verbose=0)
    detector = keypoint_rcnn_detector(model, max_detections=3)
    found = detector.predict(inputs["image"], verbose=0)
    objects = truth["keypoints"]
    points = objects["keypoints"][:, 0, :, :2]
    errors = np.linalg.norm(found["keypoints"][:, 0, :, :2] - points, axis=-1)
    assert errors.mean() < 2
    # A point or so may be taken for another.
    assert np.mean(errors < 2) > 0.9
    assert average_precision(objects, found) > 0.9
    # Half of COCO's tolerance for hips.
    sigmas = np.full(points.shape[1], 0.05)
    assert average_precision(objects, found, "keypoints", sigmas=sigmas) > 0.9
