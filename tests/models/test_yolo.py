import numpy as np
import pytest

import mtvision as mtv
from batteries.models import check_model

ANCHORS = np.array([[30, 30], [8, 10], [16, 12], [40, 20]])
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


def images(size=64):
    rng = np.random.default_rng(0)
    return rng.uniform(0, 255, (2, size, size, 3)).astype("float32")


def small(anchors=ANCHORS, **options):
    defaults = {
        "trunk": mtv.trunks.SmallResNet((4, 8, 8, 8)),
        "filters": 8,
        "hidden": 8,
        "levels": ("P4", "P5"),
    }
    return mtv.models.YOLO(3, anchors, **{**defaults, **options})


def test_trains_with_other_tasks():
    heads = {
        "mask": mtv.tasks.SegmentationHead(2, name="mask"),
        "scene": mtv.tasks.ClassificationHead(2, name="scene", level="P5"),
    }
    model = small(heads=heads, image_size=64)
    losses = mtv.models.yolo_losses(
        losses={
            "mask": mtv.tasks.SegmentationLoss(),
            "scene": mtv.tasks.ClassificationLoss(),
        },
        loss_weights={"scene": 0.5},
        lambda_coord=1.0,
    )
    assert losses["loss"]["boxes"].lambda_coord == 1.0
    assert losses["loss_weights"] == {"boxes": 1.0, "mask": 1.0, "scene": 0.5}
    model.compile("adam", **losses)
    size = model.output["mask"].shape[1:3]
    truth = {
        "boxes": TRUTH,
        "scene": np.array([0, 1]),
        "mask": np.zeros((2, *size), "int32"),
    }
    check_model(model, images(), truth, epochs=10)


def test_any_size():
    model = small()
    detector = mtv.models.yolo_detector(model, score_threshold=0.0)
    for size in (32, 100):
        image = np.tile(images(size), (1, 1, 2, 1))[:, :, :40]
        rows = model.predict(image, verbose=0)["boxes"].shape[1]
        assert rows == 2 * (-(-size // 16) * 3 + -(-size // 32) * 2)
        found = detector.predict(image, verbose=0)
        assert (found["boxes"] <= [40, size, 40, size]).all()


def test_small_anchors_go_to_fine_levels():
    head = small().get_layer("boxes")
    assert head.anchors == {
        "P4": [[8.0, 10.0], [16.0, 12.0]],
        "P5": [[40.0, 20.0], [30.0, 30.0]],
    }
    own = small({"P3": [[5, 5]], "P5": [[9, 9], [20, 20]]})
    assert list(own.get_layer("boxes").anchors) == ["P3", "P5"]


def test_bad_input():
    with pytest.raises(ValueError, match="image_size=16"):
        small(image_size=16)
    with pytest.raises(ValueError, match="stride of 32 pixels"):
        small()(images(16))
    with pytest.raises(ValueError, match="as many for each"):
        small(ANCHORS[:3])
    with pytest.raises(ValueError, match="positive widths"):
        small(-ANCHORS)
    with pytest.raises(ValueError, match="task='cells'"):
        mtv.models.yolo_detector(small(), task="cells")
    model = small()
    model.compile("adam", **mtv.models.yolo_losses())
    wrong = {**TRUTH, "classes": TRUTH["classes"] + 1}
    with pytest.raises(ValueError, match="Task 'boxes': sample 0 has the cl"):
        model.fit(images(), {"boxes": wrong}, verbose=0)
