import sys

import keras
import numpy as np
import pytest
from keras import ops

from mtvision import MultiTaskModel
from mtvision.data import Batches
from mtvision.metrics import CocoMeanAveragePrecision

SIDE = 48
BOX = [10.0, 10.0, 30.0, 30.0]


def truth(number=4, size=2):
    """Batches of one object an image."""
    objects = {
        "boxes": np.tile(np.float32(BOX), (size, 1, 1)),
        "classes": np.zeros((size, 1), "int32"),
    }
    images = np.zeros((size, SIDE, SIDE, 3), "float32")
    weights = {"boxes": np.ones(size, "float32")}
    return [(images, {"boxes": objects}, weights)] * (number // size)


class Boxes(keras.utils.PyDataset):
    """The same, as `fit` takes it."""

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return truth()[index]


class Distance(keras.losses.Loss):
    """A loss whose weight moves the box by one pixel a step."""

    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_true["boxes"] - y_pred), axis=(1, 2))


@keras.saving.register_keras_serializable(package="tests")
class Guess(keras.layers.Layer):
    """One box whatever the image shows; it learns where."""

    def build(self, shape):
        self.move = self.add_weight((), initializer="zeros", name="move")

    def call(self, image):
        number = ops.shape(image)[0]
        box = ops.convert_to_tensor(BOX) + 12 - self.move
        return ops.tile(ops.reshape(box, (1, 1, 4)), (number, 1, 1))


def model_and_detector():
    """A model that is wrong by 12 pixels, then 9, 6, 3 after each epoch."""
    image = keras.Input((SIDE, SIDE, 3))
    boxes = Guess()(image)
    model = MultiTaskModel(image, {"boxes": boxes})
    # Two steps an epoch: slope 1 times rate 1.5 each.
    model.compile(keras.optimizers.SGD(1.5), loss={"boxes": Distance()})
    ones = ops.ones_like(boxes[..., 0])
    found = {"boxes": boxes, "scores": ones * 0.5, "classes": ones * 0}
    return model, keras.Model(image, found)


def fit(model, callbacks, epochs=4, **options):
    options = {"verbose": 0, **options}
    return model.fit(
        Boxes(), callbacks=callbacks, epochs=epochs, **options
    ).history


def test_the_logs_follow_the_training(tmp_path):
    model, detector = model_and_detector()
    path = str(tmp_path / "best.keras")
    evaluation = CocoMeanAveragePrecision(Boxes(), detector, verbose=0)
    checkpoint = keras.callbacks.ModelCheckpoint(
        path, monitor="val_AP", mode="max", save_best_only=True
    )
    history = fit(model, [evaluation, checkpoint])
    # IoU of boxes of 20 pixels, moved by 9, 6, 3, 0 along both axes.
    overlaps = [(20 - k) ** 2 / (800 - (20 - k) ** 2) for k in (9, 6, 3, 0)]
    passed = [
        sum(overlap >= 0.5 + 0.05 * k for k in range(10)) / 10
        for overlap in overlaps
    ]
    assert passed[0] < passed[2] < passed[3] == 1
    np.testing.assert_allclose(history["val_AP"], passed, atol=1e-6)
    np.testing.assert_allclose(history["val_APs"], passed, atol=1e-6)
    assert np.isnan(history["val_APm"]).all()
    assert evaluation.evaluate()["AP"] == pytest.approx(1)
    assert checkpoint.best == pytest.approx(1)
    assert (tmp_path / "best.keras").exists()


def test_early_stopping_sees_the_scores():
    model, detector = model_and_detector()
    model.optimizer.learning_rate = 0.0
    callbacks = [
        CocoMeanAveragePrecision(Boxes(), detector, verbose=0),
        keras.callbacks.EarlyStopping("val_AP", mode="max", patience=1),
    ]
    assert len(fit(model, callbacks, epochs=9)["loss"]) == 2


def test_a_checkpoint_before_it_says_that_the_score_is_missing(tmp_path):
    """No callback knows its place in the list; Keras warns."""
    model, detector = model_and_detector()
    path = str(tmp_path / "best.keras")
    callbacks = [
        keras.callbacks.ModelCheckpoint(
            path, monitor="val_AP", mode="max", save_best_only=True
        ),
        CocoMeanAveragePrecision(Boxes(), detector, verbose=0),
    ]
    with pytest.warns(UserWarning, match="val_AP available"):
        fit(model, callbacks, epochs=1)


