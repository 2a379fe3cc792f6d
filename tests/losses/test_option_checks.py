"""Options that are no numbers, or no switches, are refused when given."""

import pytest

from mtvision import losses, metrics, tasks

NAN, INF = float("nan"), float("inf")
OVERLAPS = [losses.Dice, losses.Tversky, losses.GeneralizedDice]
WEIGHTED = [losses.Dice, losses.Tversky, losses.CategoricalFocal]
WEIGHTED += [tasks.SegmentationLoss]
SWITCHES = ("from_logits", "multi_label", "include_background", "batch")
WRONG = [
    *((cls, "smooth", x) for cls in OVERLAPS for x in (INF, NAN, "1", (0, -1))),
    *((cls, switch, "False") for cls in OVERLAPS for switch in SWITCHES),
    (losses.Dice, "squared", "no"),
    (losses.Dice, "jaccard", "no"),
    *(
        (cls, "class_weights", x)
        for cls in WEIGHTED
        for x in (2.0, "12", {0: 1}, [1, -1], [1, NAN], ["1", 2])
    ),
    *((cls, "ignore_class", "255") for cls in (*OVERLAPS, *WEIGHTED)),
    *((losses.Tversky, k, x) for k in ("alpha", "beta") for x in (NAN, "1")),
    (losses.CategoricalFocal, "gamma", "2"),
    (losses.BinaryFocal, "gamma", NAN),
    (losses.BinaryFocal, "alpha", "1"),
]


@pytest.mark.parametrize(("cls", "option", "value"), WRONG)
def test_losses(cls, option, value):
    with pytest.raises(ValueError, match=f"{option}.*received"):
        cls(**{option: value})


@pytest.mark.parametrize("weights", ["1", ["1"], [INF], [NAN], 1.0])
def test_weighted_sum(weights):
    with pytest.raises(ValueError, match="weights.*received"):
        losses.WeightedSum(["mse"], weights=weights)


@pytest.mark.parametrize("cls", [metrics.MeanIoU, metrics.ConfusionMatrix])
def test_metrics(cls):
    for number in ("3", 2.5, None, True):
        with pytest.raises(ValueError, match="num_classes.*received"):
            cls(number)
    with pytest.raises(ValueError, match="ignore_class.*received"):
        cls(3, ignore_class="255")
