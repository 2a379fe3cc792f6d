import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.models import check_model
from batteries.overfitting import average_precision, real_data

TRUTH = {
    "boxes": np.array(
        [
            [[4, 4, 34, 36], [0, 10, 58, 64]],
            [[20, 26, 55, 60], [0, 0, 0, 0]],
        ],
        "float32",
    ),
    "classes": np.array([[2, 0], [1, -1]]),
}


def images(height=64, width=64):
    rng = np.random.default_rng(0)
    return rng.uniform(0, 255, (2, height, width, 3)).astype("float32")


def small(**options):
    trunk = mtv.trunks.WindowNet((4, 6, 8))
    options = {"trunk": trunk, "hidden": 8, **options}
    return mtv.models.SlidingWindow(3, **options)


def test_trains():
    model = small(scales=(1.0, 0.5))
    model.compile("adam", **mtv.models.sliding_window_losses())
    check_model(model, images(), {"boxes": TRUTH}, epochs=15)


def test_trains_with_another_task():
    model = small(
        scales=(1.0, 0.5),
        image_size=64,
        heads={"scene": mtv.tasks.ClassificationHead(4, level="P2")},
    )
    losses = {"scene": mtv.tasks.ClassificationLoss()}
    model.compile("adam", **mtv.models.sliding_window_losses(losses=losses))
    truth = {"boxes": TRUTH, "scene": np.array([3, 1])}
    history = model.fit(images(), truth, epochs=12, verbose=0).history
    assert history["scene_loss"][-1] < history["scene_loss"][0]
    assert history["boxes_loss"][-1] < history["boxes_loss"][0]


def test_dense_evaluation_is_that_of_the_windows_one_by_one():
    model = small(scales=(1.0,), image_size=None)
    image = images(56, 48)
    # So that BatchNorm does something.
    model(image, training=True)
    rows = to_numpy(model(image)["boxes"])
    assert rows.shape == (2, 7 * 5, 8)
    for row in range(rows.shape[1]):
        x1, y1, x2, y2 = rows[0, row, -4:].astype(int)
        assert (x2 - x1, y2 - y1) == (32, 32)
        alone = to_numpy(model(image[:, y1:y2, x1:x2])["boxes"])
        assert alone.shape == (2, 1, 8)
        np.testing.assert_allclose(
            rows[:, row, :-4], alone[:, 0, :-4], atol=1e-5
        )


def test_every_scale_is_the_image_resized():
    model = small(scales=(1.0, 0.5))
    single = mtv.models.SlidingWindow(
        3, trunk=model.get_layer("window_net"), hidden=8, scales=(1.0,)
    )
    single.get_layer("boxes").set_weights(
        model.get_layer("boxes").get_weights()
    )
    image = images(80, 96)
    rows = to_numpy(model(image)["boxes"])
    half = keras.ops.image.resize(image, (40, 48), antialias=True)
    expected = to_numpy(single(half)["boxes"])
    count = expected.shape[1]
    np.testing.assert_allclose(
        rows[:, -count:, :-4], expected[..., :-4], atol=1e-3
    )
    np.testing.assert_allclose(
        rows[:, -count:, -4:], 2 * expected[..., -4:], atol=1e-3
    )


@pytest.mark.parametrize("image_size", [None, 64])
def test_detector(image_size):
    model = small(image_size=image_size, task="cells")
    detector = mtv.models.sliding_window_detector(
        model, task="cells", max_detections=7, score_threshold=0.0
    )
    found = detector.predict(images(), verbose=0)
    assert found["boxes"].shape == (2, 7, 4)
    assert (found["boxes"] >= 0).all()
    assert (found["boxes"] <= 64).all()
    assert (np.diff(found["scores"]) <= 0).all()


def test_wrong_sizes_and_trunks_are_errors():
    with pytest.raises(ValueError, match="A window has 32 pixels"):
        small(image_size=24)
    with pytest.raises(ValueError, match="one map"):
        small(trunk=mtv.trunks.SmallResNet((4, 4, 4, 4)))
    image = keras.Input((None, None, 3))
    pooled = keras.layers.GlobalAveragePooling2D(keepdims=True)(image)
    with pytest.raises(ValueError, match="no window can slide"):
        small(trunk=keras.Model(image, pooled))


@pytest.mark.by_heart
def test_learns_eight_images_of_faces_by_heart():
    """Faces of dlib: squares, as the windows, of several sizes."""
    folder = real_data("faces_boxes_landmarks_dlib")
    sources = [
        mtv.data.CocoInstances(
            folder / "images", folder / f"coco_{part}.json", on_error="skip"
        )
        for part in ("training", "testing")
    ]
    faces = [source[k] for source in sources for k in range(4)]
    x, y, _ = mtv.data.Batches(
        faces,
        {"boxes": {"boxes": "boxes", "classes": "classes"}},
        image_size=(224, 256),
        resize="letterbox",
        batch_size=8,
        max_objects=16,
    )[0]
    keras.utils.set_random_seed(0)
    model = mtv.models.SlidingWindow(
        1,
        trunk=mtv.trunks.WindowNet((12, 24, 48)),
        scales=(1.6, 1.2, 0.9, 0.65),
    )
    epochs = 36
    schedule = keras.optimizers.schedules.CosineDecay(0.003, 2 * epochs)
    model.compile(
        keras.optimizers.Adam(schedule),
        **mtv.models.sliding_window_losses(high=0.6, low=0.4),
    )
    model.fit(x, y, batch_size=4, epochs=epochs, verbose=0)
    detector = mtv.models.sliding_window_detector(model)
    found = detector.predict(x, batch_size=4, verbose=0)
    assert average_precision(y["boxes"], found) > 0.9
