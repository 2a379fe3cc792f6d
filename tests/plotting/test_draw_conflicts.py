import numpy as np

from mtvision.plotting import draw_conflicts


def test_numbers_and_shares_are_written():
    rows = [
        {"task": "mask", "share": 0.75, "cosines": {"mask": 1.0, "box": -0.5}},
        {"task": "box", "share": 0.25, "cosines": {"mask": -0.5, "box": 1.0}},
    ]
    axis = draw_conflicts(rows).axes[0]
    texts = [text.get_text() for text in axis.texts]
    assert texts == ["1.00", "-0.50", "-0.50", "1.00"]
    labels = [label.get_text() for label in axis.get_yticklabels()]
    assert labels == ["mask (75 %)", "box (25 %)"]
    np.testing.assert_array_equal(
        axis.images[0].get_array(), [[1, -0.5], [-0.5, 1]]
    )
