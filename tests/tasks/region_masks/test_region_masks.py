from pathlib import Path

import keras
import numpy as np
import pytest

from batteries.backend import gradient, to_numpy
from batteries.layers import check_layer
from batteries.losses import check_loss
from mtvision.ops.anchor_assigner import AnchorAssigner
from mtvision.tasks.region_masks import (
    DecodeRegionMasks,
    RegionMasksHead,
    RegionMasksLoss,
)
from mtvision.tasks.region_masks.columns import join

# torchvision 0.28.0, maskrcnn_loss and its gradient.
FOLDER = Path(__file__).parents[2] / "vectors"
VECTORS = dict(np.load(FOLDER / "region_targets.npz"))
RANDOM = np.random.default_rng(0)


class Given:
    """An assigner that was told the matches."""

    def __init__(self, matches):
        self.matches = matches

    def __call__(self, objects, boxes):
        return keras.ops.convert_to_tensor(self.matches, dtype="int32")


def scene(batch=2, side=32):
    """Two objects an image, and regions of which four show one."""
    boxes = np.float32([[2, 2, 14, 14], [16, 10, 30, 28]])
    masks = np.zeros((2, side, side), "uint8")
    masks[0, 2:14, 2:8] = masks[1, 12:26, 16:30] = 1
    truth = {"boxes": boxes, "classes": np.int32([1, 0]), "masks": masks}
    truth = {k: np.stack([v] * batch) for k, v in truth.items()}
    truth["boxes"][1:] += 1
    regions = np.float32(
        [*boxes, [3, 2, 14, 15], [16, 9, 29, 28], [0, 20, 9, 31]]
    )
    regions = np.stack([regions] * batch)
    return truth, regions


def rows(classes=3, size=4):
    _, regions = scene()
    logits = RANDOM.normal(size=(2, 5, size, size, classes))
    return to_numpy(join(logits.astype("float32"), regions))


def region_of(rows):
    """The region behind the maps of more than four numbers a row."""
    return rows[:, :, -1].reshape(2, 5, -1)[..., :4]


def test_loss_and_gradient_equal_torchvision():
    regions = VECTORS["mask_boxes"][None]
    logits = np.moveaxis(VECTORS["loss_mask_logits"], 1, -1)[None]
    truth = {
        "boxes": np.float32([[[0, 0, 60, 60]] * 3]),
        "classes": VECTORS["loss_labels"][None],
        "masks": VECTORS["mask_gt"][None],
    }
    loss = RegionMasksLoss(
        assigner=Given(VECTORS["mask_matched_idx"][None]), aligned=False
    )
    predicted = to_numpy(join(logits, regions))
    assert float(loss(truth, predicted)) == pytest.approx(
        float(VECTORS["loss_mask"]), rel=1e-5
    )
    slope = gradient(lambda p: loss(truth, p), predicted)
    expected = np.moveaxis(VECTORS["loss_mask_gradient"], 1, -1)
    np.testing.assert_allclose(slope[0, :, :28], expected, atol=1e-7)
    assert not slope[:, :, 28:].any()


def test_every_property_of_a_loss():
    check_loss(
        RegionMasksLoss,
        {
            "assigner": AnchorAssigner(high=0.6, low=0.2),
            "aligned": False,
            "num_samples": 4,
            "positive_share": 0.5,
            "normalize_by": "image",
            "reduction": "sum",
        },
        scene()[0],
        rows(),
    )


def test_only_the_mask_of_the_objects_class_counts():
    truth, _ = scene()
    slope = gradient(lambda p: RegionMasksLoss()(truth, p), rows())
    slope = np.abs(slope[:, :, :4]).max(axis=(2, 3)) > 0
    assert slope[0].tolist() == [
        [False, True, False],
        [True, False, False],
        [False, True, False],
        [True, False, False],
        [False, False, False],
    ]


def test_an_object_without_a_mask_counts_nowhere():
    truth, _ = scene()
    loss = RegionMasksLoss(reduction=None)
    truth["masks"][:, 1] = 0
    slope = gradient(lambda p: loss(truth, p), rows())
    assert np.abs(slope[0, 0]).max() > 0
    assert not slope[:, [1, 3, 4]].any()
    truth["masks"][1] = 0
    assert to_numpy(loss.labelled(truth)).tolist() == [True, False]
    assert to_numpy(loss(truth, rows()))[1] == 0
    assert not gradient(lambda p: loss(truth, p), rows())[1].any()
    truth["classes"][1] = -1
    assert to_numpy(loss.labelled(truth)).tolist() == [True, True]


