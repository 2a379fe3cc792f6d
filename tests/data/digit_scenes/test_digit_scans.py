import numpy as np
import pytest
from sklearn.datasets import load_digits

from mtvision.data.digit_scenes.digit_scans import SPLITS, load_digit_scans


def test_splits_are_disjoint_and_complete():
    digits = load_digits()
    rows = np.concatenate([load_digit_scans(name)[0] for name in SPLITS])
    assert len(rows) == len(digits.images) == 1797
    order = [np.lexsort(a.reshape(1797, -1).T) for a in (rows, digits.images)]
    np.testing.assert_array_equal(rows[order[0]], digits.images[order[1]])


def test_no_scan_is_in_two_splits():
    seen = [
        {scan.tobytes() for scan in load_digit_scans(name)[0]}
        for name in SPLITS
    ]
    assert not seen[0] & seen[1]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]


def test_every_digit_is_split_alike():
    for name, share in zip(SPLITS, (0.7, 0.15, 0.15)):
        _, labels = load_digit_scans(name)
        counts = np.bincount(labels, minlength=10)
        np.testing.assert_allclose(counts / 179.7, share, atol=0.02)


def test_an_unknown_split_raises():
    with pytest.raises(ValueError, match="received 'trian'"):
        load_digit_scans("trian")
