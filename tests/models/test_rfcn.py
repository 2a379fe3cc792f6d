import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.recipes import (
    BOXES,
    check_losses_fall,
    check_plots,
    check_save_and_load,
    same_detections,
    without_xla,
)
from batteries.squares import squares
from mtvision.models import (
    RFCN,
    FasterRCNN,
    faster_rcnn_detector,
    retinanet_detector,
    rfcn_detector,
    rfcn_losses,
)

TASKS = ("rpn_objectness", "rpn_boxes", "classes", "boxes")


def tiny(image_size=64, **options):
    """P3 of a small trunk."""
    return RFCN(
        3,
        **{
            "image_size": image_size,
            "trunk": mtv.trunks.SmallResNet((8, 8, 16, 16)),
            "levels": ("P3",),
            "filters": 16,
            "score_filters": 16,
            "bins": 3,
            "num_regions": 16,
            "anchors": mtv.tasks.GridAnchors(cells=2.5, scales=(1.0,)),
            **options,
        },
    )


def truth_of(objects):
    return dict.fromkeys(TASKS, objects)


def compiled(model, rate=5e-3, **options):
    losses = rfcn_losses(**options)
    model.compile(keras.optimizers.Adam(rate), **losses, **without_xla())
    return model


def test_five_losses_on_one_trunk():
    images, objects = squares()
    masks = (images.max(axis=-1) > 100).astype("int32")
    model = compiled(
        tiny(heads={"mask": mtv.tasks.SegmentationHead(2, filters=8)}),
        losses={"mask": mtv.tasks.SegmentationLoss()},
    )
    truth = truth_of(objects) | {"mask": masks}
    check_losses_fall(model, images, truth, epochs=30, without=BOXES)
    detector = rfcn_detector(model, max_detections=7, score_threshold=0.0)
    found = to_numpy(detector(images))
    assert {k: v.shape for k, v in found.items()} == {
        "boxes": (8, 7, 4),
        "scores": (8, 7),
        "classes": (8, 7),
    }
    check_save_and_load(model, images[:2])
    check_save_and_load(detector, images[:2])


def test_the_sizes_of_the_paper():
    """Nine anchors a cell of stride 16; 49 maps for each class."""
    model = RFCN(
        20,
        image_size=128,
        trunk=mtv.trunks.SmallResNet((4, 4, 4, 4)),
        num_regions=300,
    )
    shapes = {task: tuple(x.shape) for task, x in model.output.items()}
    assert shapes == {
        "rpn_objectness": (None, 9 * 64, 5),
        "rpn_boxes": (None, 9 * 64, 8),
        "classes": (None, 300, 25),
        "boxes": (None, 300, 8),
    }
    maps = {
        task: model.get_layer(task).weights[0].shape[-1]
        for task in ("classes", "boxes")
    }
    assert maps == {"classes": 49 * 21, "boxes": 49 * 4}
    assert model.get_layer("score_features").filters == 1024


def test_the_finest_of_several_levels():
    images, objects = squares(4)
    model = compiled(
        tiny(levels=("P3", "P4"), align=True, class_boxes=True, bins=2)
    )
    assert isinstance(model.get_layer("pyramid"), mtv.necks.FeaturePyramid)
    assert model.get_layer("boxes").level == "P3"
    assert model.output["rpn_boxes"].shape == (None, 3 * 64, 8)
    assert model.output["boxes"].shape == (None, 16, 16)
    model.fit(images, truth_of(objects), verbose=0)
    found = to_numpy(rfcn_detector(model)(images))
    assert np.isfinite(found["boxes"]).all()


def test_boxes_of_the_truth_join_while_training():
    images, objects = squares(4)
    inputs = {"image": images, "proposals": objects["boxes"]}
    model = tiny(num_proposals=3)
    rows = to_numpy(model(inputs))
    assert rows["classes"].shape == (4, 19, 8)
    np.testing.assert_allclose(rows["boxes"][:, 16:, -4:], objects["boxes"])
    plain = tiny()
    plain.set_weights(model.get_weights())
    same_detections(
        *(
            rfcn_detector(each, score_threshold=0.0)(images)
            for each in (model, plain)
        )
    )


def test_images_of_any_size():
    model = tiny(None)
    detector = rfcn_detector(model, num_regions=9, max_detections=5)
    for size in ((64, 96), (40, 33)):
        images = np.zeros((1, *size, 3), "float32")
        rows = to_numpy(model(images))
        cells = -(-size[0] // 8) * -(-size[1] // 8)
        assert rows["rpn_boxes"].shape == (1, 3 * cells, 8)
        assert rows["boxes"].shape == (1, 16, 8)
        assert to_numpy(detector(images))["boxes"].shape == (1, 5, 4)


def test_keras_draws_it():
    check_plots(tiny())


def faster_rcnn():
    return FasterRCNN(
        3,
        image_size=64,
        trunk=mtv.trunks.SmallResNet((4, 4, 4, 4)),
        levels=("P4",),
        units=4,
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tiny((64, 4)), "P3, has a stride of 8"),
        (lambda: tiny(bins=0), "bins"),
        (lambda: tiny(score_filters=0), "score_filters"),
        (lambda: tiny(num_proposals=None), "num_proposals"),
        (
            lambda: faster_rcnn_detector(tiny()),
            "RegionBoxesHead.*For that take `rfcn_detector`",
        ),
        (lambda: retinanet_detector(tiny()), "For that take `rfcn_detector`"),
        (
            lambda: rfcn_detector(faster_rcnn()),
            "PositionSensitiveBoxesHead.*`faster_rcnn_detector`",
        ),
        (lambda: rfcn_detector(tiny(), num_regions=0), "num_regions"),
    ],
)
def test_what_cannot_be_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()
