from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from batteries.backend import compiled, gradient, to_numpy
from batteries.properties import cases
from mtvision.ops import multilevel_roi_align, roi_align

# torchvision 0.28.0, compiled kernels; images (N, C, H, W), boxes with the
# index of their image.
FOLDER = Path(__file__).parents[1] / "vectors"
VECTORS = dict(np.load(FOLDER / "roi_align.npz"))
CASES = [name.removesuffix("/y") for name in VECTORS if name.endswith("/y")]
RNG = np.random.default_rng(0)


def last(x):
    return np.ascontiguousarray(np.moveaxis(x, 1, -1)).astype("float32")


@pytest.mark.parametrize("case", CASES)
def test_value_and_gradient_equal_the_compiled_kernel(case):
    group, options = case.split("/")
    size, ratio, aligned = options.split("_")
    features, rois = last(VECTORS[f"{group}/x"]), VECTORS[f"{group}/rois"]
    images, rows = rois[:, 0].astype(int), np.arange(len(rois))
    boxes = np.repeat(rois[None, :, 1:], len(features), 0).astype("float32")

    def pool(x):
        return roi_align(
            x,
            boxes,
            [int(n) for n in size[1:].split("x")],
            spatial_scale=1 / int(group.split("_s")[1]),
            sampling_ratio=int(ratio[2:]),
            aligned=aligned == "al1",
        )

    pooled = to_numpy(compiled(pool)(ops.convert_to_tensor(features)))
    expected = last(VECTORS[f"{case}/y"])
    np.testing.assert_allclose(
        pooled[images, rows], expected, atol=1e-5 * np.abs(expected).max()
    )
    cotangent = np.zeros(pooled.shape, "float32")
    cotangent[images, rows] = last(VECTORS[f"{group}/{size}/gy"])
    cotangent = ops.convert_to_tensor(cotangent)
    found = gradient(lambda x: pool(x) * cotangent, features)
    expected = last(VECTORS[f"{case}/gx"])
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, atol=1e-5 * scale)


def pyramid_and_boxes():
    vectors = np.load(FOLDER / "multiscale_roi_align.npz")
    pyramid = {f"P{n + 2}": last(vectors[f"feat{n}"]) for n in range(4)}
    boxes = np.full((2, 9, 4), np.nan, "float32")
    boxes[0], boxes[1, :8] = vectors["boxes0"], vectors["boxes1"]
    return pyramid, boxes, last(vectors["y"])


def test_levels_equal_the_compiled_kernel():
    pyramid, boxes, expected = pyramid_and_boxes()
    pooled = to_numpy(multilevel_roi_align(pyramid, boxes, 7))
    np.testing.assert_array_equal(pooled[1, 8], 0.0)
    pooled = np.concatenate([pooled[0], pooled[1, :8]])
    scale = np.abs(expected).max()
    np.testing.assert_allclose(pooled, expected, atol=1e-5 * scale)


def test_adaptive_samples_come_from_the_level_too():
    pyramid, boxes, _ = pyramid_and_boxes()
    pyramid = {name: x[:1] for name, x in pyramid.items()}
    levels = np.load(FOLDER / "multiscale_roi_align.npz")["levels"][:9]
    pooled = multilevel_roi_align(pyramid, boxes[:1], 3, sampling_ratio=0)
    for number in range(4):
        alone = roi_align(
            pyramid[f"P{number + 2}"],
            boxes[:1, levels == number],
            3,
            spatial_scale=0.25 / 2**number,
            sampling_ratio=0,
            aligned=False,
        )
        found = to_numpy(pooled)[:, levels == number]
        np.testing.assert_allclose(found, to_numpy(alone), atol=1e-5)


def test_a_pyramid_may_lack_levels():
    pyramid = {"P2": np.ones((1, 99, 99, 1)), "P4": 2 * np.ones((1, 25, 25, 1))}
    sides = np.array([40.0, 112.0, 223.0, 224.0, 300.0])
    boxes = np.stack([sides * 0, sides * 0, sides, sides], -1)[None]
    pooled = multilevel_roi_align(pyramid, boxes, 1)
    expected = [1, 1, 1, 2, 2]  # what would be of P3 comes from P2
    np.testing.assert_allclose(to_numpy(pooled)[0, :, 0, 0, 0], expected)


