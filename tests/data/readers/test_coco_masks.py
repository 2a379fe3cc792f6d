import sys

import numpy as np
import pytest

from mtvision.data.readers.coco_masks import draw_mask, parse_segmentation

mask_tools = pytest.importorskip("pycocotools.mask")

SHAPE = (20, 30)
TWO_PARTS = [[2, 2, 9.5, 3, 8, 12.25], [15, 5, 25, 5, 25, 15, 15, 15]]


def drawn(segmentation):
    return draw_mask(parse_segmentation(segmentation, SHAPE), SHAPE)


def test_polygons_are_filled_as_by_pycocotools():
    runs = mask_tools.merge(mask_tools.frPyObjects(TWO_PARTS, *SHAPE))
    mask = drawn(TWO_PARTS)
    np.testing.assert_array_equal(mask, mask_tools.decode(runs))
    # The square of the second polygon covers its pixels exactly.
    assert mask[5:15, 15:25].all()
    assert mask[:, 14:].sum() == 100


def test_all_forms_of_a_mask_are_equal():
    runs = mask_tools.merge(mask_tools.frPyObjects(TWO_PARTS, *SHAPE))
    expected = mask_tools.decode(runs)
    plain = np.diff(
        np.flatnonzero(np.diff(expected.ravel("F"), prepend=0, append=2)),
        prepend=0,
    )
    for counts in (runs["counts"], runs["counts"].decode(), plain.tolist()):
        mask = drawn({"size": list(SHAPE), "counts": counts})
        np.testing.assert_array_equal(mask, expected)
        assert mask.dtype == np.uint8


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        ([[1, 2, 3, 4]], "three or more pairs"),
        ([[1, 2, 3, 4, 5, 6, 7]], "three or more pairs"),
        ([1, 2, 3, 4, 5, 6], "three or more pairs"),
        ([[1, 2, 3, 4, 5, float("nan")]], "not finite"),
        ("polygon", "neither"),
        ({"size": [20, 30]}, "neither"),
        ({"size": [30, 20], "counts": "0"}, "of size"),
        ({"counts": "0"}, "of size"),
        ({"size": [20, 30], "counts": [5, 6]}, "add up to 11"),
        ({"size": [20, 30], "counts": "0"}, "add up to 0"),
        ({"size": [20, 30], "counts": ""}, "damaged"),
        ({"size": [20, 30], "counts": "P"}, "damaged"),
        ({"size": [20, 30], "counts": "~~~"}, "damaged"),
        ({"size": [20, 30], "counts": "PPPPPPPPP0"}, "damaged"),
    ],
)
def test_malformed_segmentations_are_refused(segmentation, message):
    with pytest.raises(ValueError, match=message):
        drawn(segmentation)


def test_polygons_without_pycocotools_say_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    with pytest.raises(ImportError, match="pip install pycocotools"):
        drawn(TWO_PARTS)
    runs = {"size": list(SHAPE), "counts": [100, 200, 300]}
    assert drawn(runs).sum() == 200
