"""All recipes are exported by benchmarks/export.py: see docs/export.md."""

import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision import models, tasks
from mtvision.models import export_model
from mtvision.ops.exporting import is_exporting

IS_TENSORFLOW = keras.backend.backend() == "tensorflow"
needs_tensorflow = pytest.mark.skipif(
    not IS_TENSORFLOW, reason="models are exported where TensorFlow runs"
)
SIZE = 32


def run_saved_model(path, x):
    """Outputs of TensorFlow by name."""
    import tensorflow as tf

    run = tf.saved_model.load(path).signatures["serving_default"]
    x = {name: tf.constant(values) for name, values in x.items()}
    return {name: values.numpy() for name, values in run(**x).items()}


def run_onnx(path, x):
    """Outputs of ONNX Runtime by name."""
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(path)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, x)))


def run_litert(path, x):
    """Outputs of the LiteRT interpreter by name."""
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    run = litert.Interpreter(str(path)).get_signature_runner("serving_default")
    return run(**x)


RUN = {"": run_saved_model, ".onnx": run_onnx, ".tflite": run_litert}


def require_packages(suffix):
    if suffix == ".onnx":
        pytest.importorskip("tf2onnx")
        pytest.importorskip("onnxruntime")
    if suffix == ".tflite":
        pytest.importorskip("ai_edge_litert")


def detector():
    """Boxes and a class for each image, of one convolution."""
    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = keras.layers.Conv2D(4, 8, strides=8)(image / 255)
    anchors = tasks.GridAnchors(cells=2.0, scales=(1.0,))
    head = tasks.DetectionHead(3, filters=4, depth=0, anchors=anchors)
    decode = tasks.DecodeDetections(max_detections=5, score_threshold=0.0)
    scene = tasks.ClassificationHead(4, level="P3")({"P3": x})
    outputs = {
        **decode(head({"P3": x}), image),
        "scene": tasks.DecodeClassification()(scene),
    }
    return keras.Model(image, outputs)


def segmenter():
    """Classes of pixels by max-unpooling."""
    trunk = mtv.trunks.ContractingPath((4, 4), depth=1)
    model = models.SegNet(3, image_size=SIZE, trunk=trunk, depth=1)
    return models.segmenter(model)


def siamese():
    """Two images, each resized, and their distance."""
    image = keras.Input((SIZE, SIZE, 3))
    smaller, same = tasks.ScaledImages((0.5, 1.0), window=8)(image / 255)
    pooled = [keras.layers.AveragePooling2D(4)(x) for x in (smaller, same)]
    vectors = [keras.layers.Flatten()(x) for x in pooled]
    network = keras.Model(image, keras.layers.Concatenate()(vectors))
    return models.Siamese(network)


def landmarks():
    """A volume, whose voters tell their ways by exponentials."""
    trunk = mtv.trunks.VolumeNet((3, 4), depth=1)
    options = {"volume_size": 8, "trunk": trunk, "hidden": 4}
    model = models.VolumeLandmarks(2, **options)
    return models.volume_landmarks_detector(model)


def random_inputs(model, number):
    random = np.random.default_rng(number)
    return {
        x.name: random.uniform(0, 255, (number, *x.shape[1:])).astype("float32")
        for x in model.inputs
    }


def randomize(model):
    random = np.random.default_rng(0)
    for weight in model.trainable_variables:
        noise = random.normal(scale=0.2, size=weight.shape)
        weight.assign(weight + noise.astype("float32"))


