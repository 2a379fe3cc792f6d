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
    FasterRCNN,
    RetinaNet,
    faster_rcnn_detector,
    faster_rcnn_losses,
    retinanet_detector,
)

TASKS = ("rpn_objectness", "rpn_boxes", "classes", "boxes")
ANCHORS = mtv.tasks.GridAnchors(cells=2.5, scales=(1.0,))


def tiny(image_size=64, **options):
    """P3 and P4 of a small trunk."""
    return FasterRCNN(
        3,
        **{
            "image_size": image_size,
            "trunk": mtv.trunks.SmallResNet((8, 8, 16, 16)),
            "levels": ("P3", "P4"),
            "extra_levels": 0,
            "filters": 16,
            "units": 32,
            "bins": 4,
            "num_regions": 16,
            "canonical_size": 64,
            "anchors": ANCHORS,
            **options,
        },
    )


def truth_of(objects):
    return dict.fromkeys(TASKS, objects)


def compiled(model, rate=5e-3, **options):
    losses = faster_rcnn_losses(**options)
    model.compile(keras.optimizers.Adam(rate), **losses, **without_xla())
    return model


def test_six_losses_on_one_trunk():
    images, objects = squares()
    masks = (images.max(axis=-1) > 100).astype("int32")
    empty = (objects["classes"][:, 0] < 0).astype("int32")
    model = compiled(
        tiny(
            heads={
                "mask": mtv.tasks.SegmentationHead(2, filters=8),
                "empty": mtv.tasks.ClassificationHead(2, level="P4"),
            }
        ),
        losses={
            "mask": mtv.tasks.SegmentationLoss(),
            "empty": mtv.tasks.ClassificationLoss(),
        },
        loss_weights={"mask": 0.5},
    )
    truth = truth_of(objects) | {"mask": masks, "empty": empty}
    check_losses_fall(model, images, truth, epochs=30, without=BOXES)
    detector = faster_rcnn_detector(
        model, max_detections=7, score_threshold=0.0
    )
    found = to_numpy(detector(images))
    assert {k: v.shape for k, v in found.items()} == {
        "boxes": (8, 7, 4),
        "scores": (8, 7),
        "classes": (8, 7),
    }
    assert found["boxes"].min() >= 0
    assert found["boxes"].max() <= 64
    check_save_and_load(model, images[:2])
    check_save_and_load(detector, images[:2])


