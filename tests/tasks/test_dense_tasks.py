"""Depth, normals and edges beside segmentation, in one `fit`."""

import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision import tasks

NAMES = ("semantic", "depth", "normals", "edges")
RNG = np.random.default_rng(0)


def make_model(features="path", names=NAMES, **options):
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3))
    x = mtv.trunks.ContractingPath((4, 6, 8))(image)
    if features == "path":
        filters, x = None, mtv.necks.ExpandingPath(depth=1)(x)
    else:
        filters = 4
    heads = {
        "semantic": tasks.SegmentationHead(3, filters=filters),
        "depth": tasks.DepthHead(filters=filters),
        "normals": tasks.NormalsHead(filters=filters),
        "edges": tasks.EdgesHead(filters=filters),
    }
    losses = {
        "semantic": tasks.SegmentationLoss(),
        "depth": tasks.BerHuLoss(),
        "normals": tasks.NormalsLoss(),
        "edges": tasks.EdgesLoss(),
    }
    metrics = {
        "semantic": mtv.metrics.MeanIoU(3),
        "depth": tasks.DepthErrors(),
        "normals": tasks.NormalAngles(),
        "edges": tasks.EdgeFMeasure(),
    }
    model = mtv.MultiTaskModel(image, {n: heads[n](x) for n in names})
    model.compile(
        keras.optimizers.Adam(0.01),
        {n: losses[n] for n in names},
        metrics={n: metrics[n] for n in names},
        **options,
    )
    return model


def make_data(size=4):
    image = RNG.uniform(0, 255, (size, 16, 16, 3)).astype("float32")
    semantic = (image[..., 0] // 86).astype("int32")
    depth = (1 + image[..., 1] / 128).astype("float32")
    depth[:, 0] = np.nan
    normals = image / 128 - 1
    normals[:, 1] = np.nan
    edges = (image[..., 2] > 200).astype("int32")
    edges[:, 2] = 255
    return image, {
        "semantic": semantic,
        "depth": depth,
        "normals": normals,
        "edges": edges,
    }


@pytest.mark.parametrize("features", ["path", "pyramid"])
def test_they_train_together_and_are_measured(features):
    x, y = make_data()
    model = make_model(features, balancing=mtv.balancing.PCGrad())
    history = model.fit(x, y, batch_size=2, epochs=2, verbose=0).history
    for name in (
        *("semantic_mean_iou", "depth_absolute", "depth_delta3"),
        *("normals_mean", "normals_within_11", "edges_ods_f"),
    ):
        assert np.isfinite(history[name]).all(), name
        assert history[name][-1] > 0
    assert all(np.isfinite(v).all() for v in history.values())
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    metric = tasks.DepthErrors()
    metric.update_state(y["depth"], model.predict(x, verbose=0)["depth"])
    for name, value in metric.result().items():
        assert found[f"depth_{name}"] == pytest.approx(float(value), rel=1e-4)


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_missing_label_changes_nothing(name):
    """It weighs nothing in the loss, the gradients, or the metrics."""
    missing = {"depth": np.nan, "normals": np.nan, "edges": 255}[name]
    x, y = make_data()
    gone = {name: y[name].copy()}
    gone[name][2:] = missing
    weights = {name: np.array([1.0, 1.0, 0.0, 0.0], "float32")}
    runs = []
    for truth, weight in ((gone, None), ({name: y[name]}, weights)):
        model = make_model(names=(name,))
        logs = model.fit(
            x, truth, sample_weight=weight, shuffle=False, epochs=2, verbose=0
        ).history
        runs.append((logs, model.get_weights()))
    (logs, first), (other, second) = runs
    assert logs.keys() == other.keys()
    for key in logs:
        np.testing.assert_allclose(logs[key], other[key], rtol=1e-3, atol=1e-6)
    for a, b in zip(first, second):
        assert np.isfinite(a).all()
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


def test_a_model_of_them_is_saved(tmp_path):
    x, y = make_data()
    model = make_model()
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    for name, value in model.predict(x, verbose=0).items():
        np.testing.assert_allclose(
            loaded.predict(x, verbose=0)[name], value, atol=1e-5
        )
    found = loaded.evaluate(x, y, verbose=0, return_dict=True)
    expected = model.evaluate(x, y, verbose=0, return_dict=True)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_maps_of_another_size_are_told_before_training():
    x, y = make_data()
    y["normals"] = y["normals"][:, :8]
    with pytest.raises(ValueError, match="'normals'.*NormalsHead"):
        make_model().fit(x, y, verbose=0)


def test_heads_learn_what_the_pixels_say():
    x, y = make_data()
    features = {"P0": keras.Input((16, 16, 3), name="P0")}
    keras.utils.set_random_seed(0)
    heads = {
        "depth": tasks.DepthHead(filters=None, depth=0),
        "normals": tasks.NormalsHead(filters=None, depth=0),
        "edges": tasks.EdgesHead(filters=None, depth=0),
    }
    model = mtv.MultiTaskModel(
        features, {name: head(features) for name, head in heads.items()}
    )
    losses = {
        "depth": tasks.ScaleInvariantDepthLoss(),
        "normals": tasks.NormalsLoss(),
        "edges": tasks.EdgesLoss(),
    }
    metrics = {
        "depth": tasks.DepthErrors(),
        "normals": tasks.NormalAngles(),
        "edges": tasks.EdgeFMeasure(tolerance=0),
    }
    model.compile(keras.optimizers.Adam(0.1), losses, metrics=metrics)
    x = {"P0": x / 128 - 1}
    y.pop("semantic")
    model.fit(x, y, epochs=60, verbose=0)
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    assert found["depth_relative"] < 0.1
    assert found["normals_median"] < 3
    assert found["edges_ods_f"] > 0.95