@needs_tensorflow
@pytest.mark.parametrize("suffix", RUN)
@pytest.mark.parametrize("build", [detector, segmenter, siamese, landmarks])
def test_other_programs_give_what_predict_gives(build, suffix, tmp_path):
    require_packages(suffix)
    model = build()
    randomize(model)
    path = export_model(model, tmp_path / f"model{suffix}")
    for number in (1, 3):
        x = random_inputs(model, number)
        given = x if isinstance(model.input, dict) else x["".join(x)]
        expected = model.predict(given, verbose=0)
        found = RUN[suffix](path, x)
        assert set(found) == set(expected)
        for name, values in expected.items():
            assert values.shape == found[name].shape
            np.testing.assert_allclose(
                found[name], values, rtol=1e-4, atol=1e-4, err_msg=name
            )
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@needs_tensorflow
@pytest.mark.parametrize("suffix", RUN)
def test_what_is_not_chosen_does_not_count(suffix, tmp_path):
    """Be it NaN or infinite: tf2onnx alone multiplies it by zero."""
    require_packages(suffix)
    x = keras.Input((6,), name="x")
    root = keras.ops.where(x >= 0, keras.ops.sqrt(x), -1.0)
    inverse = keras.ops.where(x > 0, 1 / x, 5.0)
    place = keras.ops.where(x > 0, keras.ops.cast(x, "int32"), -7)
    both = keras.ops.where(x > 0, x > 3, x < -3)
    outputs = {"root": root, "inverse": inverse, "place": place, "both": both}
    model = keras.Model(x, outputs)
    path = export_model(model, tmp_path / f"model{suffix}")
    found = RUN[suffix](path, {"x": np.float32([[-4, -1, 0, 1, 4, 16]])})
    expected = {
        "root": [-1, -1, 0, 1, 2, 4],
        "inverse": [5, 5, 5, 1, 0.25, 0.0625],
        "place": [-7, -7, -7, 1, 4, 16],
        "both": [1, 0, 0, 0, 1, 1],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(found[name][0], values, err_msg=name)


@needs_tensorflow
def test_half_of_the_bytes(tmp_path):
    pytest.importorskip("ai_edge_litert")
    image = keras.Input((8, 8, 3), name="image")
    x = keras.layers.Flatten()(image / 255)
    model = keras.Model(image, keras.layers.Dense(500, name="values")(x))
    full, half = (
        export_model(model, tmp_path / f"{flag}.tflite", float16=flag)
        for flag in (False, True)
    )
    bytes_of_weights = 4 * model.count_params()
    saved = full.stat().st_size - half.stat().st_size
    assert saved == pytest.approx(bytes_of_weights / 2, rel=0.05)
    x = random_inputs(model, 2)
    found = run_litert(half, x)
    assert set(found) == {"values"}  # a single output: the layer's name
    expected = model.predict(x["image"], verbose=0)
    np.testing.assert_allclose(found["values"], expected, atol=2e-2)
    assert (found["values"] != expected).any()


@needs_tensorflow
@pytest.mark.parametrize("suffix", [".onnx", ".tflite"])
def test_what_the_format_cannot_hold(suffix, tmp_path):
    require_packages(suffix)
    image = keras.Input((4,), name="image")
    signs = keras.ops.cast(keras.ops.signbit(image), "float32")
    model = keras.Model(image, {"signs": signs}, name="signs")
    with pytest.raises(ValueError, match=r"lacks.*'signs'(.|\n)*Bit"):
        export_model(model, tmp_path / f"signs{suffix}")
    assert list(tmp_path.iterdir()) == []
    assert not is_exporting()


@needs_tensorflow
def test_wrong_arguments(tmp_path):
    model = detector()
    with pytest.raises(ValueError, match=r"\.onnx or \.tflite.*'a\.pb'"):
        export_model(model, "a.pb")
    with pytest.raises(ValueError, match=r"\.tflite file for float16"):
        export_model(model, "a.onnx", float16=True)
    with pytest.raises(ValueError, match="float16"):
        export_model(model, "a.tflite", float16="yes")
    nested = keras.Model(model.input, [model.output])
    with pytest.raises(ValueError, match="dict of tensors.*with list"):
        export_model(nested, "a")


@pytest.mark.skipif(IS_TENSORFLOW, reason="TensorFlow exports")
def test_other_backends_say_how():
    with pytest.raises(ValueError, match="KERAS_BACKEND=tensorflow"):
        export_model(detector(), "model.onnx")


@needs_tensorflow
@pytest.mark.parametrize("suffix", RUN)
def test_what_is_there_already(suffix, tmp_path):
    require_packages(suffix)
    x = keras.Input((4,), name="x")
    first = keras.Model(x, {"y": 2 * x})
    second = keras.Model(x, {"y": 3 * x})
    path = tmp_path / "new" / "folder" / f"model{suffix}"
    for model in (first, second):  # the second one takes its place
        export_model(model, path)
    found = RUN[suffix](path, {"x": np.ones((2, 4), "float32")})
    assert (found["y"] == 3).all()
    other = tmp_path / f"other{suffix}"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="is there already and something else"):
        export_model(first, other)
    assert [each.name for each in other.iterdir()] == ["notes.txt"]
    with pytest.raises(ValueError, match="is there already and something else"):
        export_model(first, "")
