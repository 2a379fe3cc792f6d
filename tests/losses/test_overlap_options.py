"""Values and gradients of MONAI 1.6.1, one row for each of its options."""

from pathlib import Path

import numpy as np
import pytest

from batteries.backend import gradient
from mtvision.losses import (
    BinaryFocal,
    Dice,
    GeneralizedDice,
    Tversky,
    WeightedSum,
)
from mtvision.tasks.segmentation import SegmentationLoss

# Image 0 holds one class only, image 1 lacks one; `many` are labels of which
# a pixel may have several.
PATH = Path(__file__).parents[1] / "vectors" / "overlap_options.npz"
VECTORS = np.load(PATH)
LOGITS = VECTORS["logits"].astype("float32")
WEIGHTS = [0.5, 1.0, 2.0, 3.0]
NO_BACKGROUND = {"include_background": False}
MANY = {"multi_label": True}

LOSSES = {
    "dice_batch": Dice(batch=True),
    "dice_batch_nobg_sq": Dice(batch=True, squared=True, **NO_BACKGROUND),
    "dice_jaccard": Dice(jaccard=True),
    "dice_jaccard_sq_smooth1": Dice(jaccard=True, squared=True, smooth=1),
    "dice_smooth_pair": Dice(smooth=(0, 1)),
    "dice_weight": Dice(class_weights=WEIGHTS),
    "dice_weight_nobg": Dice(class_weights=WEIGHTS, **NO_BACKGROUND),
    "dice_many": Dice(**MANY),
    "dice_many_jaccard_batch": Dice(jaccard=True, batch=True, **MANY),
    "generalized_square": GeneralizedDice(smooth=1e-5),
    "generalized_simple": GeneralizedDice(weighting="simple", smooth=1e-5),
    "generalized_uniform": GeneralizedDice(weighting="uniform", smooth=1e-5),
    "generalized_batch": GeneralizedDice(batch=True, smooth=1e-5),
    "generalized_simple_nobg_batch": GeneralizedDice(
        weighting="simple", batch=True, smooth=1e-5, **NO_BACKGROUND
    ),
    "generalized_many": GeneralizedDice(smooth=1e-5, **MANY),
    "tversky_ab": Tversky(alpha=0.2, beta=0.9, smooth=(0, 0.5)),
    "tversky_batch_nobg": Tversky(batch=True, **NO_BACKGROUND),
    "tversky_many": Tversky(**MANY),
    "dice_cross_entropy": WeightedSum(
        [Dice(), SegmentationLoss()], weights=[0.4, 1.5]
    ),
    "dice_focal": WeightedSum(
        [Dice(**MANY), BinaryFocal(alpha=None, gamma=1.5)],
        weights=[0.4, 1.5],
    ),
}


def test_every_number_has_its_row():
    found = {k for k in VECTORS if f"{k}_grad" in VECTORS}
    assert found == set(LOSSES)


@pytest.mark.parametrize("name", LOSSES)
def test_value_and_gradient_of_monai(name):
    loss = LOSSES[name]
    many = "many" in name or name == "dice_focal"
    truth = VECTORS["many" if many else "labels"].astype("int32")
    value = float(loss(truth, LOGITS))
    assert value == pytest.approx(float(VECTORS[name]), rel=1e-5)
    slope = gradient(lambda p: loss(truth, p), LOGITS)
    expected = VECTORS[f"{name}_grad"]
    np.testing.assert_allclose(
        slope, expected, atol=1e-5 * np.abs(expected).max()
    )
