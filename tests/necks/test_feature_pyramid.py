import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.necks import FeaturePyramid
from mtvision.trunks import SmallResNet


def features(*sizes, first=2, channels=3):
    random = np.random.default_rng(0)
    return {
        f"P{first + k}": random.normal(size=(2, *size, channels + k)).astype(
            "float32"
        )
        for k, size in enumerate(sizes)
    }


def test_is_a_proper_layer():
    outputs = check_layer(
        FeaturePyramid,
        {
            "filters": 4,
            "levels": ("P3", "P4"),
            "extra_levels": 2,
            "extra_from": "trunk",
            "outputs": ("P3", "P5", "P6"),
        },
        features((8, 8), (4, 4), (2, 2)),
    )
    assert {k: x.shape for k, x in outputs.items()} == {
        "P3": (2, 4, 4, 4),
        "P5": (2, 1, 1, 4),
        "P6": (2, 1, 1, 4),
    }


def test_sizes_that_are_no_halves():
    """As InceptionV3 gives them at 128 pixels."""
    inputs = features((28, 9), (13, 4), (6, 1))
    pyramid = FeaturePyramid(4, extra_levels=1)
    shapes = {k: tuple(x.shape) for k, x in pyramid(inputs).items()}
    assert shapes["P2"] == (2, 28, 9, 4)
    assert shapes["P5"] == (2, 3, 1, 4)
    inputs = {k: x.shape for k, x in inputs.items()}
    assert pyramid.compute_output_shape(inputs) == shapes


