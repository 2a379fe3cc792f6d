import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mtvision.data.readers.run_lengths import (
    check_runs,
    decode_runs,
    decompress_runs,
)

mask_tools = pytest.importorskip("pycocotools.mask")

masks = arrays.arrays(
    "uint8",
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    elements=st.integers(0, 1),
    fill=st.integers(0, 1),
)


@given(masks)
def test_masks_compressed_by_pycocotools_come_back(mask):
    text = mask_tools.encode(np.asfortranarray(mask))["counts"]
    counts = decompress_runs(text)
    check_runs(counts, mask.shape)
    np.testing.assert_array_equal(decode_runs(counts, mask.shape), mask)


@pytest.mark.parametrize("first", [0, 1, 31, 32, 1023, 40_000, 5_000_000])
def test_long_runs(first):
    shape = (2500, 4000)
    counts = [first, 17, 2500 * 4000 - first - 17]
    text = mask_tools.frPyObjects({"size": shape, "counts": counts}, *shape)
    assert decompress_runs(text["counts"].decode()).tolist() == counts


@given(st.binary(max_size=40))
def test_damaged_texts_are_refused_or_fill_no_mask(text):
    """No text reads memory that is not there, as pycocotools does."""
    try:
        counts = decompress_runs(text)
        check_runs(counts, (4, 4))
    except ValueError:
        return
    assert decode_runs(counts, (4, 4)).shape == (4, 4)


@pytest.mark.parametrize("counts", [[3, 2], [-1, 17], [20], [[16]], []])
def test_runs_that_do_not_fill_the_mask_are_refused(counts):
    with pytest.raises(ValueError, match="its run lengths"):
        check_runs(counts, (4, 4))
