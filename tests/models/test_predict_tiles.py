import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

import mtvision as mtv
from mtvision.models import predict_tiles

RNG = np.random.default_rng(0)
# For a network of small reach: 32 pixels from tile to tile.
SIZES = {"tile_size": 48, "overlap": 16, "margin": 8, "stride": 8}


def bottleneck(stride, rank=2):
    """A small U-Net: down to a stride, up again, with one skip.

    What it gives for a pixel depends on its own cell of the bottleneck, on
    the next cells, and on a pixel beyond these: on 2 * stride pixels.
    """
    conv = getattr(layers, f"Conv{rank}D")
    pool = getattr(layers, f"MaxPooling{rank}D")
    enlarge = getattr(layers, f"UpSampling{rank}D")
    image = keras.Input((*(None,) * rank, 2), name="image")
    fine = conv(4, 3, padding="same", activation="relu")(image)
    coarse = conv(4, 3, padding="same")(pool(stride)(fine))
    full = layers.Concatenate()([fine, enlarge(stride)(coarse)])
    outputs = {
        "mask": conv(3, 1, name="mask")(full),
        "heat": layers.Activation("sigmoid", name="heat")(coarse),
        "count": layers.Dense(5, name="count")(
            getattr(layers, f"GlobalAveragePooling{rank}D")()(coarse)
        ),
        "classes": _Classes(name="classes")(full),
    }
    return mtv.MultiTaskModel(image, outputs)


class _Classes(layers.Layer):
    def call(self, x):
        return keras.ops.argmax(x, axis=-1, keepdims=True)


class Places(layers.Layer):
    """Gives each cell its centre, y and x, and a zero before."""

    coordinate_axes = (0, 1)

    def call(self, x):
        height, width = keras.ops.shape(x)[1:3]
        y, x_ = keras.ops.meshgrid(
            keras.ops.arange(height, dtype="float32") + 0.5,
            keras.ops.arange(width, dtype="float32") + 0.5,
            indexing="ij",
        )
        zero = keras.ops.zeros_like(x[..., :1])
        centres = keras.ops.stack([y, x_], axis=-1)
        return keras.ops.concatenate([zero, zero + centres], axis=-1)


class Window:
    """What has a shape, and tells how much of it was asked for at once."""

    dtype = np.dtype("float32")

    def __init__(self, array):
        self.array, self.shape, self.largest = array, array.shape, 0

    def __getitem__(self, key):
        found = self.array[key]
        self.largest = max(self.largest, found.size)
        return found

    def __setitem__(self, key, value):
        self.largest = max(self.largest, self.array[key].size)
        self.array[key] = value


@pytest.mark.parametrize("stride", [8, 16])
def test_equals_the_whole_image(stride):
    model = bottleneck(stride)
    image = RNG.normal(size=(10 * stride, 13 * stride, 2)).astype("float32")
    maps = predict_tiles(
        model,
        image,
        tile_size=7 * stride,
        overlap=4 * stride,
        margin=2 * stride,
        stride=stride,
        tasks=["mask", "heat"],
        verbose=0,
    )
    whole = model.predict(image[None], verbose=0)
    assert set(maps) == {"mask", "heat"}
    for task, values in maps.items():
        assert values.shape == whole[task].shape[1:]
        np.testing.assert_allclose(values, whole[task][0], atol=1e-5)


def test_a_margin_within_the_reach_differs():
    """So the test above can fail."""
    model = bottleneck(8)
    image = RNG.normal(size=(80, 80, 2)).astype("float32")
    maps = predict_tiles(
        model, image, **{**SIZES, "margin": 0}, tasks=["mask"], verbose=0
    )
    whole = model.predict(image[None], verbose=0)
    assert np.abs(maps["mask"] - whole["mask"][0]).max() > 1e-3


def test_equals_the_whole_image_of_odd_size_continued():
    model = bottleneck(8)
    image = RNG.normal(size=(77, 82, 2)).astype("float32")
    options = {**SIZES, "overlap": 32, "margin": 16, "batch_size": 3}
    maps = predict_tiles(
        model, image, **options, tasks=["mask", "heat"], verbose=0
    )
    assert maps["mask"].shape == (77, 82, 3)
    assert maps["heat"].shape == (10, 11, 4)
    image = np.pad(image, ((0, 3), (0, 6), (0, 0)), "symmetric")
    whole = model.predict(image[None], verbose=0)
    np.testing.assert_allclose(
        maps["mask"], whole["mask"][0, :77, :82], atol=1e-5
    )
    np.testing.assert_allclose(maps["heat"], whole["heat"][0], atol=1e-5)


