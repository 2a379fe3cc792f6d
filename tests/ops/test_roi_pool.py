from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from batteries.backend import compiled, gradient, to_numpy
from mtvision.ops import ps_roi_align, ps_roi_pool, roi_pool

# torchvision 0.28.0, compiled kernels; images (N, C, H, W), boxes with the
# index of their image. Its ps_roi_align gives NaN for boxes without area.
VECTORS = dict(np.load(Path(__file__).parents[1] / "vectors/roi_pool_ps.npz"))
CASES = [name.removesuffix("/y") for name in VECTORS if name.endswith("/y")]
OPERATIONS = {
    "roi_pool": (roi_pool, {}),
    "ps_roi_pool": (ps_roi_pool, {}),
    "ps_roi_align_sr0": (ps_roi_align, {"sampling_ratio": 0}),
    "ps_roi_align_sr1": (ps_roi_align, {"sampling_ratio": 1}),
    "ps_roi_align_sr2": (ps_roi_align, {"sampling_ratio": 2}),
}


def last(x):
    return np.ascontiguousarray(np.moveaxis(x, 1, -1)).astype("float32")


@pytest.mark.parametrize("case", CASES)
def test_value_and_gradient_equal_the_compiled_kernel(case):
    group, options = case.split("/")
    name, size = options.rsplit("_o", 1)
    operation, arguments = OPERATIONS[name]
    features, rois = last(VECTORS[f"{case}/x"]), VECTORS[f"{group}/rois"]
    images, rows = rois[:, 0].astype(int), np.arange(len(rois))
    boxes = np.repeat(rois[None, :, 1:], len(features), 0).astype("float32")

    def pool(x):
        return operation(
            x,
            boxes,
            tuple(int(n) for n in size.split("x")),
            spatial_scale=1 / int(group.split("_s")[1]),
            **arguments,
        )

    pooled = to_numpy(compiled(pool)(ops.convert_to_tensor(features)))
    expected = last(VECTORS[f"{case}/y"])
    unknown = np.isnan(expected)
    expected = np.where(unknown, 0.0, expected)
    np.testing.assert_allclose(
        pooled[images, rows], expected, atol=1e-5 * np.abs(expected).max()
    )
    cotangent = np.zeros(pooled.shape, "float32")
    given = last(VECTORS[f"{case}/gy"])
    cotangent[images, rows] = np.where(unknown, 0.0, given)
    cotangent = ops.convert_to_tensor(cotangent)
    found = gradient(lambda x: pool(x) * cotangent, features)
    expected = last(VECTORS[f"{case}/gx"])
    known = np.isfinite(expected)
    np.testing.assert_allclose(
        found[known], expected[known], atol=1e-5 * np.abs(expected[known]).max()
    )


@pytest.mark.parametrize("name", list(OPERATIONS))
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_boxes_that_are_not_finite_give_zeros(name, bad):
    operation, arguments = OPERATIONS[name]
    features = np.ones((1, 6, 6, 4), "float32")
    boxes = np.array([[[bad, 0, 4, 4], [0, 0, 6, 6]]], "float32")

    def pool(x):
        return operation(x, boxes, 2, **arguments)

    pooled = to_numpy(pool(features))
    np.testing.assert_array_equal(pooled[0, 0], 0.0)
    np.testing.assert_allclose(pooled[0, 1], 1.0, atol=1e-6)
    assert np.isfinite(gradient(pool, features)).all()


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_low_precision_keeps_the_dtype(name):
    operation, arguments = OPERATIONS[name]
    boxes = np.array([[[0, 0, 6, 6]]], "float32")
    features = ops.ones((1, 6, 6, 4), "bfloat16")
    pooled = operation(features, boxes, 2, **arguments)
    assert keras.backend.standardize_dtype(pooled.dtype) == "bfloat16"


def test_a_maximum_of_equals_is_the_first():
    features = np.zeros((1, 4, 4, 1), "float32")
    boxes = np.array([[[0, 0, 3, 3]]], "float32")
    expected = np.zeros((1, 4, 4, 1))
    expected[0, 0, 0] = 1
    found = gradient(lambda x: roi_pool(x, boxes, 1), features)
    np.testing.assert_array_equal(found, expected)


def test_position_sensitive_bins_need_channels_of_their_own():
    for operation in (ps_roi_pool, ps_roi_align):
        with pytest.raises(ValueError, match="C x 3 x 3 channels.*received 8"):
            operation(np.zeros((1, 6, 6, 8)), np.zeros((1, 1, 4)), 3)