def test_the_pyramid_of_the_paper():
    """P2 to P6, three anchors a cell; regions are pooled from P2 to P5."""
    trunk = mtv.trunks.SmallResNet((4, 4, 4, 4))
    model = FasterRCNN(
        4, image_size=512, trunk=trunk, filters=4, units=4, num_regions=9
    )
    anchors = 3 * sum((512 // stride) ** 2 for stride in (4, 8, 16, 32, 64))
    shapes = {task: tuple(x.shape) for task, x in model.output.items()}
    assert shapes == {
        "rpn_objectness": (None, anchors, 5),
        "rpn_boxes": (None, anchors, 8),
        "classes": (None, 9, 9),
        "boxes": (None, 9, 20),
    }
    assert model.get_layer("pooled").levels == ("P2", "P3", "P4", "P5")


def test_one_level_as_in_the_first_paper():
    """Nine anchors a cell of stride 16, and no pyramid."""
    images, objects = squares(2)
    model = compiled(tiny(levels=("P4",), extra_levels=1, anchors=None))
    assert model.output["rpn_boxes"].shape == (None, 9 * 16, 8)
    assert not isinstance(model.get_layer("pyramid"), mtv.necks.FeaturePyramid)
    history = model.fit(images, truth_of(objects), verbose=0).history
    assert np.isfinite(history["loss"]).all()
    found = to_numpy(faster_rcnn_detector(model)(images))
    assert found["boxes"].shape == (2, 100, 4)


def test_boxes_of_the_truth_join_while_training():
    images, objects = squares(4)
    inputs = {"image": images, "proposals": objects["boxes"]}
    model = tiny(num_proposals=3)
    assert set(model.input) == {"image", "proposals"}
    rows = to_numpy(model(inputs))
    assert rows["classes"].shape == (4, 19, 8)
    np.testing.assert_allclose(rows["boxes"][:, 16:, -4:], objects["boxes"])
    detector = faster_rcnn_detector(model, score_threshold=0.0)
    plain = tiny()
    plain.set_weights(model.get_weights())
    same_detections(
        detector(images),
        faster_rcnn_detector(plain, score_threshold=0.0)(images),
    )
    check_save_and_load(model, inputs)
    check_save_and_load(detector, images)


def test_joined_boxes_from_the_data():
    images, objects = squares(4)
    source = [
        {
            "image": image.astype("uint8"),
            "boxes": boxes[labels >= 0],
            "classes": labels[labels >= 0],
        }
        for image, boxes, labels in zip(images, *objects.values())
    ]
    batches = mtv.data.Batches(
        source,
        truth_of({"boxes": "boxes", "classes": "classes"}),
        inputs={"image": "image", "proposals": "boxes"},
        batch_size=2,
        max_objects=3,
    )
    model = compiled(tiny(num_proposals=3))
    history = model.fit(batches, verbose=0).history
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize(
    "box", [[0, 0, 0, 0], [90, 9, 99, 19], [5, 5, np.nan, 9], [9, 9, 5, 12]]
)
def test_boxes_that_are_none_join_as_padding(box):
    """Nothing changes: no loss, no output of another region."""
    images, objects = squares(2)
    proposals = np.zeros((2, 3, 4), "float32")
    model = tiny(num_proposals=3)
    expected = to_numpy(model({"image": images, "proposals": proposals}))
    proposals[:, 1] = box
    rows = to_numpy(model({"image": images, "proposals": proposals}))
    for task in TASKS:
        np.testing.assert_allclose(rows[task], expected[task], atol=1e-5)
    for task, loss in faster_rcnn_losses()["loss"].items():
        assert np.isfinite(to_numpy(loss(objects, rows[task])))


def test_images_without_objects_teach_background():
    images, objects = squares(4)
    objects["classes"][:] = -1
    objects["boxes"][:] = 0
    model = compiled(tiny())
    history = model.fit(images, truth_of(objects), epochs=6, verbose=0).history
    assert history["classes_loss"][-1] < history["classes_loss"][0]
    assert history["rpn_objectness_loss"][0] > 0
    assert history["boxes_loss"] == history["rpn_boxes_loss"] == [0.0] * 6


def test_images_of_any_size():
    model = tiny(None)
    detector = faster_rcnn_detector(model, max_detections=5)
    for size in ((64, 96), (40, 33)):
        images = np.zeros((1, *size, 3), "float32")
        rows = to_numpy(model(images))
        cells = sum(-(-size[0] // s) * -(-size[1] // s) for s in (8, 16))
        assert rows["rpn_boxes"].shape == (1, 3 * cells, 8)
        assert rows["boxes"].shape == (1, 16, 16)
        assert to_numpy(detector(images))["boxes"].shape == (1, 5, 4)


def test_a_detector_may_look_at_other_numbers_of_regions():
    images, _ = squares(2)
    model = tiny()
    few, all_of_them, many = (
        to_numpy(
            faster_rcnn_detector(
                model, num_regions=number, score_threshold=0.0
            )(images)
        )
        for number in (2, None, 40)
    )
    counts = [(found["classes"] >= 0).sum() for found in (few, many)]
    assert counts[0] <= 2 * 2 * 3 < counts[1]
    same = faster_rcnn_detector(model, num_regions=16, score_threshold=0.0)
    same_detections(all_of_them, to_numpy(same(images)))


def test_regions_stay_exact_in_mixed_precision():
    images, _ = squares(2)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = tiny()
    finally:
        keras.config.set_dtype_policy("float32")
    rows = to_numpy(model(images))
    assert {x.dtype.name for x in rows.values()} == {"float32"}
    regions = rows["classes"][..., -4:]
    np.testing.assert_array_equal(regions, rows["boxes"][..., -4:])
    assert (regions.astype("int32") != regions).any()


def test_keras_draws_it():
    check_plots(tiny())


def test_images_too_small_are_told():
    with pytest.raises(ValueError, match="P6, has a stride of 64"):
        FasterRCNN(
            3, image_size=(64, 60), trunk=mtv.trunks.SmallResNet((4, 4, 4, 4))
        )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tiny("large"), "image_size"),
        (lambda: tiny(trunk=mtv.trunks.SmallResNet), "Call it first"),
        (lambda: tiny(num_proposals=-1), "num_proposals"),
        (lambda: tiny(num_regions=0), "num_regions"),
        (
            lambda: tiny(heads={"classes": mtv.tasks.ClassificationHead(2)}),
            "other names",
        ),
        (
            lambda: retinanet_detector(tiny()),
            "DetectionHead.*For that take.*`faster_rcnn_detector`",
        ),
        (
            lambda: faster_rcnn_detector(tiny(), num_regions=0),
            "num_regions",
        ),
        (
            lambda: faster_rcnn_detector(
                RetinaNet(
                    3,
                    image_size=64,
                    trunk=mtv.trunks.SmallResNet((4, 4, 4, 4)),
                    extra_levels=0,
                )
            ),
            "rpn_objectness",
        ),
        (
            lambda: tiny().compile(
                "adam",
                loss=faster_rcnn_losses()["loss"]
                | {"boxes": mtv.tasks.DetectionLoss()},
            ),
            "RegionBoxesLoss",
        ),
    ],
)
def test_what_cannot_be_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_classes_out_of_range_are_told():
    images, objects = squares(2)
    objects["classes"][1, 0] = 3
    with pytest.raises(ValueError, match="sample 1 has the class 3"):
        compiled(tiny()).fit(images, truth_of(objects), verbose=0)
