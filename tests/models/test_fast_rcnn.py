import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.recipes import (
    check_losses_fall,
    check_plots,
    check_save_and_load,
    without_xla,
)
from batteries.squares import proposals_of, squares
from mtvision.models import (
    FasterRCNN,
    FastRCNN,
    fast_rcnn_detector,
    fast_rcnn_losses,
    faster_rcnn_detector,
    retinanet_detector,
    rfcn_detector,
)

NUMBER = 12


def tiny(image_size=64, **options):
    """P3 of a small trunk."""
    return FastRCNN(
        3,
        **{
            "image_size": image_size,
            "trunk": mtv.trunks.SmallResNet((8, 8, 16, 16)),
            "levels": ("P3",),
            "units": 32,
            "bins": 4,
            "num_proposals": NUMBER,
            **options,
        },
    )


def data(number=8):
    images, objects = squares(number)
    proposals = proposals_of(objects["boxes"], NUMBER, 64)
    return {"image": images, "proposals": proposals}, objects


def compiled(model, rate=5e-3, **options):
    losses = fast_rcnn_losses(**options)
    model.compile(keras.optimizers.Adam(rate), **losses, **without_xla())
    return model


def test_regions_a_mask_and_a_class_in_one_model():
    inputs, objects = data()
    masks = (inputs["image"].max(axis=-1) > 100).astype("int32")
    model = compiled(
        tiny(heads={"mask": mtv.tasks.SegmentationHead(2, filters=8)}),
        losses={"mask": mtv.tasks.SegmentationLoss()},
        loss_weights={"mask": 0.5},
    )
    truth = {"classes": objects, "boxes": objects, "mask": masks}
    check_losses_fall(model, inputs, truth, epochs=15)
    detector = fast_rcnn_detector(model, max_detections=7, score_threshold=0.0)
    found = to_numpy(detector(inputs))
    assert {k: v.shape for k, v in found.items()} == {
        "boxes": (8, 7, 4),
        "scores": (8, 7),
        "classes": (8, 7),
    }
    few = {name: x[:2] for name, x in inputs.items()}
    check_save_and_load(model, few)
    check_save_and_load(detector, few)


def test_pools_as_the_paper_by_default():
    model = tiny(levels=("P4",))
    pool = model.get_layer("pooled")
    assert isinstance(pool, mtv.layers.RoIPool)
    assert pool.spatial_scale == 1 / 16
    assert model.output["boxes"].shape == (None, NUMBER, 16)


@pytest.mark.parametrize(
    ("levels", "align"), [(("P3",), True), (("P3", "P4"), None)]
)
def test_pools_exactly_on_one_level_or_a_pyramid(levels, align):
    inputs, objects = data(2)
    model = tiny(levels=levels, align=align, filters=8)
    pool = model.get_layer("pooled")
    assert isinstance(pool, mtv.layers.MultilevelRoIAlign)
    assert pool.levels == levels
    for task, rows in model(inputs).items():
        loss = fast_rcnn_losses()["loss"][task]
        assert to_numpy(loss(objects, rows)) > 0


def test_any_number_of_proposals_and_images_of_any_size():
    model = tiny(None, num_proposals=None)
    detector = fast_rcnn_detector(model, max_detections=5)
    for size, number in (((64, 96), 9), ((40, 33), 1)):
        inputs = {
            "image": np.zeros((2, *size, 3), "float32"),
            "proposals": np.tile([[2.0, 3, 30, 30]], (2, number, 1)),
        }
        rows = to_numpy(model(inputs))
        assert rows["boxes"].shape == (2, number, 16)
        assert to_numpy(detector(inputs))["boxes"].shape == (2, 5, 4)
    images, objects = squares(2)
    inputs = {"image": images, "proposals": objects["boxes"]}
    compiled(model)
    history = model.fit(
        inputs, {"classes": objects, "boxes": objects}, verbose=0
    ).history
    assert np.isfinite(history["loss"]).all()


def test_each_region_is_looked_at_by_itself():
    """Whatever the others are, and in whatever order they come."""
    inputs, _ = data(2)
    model = tiny()
    rows = to_numpy(model(inputs))
    order = np.random.default_rng(0).permutation(NUMBER)
    mixed = inputs | {"proposals": inputs["proposals"][:, order]}
    for task, values in to_numpy(model(mixed)).items():
        np.testing.assert_allclose(values, rows[task][:, order], atol=1e-4)


def test_proposals_are_cut_at_the_border():
    inputs, _ = data(1)
    inputs["proposals"][0, 0] = [-20, 8, 30, 90]
    rows = to_numpy(tiny()(inputs))
    for task in ("classes", "boxes"):
        np.testing.assert_array_equal(rows[task][0, 0, -4:], [0, 8, 30, 64])