def test_equals_the_whole_volume():
    model = bottleneck(4, rank=3)
    volume = RNG.normal(size=(16, 28, 24, 2)).astype("float32")
    maps = predict_tiles(
        model,
        volume,
        tile_size=(16, 24, 20),
        overlap=(0, 16, 16),
        margin=(0, 8, 8),
        stride=4,
        tasks=["mask", "heat"],
        verbose=0,
    )
    whole = model.predict(volume[None], verbose=0)
    for task, values in maps.items():
        np.testing.assert_allclose(values, whole[task][0], atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_identity_gives_the_image(data):
    """And weights that add up to one leave a constant as it is."""
    inputs = keras.Input((None, None, 1))
    model = keras.Model(inputs, layers.Identity()(inputs))
    stride = data.draw(st.sampled_from([1, 3]))
    height, width = (data.draw(st.integers(1, 40)) for _ in range(2))
    image = RNG.normal(size=(height, width, 1)).astype("float32")
    found = predict_tiles(
        model,
        image,
        tile_size=5 * stride,
        overlap=data.draw(st.integers(0, 4)) * stride,
        stride=stride,
        batch_size=8,
        verbose=0,
    )
    np.testing.assert_allclose(found, image, atol=1e-6)


def test_memory_is_bounded():
    model = bottleneck(8)
    image = Window(RNG.normal(size=(200, 120, 2)).astype("float32"))
    out = {
        "mask": Window(np.full((200, 120, 3), np.nan, "float32")),
        "heat": Window(np.full((25, 15, 4), np.nan, "float32")),
    }
    found = predict_tiles(
        model, image, **SIZES, tasks=["mask", "heat"], out=out, verbose=0
    )
    assert image.largest == 48 * 48 * 2
    assert out["mask"].largest <= 48 * 48 * 3
    assert found["mask"] is out["mask"]
    again = predict_tiles(
        model, image.array, **SIZES, tasks=["mask", "heat"], verbose=0
    )
    for task in out:
        np.testing.assert_array_equal(out[task].array, again[task])


def test_files_in_and_out(tmp_path):
    model = bottleneck(8)
    values = RNG.integers(0, 255, (90, 100, 2)).astype("uint8")
    image = np.memmap(tmp_path / "image", "uint8", "w+", shape=(90, 100, 2))
    image[:] = values
    out = np.memmap(tmp_path / "mask", "float32", "w+", shape=(90, 100, 3))
    options = {**SIZES, "tasks": ["mask"], "verbose": 0}
    found = predict_tiles(model, image, out={"mask": out}, **options)
    assert found["mask"] is out
    out.flush()
    written = np.fromfile(tmp_path / "mask", "float32").reshape(out.shape)
    expected = predict_tiles(model, values, **options)["mask"]
    np.testing.assert_array_equal(written, expected)


def test_blending_has_no_seam():
    """Two models in one: tiles differ, and the map goes smoothly over."""
    inputs = keras.Input((32, 32, 1))
    mean = layers.GlobalAveragePooling2D(keepdims=True)(inputs)
    model = keras.Model(inputs, layers.UpSampling2D(32)(mean))
    image = np.zeros((32, 48, 1), "float32")
    image[:, 16:] = 1
    # Tiles of means 0.5 and 1, which share 16 pixels.
    row = predict_tiles(
        model, image, tile_size=32, overlap=16, margin=0, stride=16, verbose=0
    )[0, :, 0]
    np.testing.assert_allclose(row[:16], 0.5, atol=1e-6)
    np.testing.assert_allclose(row[32:], 1, atol=1e-6)
    assert (np.diff(row[15:33]) > 0).all()
    assert np.diff(row).max() < 0.5 * np.pi / 2 / 16 + 1e-3


def test_coordinates_move_with_their_tiles():
    inputs = keras.Input((None, None, 1))
    for outputs in (
        Places()(inputs),
        {"places": Places(name="places")(inputs)},
    ):
        found = predict_tiles(
            keras.Model(inputs, outputs),
            np.zeros((20, 33, 1)),
            tile_size=8,
            overlap=4,
            stride=1,
            verbose=0,
        )
        found = found["places"] if isinstance(found, dict) else found
        y, x = np.mgrid[:20, :33] + 0.5
        np.testing.assert_allclose(found[..., 1], y, atol=1e-5)
        np.testing.assert_allclose(found[..., 2], x, atol=1e-5)
        assert (found[..., 0] == 0).all()


def test_points_of_tiles_are_points_of_the_image():
    image = keras.Input((None, None, 1))
    maps = keras.layers.Conv2D(4, 4, strides=4, padding="same")(image)
    head = mtv.tasks.HeatMapHead(2, level="P2", hidden=4, name="points")
    model = keras.Model(image, {"points": head({"P2": maps})})
    pixels = np.random.default_rng(0).normal(size=(40, 56, 1))
    whole = model.predict(pixels[None], verbose=0)["points"][0]
    found = predict_tiles(
        model,
        pixels,
        tile_size=32,
        overlap=16,
        margin=8,
        stride=4,
        verbose=0,
    )
    np.testing.assert_allclose(found["points"], whole, atol=1e-5)


def test_a_model_may_be_no_graph():
    class Double(keras.Model):
        def call(self, x):
            return 2 * x

    image = RNG.normal(size=(9, 11, 1)).astype("float32")
    found = predict_tiles(
        Double(), image, tile_size=4, overlap=2, stride=1, verbose=0
    )
    np.testing.assert_allclose(found, 2 * image, atol=1e-6)


def test_a_bar_shows_the_tiles(capsys):
    inputs = keras.Input((None, None, 1))
    model = keras.Model(inputs, layers.Identity()(inputs))
    for verbose in (0, 1):
        predict_tiles(
            model,
            np.zeros((9, 9, 1)),
            tile_size=4,
            overlap=0,
            stride=1,
            verbose=verbose,
        )
        shown = capsys.readouterr().out
        assert ("9/9" in shown) == bool(verbose)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tasks": ["count"]}, "task 'count' to be a map of 4 axes"),
        ({"tasks": ["classes"]}, "task 'classes' to be a map of floats"),
        ({"tasks": ["mask", "typo"]}, "tasks as a list"),
        ({"tasks": "mask"}, "tasks as a list"),
        ({"batch_size": 0}, "batch_size"),
        ({"out": np.zeros((60, 60, 3))}, "out as a dict"),
        ({"out": {"heat": np.zeros((8, 8, 4))}}, "out as a dict"),
        ({"out": {"mask": np.zeros((60, 60, 2))}}, r"\(60, 60, 3\), received"),
        ({"out": {"mask": np.zeros((60, 60, 3), int)}}, "array of floats"),
        ({"image": np.zeros((60, 60, 3))}, "tiles of the image"),
        ({"image": np.zeros((9, 60, 60, 2))}, "one image at a time"),
        ({"image": np.full((60, 60, 2), np.inf)}, r"pixel \(0, 0\)"),
        ({"image": [[[0.0, 0.0]]]}, "image as an array .*received a list"),
        ({"image": np.zeros((1, 60, 60, 2))}, r"time: images\[0\]"),
        ({"out": {"mask": [1]}}, "array of floats.*received a list"),
        ({"out": np.zeros((60, 60, 3))}, r"received a ndarray\.$"),
        ({"stride": 4}, r"stride as a multiple.*\(8, 8\).*\(4, 4\)"),
    ],
)
def test_what_does_not_fit_is_an_error(options, message):
    given = {"image": np.zeros((60, 60, 2)), "tasks": ["mask"], **SIZES}
    with pytest.raises(ValueError, match=message):
        predict_tiles(bottleneck(8), verbose=0, **{**given, **options})


def test_models_that_do_not_fit_are_errors():
    image = keras.Input((32, 32, 1), name="a"), keras.Input((2,), name="b")
    model = keras.Model(image, layers.Identity()(image[0]))
    with pytest.raises(ValueError, match="one input"):
        predict_tiles(model, np.zeros((60, 60, 1)), **SIZES)
    model = keras.Model(image[0], layers.Identity()(image[0]))
    with pytest.raises(ValueError, match="Give such a tile_size"):
        predict_tiles(model, np.zeros((60, 60, 1)), **SIZES)
    model = keras.Model(image[0], [image[0], image[0]])
    with pytest.raises(ValueError, match="dict of outputs"):
        predict_tiles(
            model, np.zeros((60, 60, 1)), **{**SIZES, "tile_size": 32}
        )


def test_a_function_is_no_model():
    with pytest.raises(ValueError, match="model as a keras.Model.*function"):
        predict_tiles(np.zeros, np.zeros((60, 60, 2)), **SIZES)