def identity_pyramid(inputs, **kwargs):
    """A pyramid whose convolutions pass their input on."""
    pyramid = FeaturePyramid(1, **kwargs)
    pyramid(inputs)
    for kernel, bias in zip(pyramid.weights[::2], pyramid.weights[1::2]):
        value = np.zeros(kernel.shape, "float32")
        value[kernel.shape[0] // 2, kernel.shape[1] // 2] = 1
        kernel.assign(value)
        bias.assign(np.zeros(bias.shape))
    return pyramid


def test_every_level_is_itself_plus_all_above():
    inputs = {
        "P2": np.full((1, 8, 8, 1), 1, "float32"),
        "P3": np.full((1, 4, 4, 1), 10, "float32"),
        "P4": np.full((1, 2, 2, 1), 100, "float32"),
    }
    outputs = to_numpy(identity_pyramid(inputs)(inputs))
    for level, value in {"P2": 111, "P3": 110, "P4": 100}.items():
        np.testing.assert_allclose(outputs[level], value)


def test_a_coarse_cell_reaches_the_fine_cells_below_it():
    inputs = {"P2": np.zeros((1, 4, 4, 1)), "P3": np.zeros((1, 2, 2, 1))}
    inputs["P3"][0, 1, 0] = 1
    expected = np.zeros((4, 4))
    expected[2:, :2] = 1
    outputs = to_numpy(identity_pyramid(inputs)(inputs))
    np.testing.assert_allclose(outputs["P2"][0, :, :, 0], expected)


def test_extra_levels_have_a_relu_between_them():
    inputs = {"P5": np.full((1, 4, 4, 1), -1, "float32")}
    outputs = to_numpy(identity_pyramid(inputs, extra_levels=2)(inputs))
    np.testing.assert_allclose(outputs["P6"], -1)
    np.testing.assert_allclose(outputs["P7"], 0)


def test_order_of_the_levels_does_not_matter():
    inputs = features((8, 8), (4, 4))
    pyramid = FeaturePyramid(4, levels=("P3", "P2"))
    turned = {k: inputs[k] for k in ("P3", "P2")}
    a, b = to_numpy(pyramid(inputs)), to_numpy(pyramid(turned))
    np.testing.assert_array_equal(a["P2"], b["P2"])


def test_one_model_for_images_of_many_sizes(tmp_path):
    """Also under `fit`, whose XLA lacks a kernel for nearest resizing."""
    image = keras.Input((None, None, 3))
    pyramid = FeaturePyramid(2)(SmallResNet((2, 2, 2, 2))(image))
    pooled = keras.layers.GlobalAveragePooling2D()(pyramid["P2"])
    model = keras.Model(image, keras.layers.Dense(1)(pooled))
    model.compile("adam", "mse")
    random = np.random.default_rng(0)
    batches = [random.uniform(0, 255, (2, *s, 3)) for s in [(48, 64), (33, 47)]]
    for x in batches:
        history = model.fit(x, np.ones((2, 1)), verbose=0).history
        assert np.isfinite(history["loss"]).all()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    for x in batches:
        np.testing.assert_allclose(
            loaded.predict(x, verbose=0),
            model.predict(x, verbose=0),
            rtol=1e-4,
        )


@pytest.mark.parametrize("extra_from", ["pyramid", "trunk"])
@pytest.mark.parametrize(
    ("outputs", "laterals", "smoothers", "extras"),
    [
        (("P2",), "P2 P3 P4", "P2", ""),
        (("P4", "P3"), "P3 P4", "P3 P4", ""),
        (("P3", "P5"), "P3 P4", "P3", "P5"),
        (("P6",), "", "", "P5 P6"),
    ],
)
def test_some_outputs(outputs, laterals, smoothers, extras, extra_from):
    """As those of the whole pyramid, without the weights of the others."""
    inputs = features((16, 16), (8, 8), (4, 4))
    options = {"extra_levels": 2, "extra_from": extra_from}
    some = FeaturePyramid(4, outputs=outputs, **options)
    shapes = {k: tuple(x.shape) for k, x in some(inputs).items()}
    assert list(shapes) == sorted(outputs)
    if extra_from == "pyramid" and extras:
        laterals = laterals or "P4"
        smoothers = f"{smoothers} P4".strip()
    assert list(some.laterals) == laterals.split()
    assert list(some.smoothers) == smoothers.split()
    assert list(some.extras) == extras.split()
    whole = FeaturePyramid(4, **options)
    whole(inputs)
    for name in ("laterals", "smoothers", "extras"):
        for level, layer in getattr(some, name).items():
            layer.set_weights(getattr(whole, name)[level].get_weights())
    expected = to_numpy(whole(inputs))
    for level, found in to_numpy(some(inputs)).items():
        np.testing.assert_allclose(found, expected[level], atol=1e-6)
    given = {k: x.shape for k, x in inputs.items()}
    assert some.compute_output_shape(given) == shapes


def test_outputs_that_are_not_there():
    with pytest.raises(ValueError, match=r"names \['P7'\]"):
        FeaturePyramid(4, outputs=("P7",))(features((4, 4)))
    with pytest.raises(ValueError, match="outputs as names"):
        FeaturePyramid(4, outputs=())


def test_missing_level():
    with pytest.raises(ValueError, match=r"without \['P6'\]"):
        FeaturePyramid(4, levels=("P2", "P6"))(features((4, 4)))


def test_not_a_dict():
    with pytest.raises(ValueError, match="expects a dict"):
        FeaturePyramid(4)(np.zeros((1, 4, 4, 3), "float32"))


@pytest.mark.parametrize("extra_from", ["pyramid", "trunk"])
def test_what_extra_levels_are_made_of(extra_from):
    """Only the trunk's map passes no lateral convolution."""
    inputs = features((8, 8), (4, 4))
    pyramid = FeaturePyramid(4, extra_levels=1, extra_from=extra_from)
    before = to_numpy(pyramid(inputs))["P4"]
    for lateral in pyramid.laterals.values():
        lateral.kernel.assign(3 * lateral.kernel)
    after = to_numpy(pyramid(inputs))["P4"]
    assert np.array_equal(before, after) == (extra_from == "trunk")


def test_extra_levels_come_from_pyramid_or_trunk():
    with pytest.raises(ValueError, match="'pyramid' or 'trunk'"):
        FeaturePyramid(4, extra_from="neck")
