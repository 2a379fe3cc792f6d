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
TASKS = ("boxes_classes", "boxes_sides")
TRUTHS = dict.fromkeys(TASKS, TRUTH)


def images(height=64, width=64):
    rng = np.random.default_rng(0)
    return rng.uniform(0, 255, (2, height, width, 3)).astype("float32")


def small(**options):
    trunk = mtv.trunks.WindowNet((4, 6, 8))
    options = {"trunk": trunk, "hidden": 8, "scales": (1.0, 0.5), **options}
    return mtv.models.OverFeat(3, **options)


def test_trains():
    model = small()
    model.compile("adam", **mtv.models.overfeat_losses())
    check_model(model, images(), TRUTHS, epochs=15)


def test_trains_with_another_task():
    model = small(heads={"mask": mtv.tasks.SegmentationHead(2, filters=4)})
    losses = {"mask": mtv.tasks.SegmentationLoss()}
    arguments = mtv.models.overfeat_losses(losses=losses)
    model.compile(keras.optimizers.Adam(0.01), **arguments)
    # Of the image itself, the first scale: 12 x 12 cells of 4 pixels.
    mask = np.zeros((2, 48, 48), "int32")
    mask[:, 8:30] = 1
    y = {**TRUTHS, "mask": mask}
    history = model.fit(images(), y, epochs=6, verbose=0).history
    assert history["mask_loss"][-1] < history["mask_loss"][0]


def weights_of(layer):
    return [to_numpy(keras.ops.copy(v)) for v in layer.weights]


def test_features_stay_while_the_finder_of_boxes_trains():
    model = small()
    trunk, classes, sides = (
        model.get_layer(name) for name in ("window_net", *TASKS)
    )
    model.compile("adam", **mtv.models.overfeat_losses(train="classes"))
    start = weights_of(sides)
    history = model.fit(
        images(), {"boxes_classes": TRUTH}, epochs=2, verbose=0
    ).history
    assert set(history) == {"loss", "boxes_classes_loss"}
    for old, new in zip(start, weights_of(sides)):
        np.testing.assert_array_equal(old, new)
    trunk.freeze()
    model.compile("adam", **mtv.models.overfeat_losses(train="boxes"))
    fixed = [weights_of(layer) for layer in (trunk, classes)]
    before = to_numpy(model(images())["boxes_classes"])
    model.fit(images(), {"boxes_sides": TRUTH}, epochs=2, verbose=0)
    for layer, weights in zip((trunk, classes), fixed):
        for old, new in zip(weights, weights_of(layer)):
            np.testing.assert_array_equal(old, new)
    assert any(
        np.abs(old - new).max() > 0
        for old, new in zip(start, weights_of(sides))
    )
    np.testing.assert_array_equal(
        before, to_numpy(model(images())["boxes_classes"])
    )


def test_dense_evaluation_is_that_of_the_windows_one_by_one():
    model = small(scales=(1.0,))
    image = images(44, 40)
    model(image, training=True)
    dense = to_numpy(model(image))
    for row in range(dense["boxes_sides"].shape[1]):
        x1, y1, x2, y2 = dense["boxes_sides"][0, row, -4:].astype(int)
        alone = to_numpy(model(image[:, y1:y2, x1:x2]))
        for task in TASKS:
            np.testing.assert_allclose(
                dense[task][:, row, :-4], alone[task][:, 0, :-4], atol=1e-5
            )


def test_detector():
    model = small(task="cells")
    detector = mtv.models.overfeat_detector(
        model, task="cells", max_detections=7, score_threshold=0.0
    )
    found = detector.predict(images(), verbose=0)
    assert found["boxes"].shape == (2, 7, 4)
    assert (np.diff(found["scores"]) <= 0).all()


def test_what_is_trained_is_checked():
    with pytest.raises(ValueError, match="received 'all'"):
        mtv.models.overfeat_losses(train="all")


@pytest.mark.by_heart
def test_learns_eight_images_of_pets_by_heart():
    """Heads of cats: one an image, of all sizes and not square."""
    folder = real_data("multitask_pets")
    pets = mtv.data.Folder(
        folder / "images", boxes=folder / "xmls", on_error="skip"
    )
    fields = {"boxes": "boxes", "classes": "classes"}
    x, y, _ = mtv.data.Batches(
        mtv.data.Subset(pets, [1, 2, 4, 6, 8, 10, 11, 14]),
        dict.fromkeys(TASKS, fields),
        image_size=128,
        batch_size=8,
        max_objects=2,
    )[0]
    keras.utils.set_random_seed(0)
    trunk = mtv.trunks.WindowNet()
    model = mtv.models.OverFeat(2, trunk=trunk)
    for phase, epochs in (("classes", 60), ("boxes", 60)):
        task = dict(zip(("classes", "boxes"), TASKS))[phase]
        schedule = keras.optimizers.schedules.CosineDecay(0.003, 2 * epochs)
        model.compile(
            keras.optimizers.Adam(schedule),
            **mtv.models.overfeat_losses(train=phase),
        )
        model.fit(x, {task: y[task]}, batch_size=4, epochs=epochs, verbose=0)
        trunk.freeze()
    found = mtv.models.overfeat_detector(model).predict(x, verbose=0)
    assert average_precision(y["boxes_sides"], found) > 0.9
