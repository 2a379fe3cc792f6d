import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.models import check_model
from batteries.overfitting import average_precision, real_data

BOXES = np.array(
    [[[4, 4, 30, 20], [34, 20, 60, 60]], [[8, 30, 40, 56], [0, 0, 0, 0]]],
    "float32",
)
MASKS = np.zeros((2, 2, 64, 64), "uint8")
for place in ((0, 0), (0, 1), (1, 0)):
    x1, y1, x2, y2 = BOXES[place].astype(int)
    MASKS[place][y1:y2, x1:x2] = 1
TRUTH = {"boxes": BOXES, "classes": np.array([[2, 0], [1, -1]])}
TRUTH["masks"] = MASKS
TASKS = ("boxes_extremes", "boxes_centers", "boxes_offsets")


def images():
    rng = np.random.default_rng(0)
    return rng.uniform(0, 255, (2, 64, 64, 3)).astype("float32")


def small(**options):
    trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    options = {"trunk": trunk, "filters": 8, "hidden": 8, **options}
    return mtv.models.ExtremeNet(3, **options)


def test_trains():
    model = small()
    model.compile("adam", **mtv.models.extremenet_losses())
    check_model(model, images(), dict.fromkeys(TASKS, TRUTH), epochs=15)


@pytest.mark.parametrize("image_size", [None, 64])
def test_detector(image_size):
    model = small(image_size=image_size, task="cells", prior=0.3)
    detector = mtv.models.extremenet_detector(
        model, task="cells", max_detections=7, num_peaks=6
    )
    found = detector.predict(images(), verbose=0)
    assert found["boxes"].shape == (2, 7, 4)
    assert (found["boxes"] >= 0).all()
    assert (found["boxes"] <= 64).all()
    assert (np.diff(found["scores"]) <= 0).all()


def test_wrong_images_and_tasks_are_errors():
    with pytest.raises(ValueError, match="image_size=16"):
        small(image_size=16)
    with pytest.raises(ValueError, match="P5, has a stride of 32"):
        small()(np.zeros((1, 16, 64, 3)))
    with pytest.raises(ValueError, match="task='cat_extremes'"):
        mtv.models.extremenet_detector(small(), task="cat")


@pytest.mark.by_heart
def test_learns_eight_images_of_coco_by_heart():
    """Images with up to three large things."""
    folder = real_data("coco_train2017_panoptic")
    coco = mtv.data.CocoPanoptic(
        folder / "images",
        folder / "panoptic.json",
        folder / "panoptic",
        masks=True,
    )
    fields = {"boxes": "boxes", "classes": "classes", "masks": "masks"}
    x, y, _ = mtv.data.Batches(
        mtv.data.Subset(coco, [11, 21, 30, 32, 40, 42, 61, 71]),
        dict.fromkeys(TASKS, fields),
        image_size=128,
        batch_size=8,
        max_objects=4,
    )[0]
    keras.utils.set_random_seed(0)
    model = mtv.models.ExtremeNet(
        len(coco.classes["classes"]),
        trunk=mtv.trunks.SmallResNet(),
        filters=32,
        hidden=32,
    )
    # Whole batches, so that BatchNorm evaluates what it was trained on.
    epochs = 150
    schedule = keras.optimizers.schedules.CosineDecay(0.003, epochs)
    model.compile(
        keras.optimizers.Adam(schedule), **mtv.models.extremenet_losses()
    )
    model.fit(x, y, batch_size=8, epochs=epochs, verbose=0)
    detector = mtv.models.extremenet_detector(model, num_peaks=12)
    found = detector.predict(x, verbose=0)
    assert average_precision(y["boxes_centers"], found) > 0.9