def test_masks_of_cells_cost_nothing_and_come_back():
    """Exactly: cells of at most 2 pixels, with edges between the pixels.

    A pixel then has more than half of its own cell's value, and no sample of
    a target lies between two cells.
    """
    cells = RANDOM.integers(0, 2, (2, 2, 6, 6)).astype("uint8")
    masks = np.zeros((2, 2, 32, 32), "uint8")
    masks[:, 0, 2:14, 2:14] = cells[:, 0].repeat(2, -1).repeat(2, -2)
    masks[:, 1, 10:22, 16:22] = cells[:, 1].repeat(2, -2)
    boxes = np.float32([[[2, 2, 14, 14], [16, 10, 22, 22]]] * 2)
    truth = {"boxes": boxes, "classes": np.int32([[1, 0]] * 2), "masks": masks}
    logits = np.zeros((2, 2, 6, 6, 2), "float32")
    for row, own in enumerate((1, 0)):
        logits[:, row, ..., own] = 40.0 * cells[:, row] - 20
    loss = RegionMasksLoss()
    assert float(loss(truth, join(logits, boxes))) < 1e-6
    wrong = float(loss(truth, join(-logits, boxes)))
    assert wrong == pytest.approx(20, rel=1e-5)
    image = np.zeros((2, 32, 32, 3), "float32")
    decode = DecodeRegionMasks()
    drawn = decode(join(logits, boxes), truth, image)["masks"]
    np.testing.assert_array_equal(to_numpy(drawn), masks)


@pytest.mark.parametrize("size", [28, 56])
def test_head_loss_and_decoder_agree_about_the_size(size):
    """Nobody states it: rows of all sizes are read as they were drawn."""
    masks = np.zeros((1, 1, 32, 32), "uint8")
    masks[..., 2:30, 2:16] = 1
    boxes = np.float32([[[2, 2, 30, 30]]])
    truth = {"boxes": boxes, "classes": np.int32([[0]]), "masks": masks}
    logits = np.full((1, 1, size, size, 4), -20.0, "float32")
    logits[:, :, :, : size // 2, 0] = 20
    predicted = to_numpy(join(logits, boxes))
    assert float(RegionMasksLoss()(truth, predicted)) < 1
    drawn = DecodeRegionMasks()(predicted, truth, np.zeros((1, 32, 32, 3)))
    wrong = to_numpy(drawn["masks"]) != masks
    assert wrong.mean() < 0.05
    # Neither is a number of columns enough.
    with pytest.raises(ValueError, match=r"\(B, R, S \+ 1, S, C\)"):
        RegionMasksLoss()(truth, predicted.reshape(1, 1, -1))


def test_one_mask_for_all_classes():
    truth, _ = scene()
    one = rows(classes=1)
    truth["classes"][:] = 77
    assert float(RegionMasksLoss()(truth, one)) > 0


def test_rows_of_padding_have_no_mask():
    _, regions = scene()
    found = {
        "boxes": regions,
        "classes": np.int32([[0, 1, -1, 0, 0]] * 2),
    }
    predicted = np.full((2, 5, 5, 4, 2), 9.0, "float32")
    image = np.zeros((2, 32, 32, 3), "float32")
    masks = to_numpy(DecodeRegionMasks()(predicted, found, image))["masks"]
    assert (
        masks.any(axis=(2, 3)).tolist() == [[True, True, False, True, True]] * 2
    )


def test_decoder_in_a_model():
    arguments = {"threshold": 0.4, "aligned": False}
    found = {
        "boxes": scene()[1],
        "classes": np.float32([[0, 1, -1, 0, 0]] * 2),
    }
    image = np.zeros((2, 32, 32, 3), "float32")
    check_layer(
        DecodeRegionMasks,
        arguments,
        (rows(), found, image),
        differentiable=False,
    )


def test_head():
    pooled = RANDOM.normal(size=(2, 5, 3, 3, 6)).astype("float32")
    outputs = check_layer(
        RegionMasksHead,
        {"num_classes": 3, "filters": 4, "depth": 2},
        (pooled, scene()[1]),
        without_gradient=(1,),
    )
    assert outputs.shape == (2, 5, 7, 6, 3)
    np.testing.assert_array_equal(region_of(outputs), scene()[1])


@pytest.mark.parametrize("name", ["filters", "num_classes"])
def test_wrong_options_of_the_head(name):
    with pytest.raises(ValueError, match=name):
        RegionMasksHead(**{"num_classes": 2, name: 0})


def test_masks_that_are_none():
    truth, _ = scene()
    loss = RegionMasksLoss()
    loss.check_truth(truth, rows())
    loss.check_image_size(truth, (32, 32))
    with pytest.raises(ValueError, match="masks have.*images"):
        loss.check_image_size(truth, (64, 64))
    truth["masks"] = truth["masks"] * np.float32(0.3)
    with pytest.raises(ValueError, match="'masks' of sample 0 hold 0.3"):
        loss.check_truth(truth, rows())


def test_what_does_not_fit():
    truth, _ = scene()
    loss = RegionMasksLoss()
    with pytest.raises(ValueError, match=r"\(B, R, S \+ 1, S, C\)"):
        loss(truth, rows()[:, :, :4])
    without = {k: v for k, v in truth.items() if k != "masks"}
    with pytest.raises(ValueError, match="'masks'.*received"):
        loss(without, rows())
    with pytest.raises(ValueError, match="'masks'"):
        loss.check_truth(without, rows())
    truth["classes"][0, 0] = 3
    with pytest.raises(ValueError, match="class 3"):
        loss.check_truth(truth, rows())
    with pytest.raises(ValueError, match="maps|expects"):
        RegionMasksHead(2)(np.zeros((1, 5, 3, 4, 2)), np.zeros((1, 5, 4)))
    with pytest.raises(ValueError, match="threshold"):
        DecodeRegionMasks(threshold=2)
