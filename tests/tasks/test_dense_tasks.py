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
    x = mtv.trunks.ContractingPath((4, 6), depth=1)(image)
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


def test_missing_labels_change_nothing():
    """They weigh nothing in the loss, the gradients, or the metrics."""
    names = NAMES[1:]
    x, y = make_data()
    y.pop("semantic")
    gone = {name: value.copy() for name, value in y.items()}
    for name, missing in zip(names, (np.nan, np.nan, 255)):
        gone[name][2:] = missing
    weights = dict.fromkeys(names, np.array([1.0, 1.0, 0.0, 0.0], "float32"))
    runs = []
    for truth, weight in ((gone, None), (y, weights)):
        model = make_model(names=names)
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
    x, _ = make_data()
    model = make_model()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    found, expected = loaded.predict_on_batch(x), model.predict_on_batch(x)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=1e-5)


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
    assert found["normals_median"] < 10
    assert found["edges_ods_f"] > 0.95
