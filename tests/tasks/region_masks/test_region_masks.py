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
    np.testing.assert_allclose(
        slope[0, :, :-4].reshape(expected.shape), expected, atol=1e-7
    )
    assert not slope[..., -4:].any()


def test_every_property_of_a_loss():
    check_loss(
        RegionMasksLoss,
        {
            "assigner": AnchorAssigner(high=0.6, low=0.2),
            "size": 4,
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
    slope = gradient(lambda p: RegionMasksLoss(size=4)(truth, p), rows())
    slope = np.abs(slope[..., :-4]).reshape(2, 5, 16, 3).max(axis=2) > 0
    assert slope[0].tolist() == [
        [False, True, False],
        [True, False, False],
        [False, True, False],
        [True, False, False],
        [False, False, False],
    ]


def test_an_object_without_a_mask_counts_nowhere():
    truth, _ = scene()
    loss = RegionMasksLoss(size=4, reduction=None)
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
    loss = RegionMasksLoss(size=6)
    assert float(loss(truth, join(logits, boxes))) < 1e-6
    wrong = float(loss(truth, join(-logits, boxes)))
    assert wrong == pytest.approx(20, rel=1e-5)
    image = np.zeros((2, 32, 32, 3), "float32")
    decode = DecodeRegionMasks(size=6)
    drawn = decode(join(logits, boxes), truth, image)["masks"]
    np.testing.assert_array_equal(to_numpy(drawn), masks)


def test_one_mask_for_all_classes():
    truth, _ = scene()
    one = rows(classes=1)
    truth["classes"][:] = 77
    assert float(RegionMasksLoss(size=4)(truth, one)) > 0


def test_rows_of_padding_have_no_mask():
    _, regions = scene()
    found = {
        "boxes": regions,
        "classes": np.int32([[0, 1, -1, 0, 0]] * 2),
    }
    predicted = np.full((2, 5, 36), 9.0, "float32")
    image = np.zeros((2, 32, 32, 3), "float32")
    masks = to_numpy(DecodeRegionMasks(size=4)(predicted, found, image))[
        "masks"
    ]
    assert (
        masks.any(axis=(2, 3)).tolist() == [[True, True, False, True, True]] * 2
    )


def test_decoder_in_a_model():
    arguments = {"size": 4, "threshold": 0.4, "aligned": False}
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
    assert outputs.shape == (2, 5, 6 * 6 * 3 + 4)
    np.testing.assert_array_equal(outputs[..., -4:], scene()[1])


@pytest.mark.parametrize("name", ["filters", "num_classes"])
def test_wrong_options_of_the_head(name):
    with pytest.raises(ValueError, match=name):
        RegionMasksHead(**{"num_classes": 2, name: 0})


def test_what_does_not_fit():
    truth, _ = scene()
    loss = RegionMasksLoss(size=4)
    with pytest.raises(ValueError, match=r"\(B, R, 5 \* 5 \* C \+ 4\)"):
        RegionMasksLoss(size=5)(truth, rows())
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
    for options in ({"size": 0}, {"threshold": 2}):
        with pytest.raises(ValueError, match=next(iter(options))):
            DecodeRegionMasks(**options)
