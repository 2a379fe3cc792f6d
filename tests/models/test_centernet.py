import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.models import check_model
from batteries.overfitting import average_precision, real_data

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
TASKS = ("boxes_heat_map", "boxes_size", "boxes_offset")


def images(size=64):
    rng = np.random.default_rng(0)
    return rng.uniform(0, 255, (2, size, size, 3)).astype("float32")


def small(**options):
    trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    options = {"trunk": trunk, "filters": 8, "hidden": 8, **options}
    return mtv.models.CenterNet(3, **options)


def test_trains_with_another_task():
    mask = mtv.tasks.SegmentationHead(2, name="mask")
    model = small(heads={"mask": mask})
    model.compile(
        "adam",
        **mtv.models.centernet_losses(
            losses={"mask": mtv.tasks.SegmentationLoss()},
            loss_weights={"mask": 0.5},
        ),
    )
    predicted = model.predict(images(), verbose=0)["mask"]
    truth = dict.fromkeys(TASKS, TRUTH)
    truth["mask"] = np.zeros(predicted.shape[:3], "int32")
    check_model(model, images(), truth, epochs=20)


def test_every_weight_is_trained():
    """Levels that nothing reads have no weights of their own."""
    pyramid = small().get_layer("pyramid")
    assert set(pyramid.smoothers) == {"P2"}
    with_more = small(heads={"scene": mtv.tasks.ClassificationHead(2)})
    assert len(with_more.get_layer("pyramid").smoothers) == 4


def test_weights_are_the_papers():
    arguments = mtv.models.centernet_losses(task="cells")
    assert arguments["loss_weights"] == {
        "cells_heat_map": 1.0,
        "cells_size": 0.1,
        "cells_offset": 1.0,
    }


@pytest.mark.parametrize("image_size", [None, 64, (64, 32)])
def test_detector(image_size):
    model = small(image_size=image_size, task="cells")
    detector = mtv.models.centernet_detector(
        model, task="cells", max_detections=7, iou_threshold=0.5
    )
    height, width = image_size if isinstance(image_size, tuple) else (64, 64)
    found = detector.predict(images()[:, :height, :width], verbose=0)
    assert found["boxes"].shape == (2, 7, 4)
    assert found["classes"].dtype == "int32"
    assert (found["boxes"] >= 0).all()
    assert (found["boxes"] <= [width, height] * 2).all()
    assert (np.diff(found["scores"]) <= 0).all()


def test_wrong_images_and_tasks_are_errors():
    with pytest.raises(ValueError, match="image_size=16"):
        small(image_size=16)
    with pytest.raises(ValueError, match="P5, has a stride of 32"):
        small()(np.zeros((1, 16, 64, 3)))
    with pytest.raises(ValueError, match="P5, has a stride of 32"):
        small(heads={"scene": mtv.tasks.ClassificationHead(2)})(
            np.zeros((1, 16, 64, 3))
        )
    for heads in (None, {"scene": mtv.tasks.ClassificationHead(2)}):
        with pytest.raises(ValueError, match="only 16 x 64"):
            small(heads=heads).predict(np.zeros((1, 16, 64, 3)), verbose=0)
    with pytest.raises(ValueError, match="task='cat_heat_map'"):
        mtv.models.centernet_detector(small(), task="cat")


@pytest.mark.by_heart
def test_learns_eight_images_of_blood_cells_by_heart():
    cells = mtv.data.VocDetection(
        real_data("boxes_bccd"), split="train", box_origin=0
    )
    fields = {"boxes": "boxes", "classes": "classes"}
    x, y, _ = mtv.data.Batches(
        mtv.data.Subset(cells, range(8)),
        dict.fromkeys(TASKS, fields),
        image_size=(192, 256),
        batch_size=8,
        max_objects=32,
    )[0]
    keras.utils.set_random_seed(0)
    model = mtv.models.CenterNet(
        3, trunk=mtv.trunks.SmallResNet(), filters=32, hidden=32
    )
    epochs = 50
    schedule = keras.optimizers.schedules.CosineDecay(0.003, 2 * epochs)
    model.compile(
        keras.optimizers.Adam(schedule), **mtv.models.centernet_losses()
    )
    model.fit(x, y, batch_size=4, epochs=epochs, verbose=0)
    found = mtv.models.centernet_detector(model).predict(x, verbose=0)
    assert average_precision(y["boxes_size"], found) > 0.9