def test_names_of_classes_prefixes_and_epochs():
    model, detector = model_and_detector()
    callbacks = [
        CocoMeanAveragePrecision(
            Boxes(),
            detector,
            class_names=["cat", "dog"],
            per_class=True,
            every=2,
            prefix="test_",
            verbose=0,
        ),
        CocoMeanAveragePrecision(Boxes(), detector, verbose=0),
    ]
    history = fit(model, callbacks)
    assert len(history["test_AP"]) == 2
    assert len(history["val_AP"]) == 4
    assert history["test_AP_cat"] == history["test_AP"]
    assert np.isnan(history["test_AP_dog"]).all()
    assert callbacks[0].result.precision.shape == (10, 101, 2, 4, 3)


def test_two_of_one_prefix():
    model, detector = model_and_detector()
    callback = CocoMeanAveragePrecision(Boxes(), detector, verbose=0)
    other = CocoMeanAveragePrecision(Boxes(), detector, verbose=0)
    with pytest.raises(ValueError, match="'val_AP' already.*`prefix`"):
        fit(model, [callback, other])


def test_a_detector_of_other_layers_is_told():
    model, _ = model_and_detector()
    _, detector = model_and_detector()
    callback = CocoMeanAveragePrecision(Boxes(), detector, verbose=0)
    with pytest.warns(UserWarning, match="shares no layer"):
        fit(model, [callback], epochs=1)


def test_a_progress_bar(capsys):
    model, detector = model_and_detector()
    callback = CocoMeanAveragePrecision(Boxes(), detector)
    fit(model, [callback], epochs=1, verbose=1)
    printed = capsys.readouterr().out
    assert "Evaluating 'boxes'" in printed
    assert "2/2" in printed.split("Evaluating")[1]
    assert "val_AP50" in printed
    quiet = CocoMeanAveragePrecision(Boxes(), detector, verbose=0)
    quiet.evaluate()
    assert capsys.readouterr().out == ""


def test_batches_of_a_source():
    source = [
        {
            "image": np.zeros((SIDE, SIDE, 3), "uint8"),
            "boxes": np.float32([BOX]) + 12,
            "classes": np.int32([0]),
        },
        {"image": np.zeros((SIDE, SIDE, 3), "uint8")},
    ]
    data = Batches(
        source,
        {"boxes": {"boxes": "boxes", "classes": "classes"}},
        max_objects=3,
        batch_size=2,
        shuffle=True,
    )
    _, detector = model_and_detector()
    callback = CocoMeanAveragePrecision(data, detector, verbose=0)
    assert callback.evaluate()["AP"] == pytest.approx(1)


def test_objects_beyond_the_padding_are_told():
    crowded = {
        "image": np.zeros((SIDE, SIDE, 3), "uint8"),
        "boxes": np.float32([BOX] * 5) + 12,
        "classes": np.int32([0] * 5),
    }
    data = Batches(
        [crowded] * 2,
        {"boxes": {"boxes": "boxes", "classes": "classes"}},
        max_objects=2,
        batch_size=1,
    )
    _, detector = model_and_detector()
    callback = CocoMeanAveragePrecision(data, detector, verbose=0)
    with pytest.warns(UserWarning, match="6 beyond max_objects"):
        callback.evaluate()


def test_no_batches():
    _, detector = model_and_detector()
    callback = CocoMeanAveragePrecision([], detector, verbose=0)
    with pytest.raises(ValueError, match="the data has none"):
        callback.evaluate()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "masks"}, r"gives the fields \['masks'"),
        ({"kind": "box"}, "'boxes', 'masks', 'keypoints'"),
        ({"kind": "phrases"}, "'keypoints'.*dense_captioning_evaluate"),
        ({"every": 0}, "every.*received 0"),
        ({"sigmas": [0.0] * 5}, "sigmas.*above 0"),
    ],
)
def test_bad_arguments_are_told_at_once(options, message):
    _, detector = model_and_detector()
    with pytest.raises(ValueError, match=message):
        CocoMeanAveragePrecision(truth(), detector, **options)


def test_pycocotools_is_missing_at_once(monkeypatch):
    _, detector = model_and_detector()
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    with pytest.raises(ImportError, match="pip install"):
        CocoMeanAveragePrecision(truth(), detector)