@pytest.mark.parametrize(
    "box",
    [
        [0, 0, 0, 0],
        [90, 9, 99, 19],
        [5, 5, np.nan, 9],
        [9, 9, 5, 12],
        [1, 1, np.inf, 9],
    ],
)
def test_proposals_that_are_none_are_padding(box):
    inputs, objects = data(4)
    inputs["proposals"][:, 3:] = box
    model = tiny()
    rows = to_numpy(model(inputs))
    assert not rows["classes"][:, 3:, -4:].any()
    for task, loss in fast_rcnn_losses()["loss"].items():
        padded = to_numpy(loss(objects, rows[task]))
        alone = to_numpy(loss(objects, rows[task][:, :3]))
        np.testing.assert_allclose(padded, alone, rtol=1e-5)
    detector = fast_rcnn_detector(model, score_threshold=0.0)
    found = to_numpy(detector(inputs))
    assert (found["classes"] >= 0).sum(axis=1).max() <= 3 * 3


def test_a_nan_is_told_before_a_step():
    inputs, objects = data(2)
    inputs["proposals"][1, 0, 2] = np.nan
    with pytest.raises(ValueError, match="'proposals': sample 1 holds NaN"):
        compiled(tiny()).fit(
            inputs, {"classes": objects, "boxes": objects}, verbose=0
        )


@pytest.mark.parametrize("rows", [NUMBER, 0])
def test_no_proposals_at_all(rows):
    inputs, objects = data(2)
    inputs["proposals"] = np.zeros((2, rows, 4), "float32")
    model = compiled(tiny(num_proposals=None))
    before = to_numpy([v.value for v in model.trainable_variables])
    history = model.fit(
        inputs, {"classes": objects, "boxes": objects}, verbose=0
    ).history
    assert history["loss"] == [0.0]
    for old, new in zip(before, model.trainable_variables):
        np.testing.assert_allclose(old, to_numpy(new.value))
    found = to_numpy(fast_rcnn_detector(model)(inputs))
    assert (found["classes"] == -1).all()


def test_proposals_from_the_data():
    """More of them than objects, and one image without any."""
    inputs, objects = data(4)
    source = [
        {
            "image": image.astype("uint8"),
            "boxes": boxes[labels >= 0],
            "classes": labels[labels >= 0],
            "proposal_boxes": proposals[: 5 * k],
        }
        for k, (image, proposals, boxes, labels) in enumerate(
            zip(*inputs.values(), *objects.values())
        )
    ]
    fields = {"boxes": "boxes", "classes": "classes"}
    batches = mtv.data.Batches(
        source,
        {"classes": fields, "boxes": fields},
        inputs={"image": "image", "proposals": "proposal_boxes"},
        batch_size=2,
        max_objects={"boxes": 3, "proposal_boxes": 15},
        invalid_boxes="drop",
    )
    assert batches[0][0]["proposals"].shape == (2, 15, 4)
    assert batches[0][1]["boxes"]["boxes"].shape == (2, 3, 4)
    model = compiled(tiny(num_proposals=15))
    history = model.fit(batches, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    pytest.importorskip("pycocotools")
    scores = mtv.metrics.CocoMeanAveragePrecision(
        batches, fast_rcnn_detector(model), task="boxes"
    ).evaluate()
    assert 0 <= scores["AP"] <= 1


def test_regions_between_the_bands_teach_nothing():
    """Positive, neutral and negative by their overlap."""
    assigner = mtv.tasks.AnchorAssigner(
        high=0.6, low=0.3, allow_low_quality=False
    )
    loss = fast_rcnn_losses(regions={"assigner": assigner})["loss"]["classes"]
    objects = {"boxes": np.array([[[0, 0, 10, 10]]]), "classes": [[1]]}
    values = []
    # IoU of 0.7, 0.4 and 0.2.
    for side in (7.0, 4.0, 2.0):
        rows = np.array([[[1.0, 2.0, 4.0, 0, 0, 10, side]]], "float32")
        values.append(float(loss(objects, rows)))
    entropy = np.log(np.exp([1.0, 2.0, 4.0]).sum())
    np.testing.assert_allclose(values, [entropy - 2, 0, entropy - 4], 1e-5)


def test_keras_draws_it():
    check_plots(tiny())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tiny(num_proposals=0), "num_proposals as a whole number of 1"),
        (lambda: tiny(num_proposals=-1), "num_proposals"),
        (lambda: tiny((64, 4)), "P3, has a stride of 8"),
        (lambda: tiny(levels=("P3", "P4"), align=False), "align=True"),
        (lambda: tiny(align="no"), "align as True, False or None.*'no'"),
        (lambda: tiny(canonical_size=64), "no canonical_size, received .*=64"),
        (
            lambda: tiny(align=True, canonical_size="x"),
            "canonical_size as a positive number, received 'x'",
        ),
        (lambda: tiny(dropout=1.0), "dropout"),
        (
            lambda: retinanet_detector(tiny()),
            "For that take `fast_rcnn_detector`",
        ),
        (lambda: rfcn_detector(tiny()), "PositionSensitiveBoxesHead"),
        (lambda: faster_rcnn_detector(tiny()), "task='rpn_objectness'"),
        (
            lambda: fast_rcnn_detector(
                FasterRCNN(
                    3,
                    image_size=64,
                    trunk=mtv.trunks.SmallResNet((4, 4, 4, 4)),
                    levels=("P4",),
                    num_proposals=2,
                    units=4,
                )
            ),
            "proposes its regions itself.*`faster_rcnn_detector`",
        ),
    ],
)
def test_what_cannot_be_is_said(make, message):
    with pytest.raises(ValueError, match=message):
        make()
