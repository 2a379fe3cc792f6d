import numpy as np
import pytest

from mtvision.data import Batches, gather_truth


def test_all_batches_are_joined_in_order():
    image = np.zeros((4, 4, 3), "uint8")
    source = [{"image": image, "label": i, "size": i / 2} for i in range(5)]
    targets = {"digit": "label", "both": {"a": "label", "b": "size"}}
    truth = gather_truth(Batches(source, targets, batch_size=2))
    assert truth["digit"].tolist() == [0, 1, 2, 3, 4]
    assert truth["both"]["b"].tolist() == [0, 0.5, 1, 1.5, 2]


def test_nothing_to_gather():
    with pytest.raises(ValueError, match="at least one batch"):
        gather_truth([])