@cases(20)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 3))
def test_the_whole_map_at_its_own_size_is_the_map(height, width, stride):
    features = RNG.normal(size=(1, height, width, 2)).astype("float32")
    box = np.array([[[0, 0, width * stride, height * stride]]], "float32")
    for ratio in (1, 0):
        pooled = roi_align(
            features,
            box,
            (height, width),
            spatial_scale=1 / stride,
            sampling_ratio=ratio,
        )
        np.testing.assert_allclose(to_numpy(pooled)[:, 0], features, atol=1e-5)


@pytest.mark.parametrize("ratio", [0, 2])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
def test_boxes_that_are_not_finite_give_zeros(bad, ratio):
    features = np.ones((1, 6, 6, 2), "float32")
    boxes = np.array([[[bad, 0, 4, 4], [1, 1, 4, -bad], [0, 0, 6, 6]]])

    def pool(x):
        return roi_align(x, boxes.astype("float32"), 2, sampling_ratio=ratio)

    pooled = to_numpy(pool(features))
    assert np.isfinite(pooled).all()
    np.testing.assert_array_equal(pooled[0, :2], 0.0)
    assert (pooled[0, 2] > 0).all()
    assert np.isfinite(gradient(pool, features)).all()


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_coordinates_stay_float32(dtype):
    ramp = np.clip(np.arange(512.0) - 330, -8, 8)  # exact in bfloat16 too
    ramp = np.broadcast_to(ramp[:, None], (1, 4, 512, 1))
    boxes = np.array([[[333.0, 1.0, 335.0, 3.0]]], "float32")
    pooled = roi_align(ops.cast(ramp, dtype), boxes, 1)
    assert keras.backend.standardize_dtype(pooled.dtype) == dtype
    assert float(ops.cast(pooled, "float32")[0, 0, 0, 0, 0]) == 3.5


def test_images_of_any_size():
    features = keras.Input((None, None, 3))
    boxes = keras.Input((5, 4))
    from mtvision.layers import RoIAlign

    model = keras.Model(
        (features, boxes), RoIAlign(4, spatial_scale=1 / 4)(features, boxes)
    )
    assert model.output_shape == (None, 5, 4, 4, 3)
    for size in (8, 12):
        x = RNG.normal(size=(2, size, size + 1, 3)).astype("float32")
        b = RNG.uniform(0, 40, (2, 5, 4)).astype("float32")
        expected = roi_align(x, b, 4, spatial_scale=1 / 4)
        np.testing.assert_allclose(
            model.predict((x, b), verbose=0), to_numpy(expected), atol=1e-5
        )


@pytest.mark.parametrize(
    ("features", "boxes", "size", "options", "message"),
    [
        ((6, 6, 1), (1, 2, 4), 2, {}, "features"),
        ((1, 6, 6, 1), (2, 4), 2, {}, r"boxes \(B, R, 4\)"),
        ((1, 6, 6, 1), (1, 2, 5), 2, {}, r"boxes \(B, R, 4\) as x1"),
        ((1, 6, 6, 1), (3, 2, 4), 2, {}, "features have 1 images, boxes 3"),
        ((1, 6, 6, 1), (1, 2, 4), (0, 2), {}, "output_size"),
        ((1, 6, 6, 1), (1, 2, 4), 2.5, {}, "output_size"),
        ((1, 6, 6, 1), (1, 2, 4), 2, {"sampling_ratio": -1}, "sampling_ratio"),
        ((1, 6, 6, 1), (1, 2, 4), 2, {"spatial_scale": 0}, "spatial_scale"),
    ],
)
def test_bad_input_is_refused(features, boxes, size, options, message):
    with pytest.raises(ValueError, match=message):
        roi_align(np.zeros(features), np.zeros(boxes), size, **options)


def test_levels_need_the_same_channels():
    pyramid = {"P2": np.zeros((1, 8, 8, 3)), "P3": np.zeros((1, 4, 4, 4))}
    with pytest.raises(ValueError, match="same channels.*P2"):
        multilevel_roi_align(pyramid, np.zeros((1, 2, 4)), 7)
