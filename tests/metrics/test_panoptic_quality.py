import warnings

import keras
import numpy as np
import pytest

from mtvision.metrics import PanopticQuality, panoptic_evaluate

SIDE = 8
OPTIONS = {"num_classes": 3, "things": [1]}
TRUTH = np.zeros((4, SIDE, SIDE), "int32")
TRUTH[:, 2:5, 2:6] = 1001
TRUTH[3] = 2000


class Shown(keras.utils.PyDataset):
    """Two batches, in which an image shows its own truth, moved."""

    def __init__(self, shift=0, weights=None, truth=TRUTH):
        super().__init__()
        self.images = np.roll(TRUTH, shift, axis=2)[..., None]
        self.images = self.images.astype("float32")
        self.weights, self.truth = weights, truth

    def __len__(self):
        return 2

    def __getitem__(self, index):
        rows = slice(2 * index, 2 * index + 2)
        batch = self.images[rows], {"panoptic": self.truth[rows]}
        if self.weights is None:
            return batch
        return *batch, {"panoptic": self.weights[rows]}


@keras.saving.register_keras_serializable(package="tests")
class Read(keras.layers.Layer):
    """The map that an image shows; it learns nothing of use."""

    def build(self, shape):
        self.weight = self.add_weight((), initializer="zeros", name="weight")

    def call(self, image):
        return image[..., 0] + 0 * self.weight


def segmenter(as_dict=False):
    image = keras.Input((SIDE, SIDE, 1))
    segments = Read()(image)
    return keras.Model(image, {"panoptic": segments} if as_dict else segments)


@pytest.mark.parametrize("as_dict", [False, True])
def test_batches_are_counted_together(as_dict):
    data = Shown(shift=1)
    evaluation = PanopticQuality(data, segmenter(as_dict), **OPTIONS)
    expected = panoptic_evaluate(
        TRUTH, data.images[..., 0].astype(int), **OPTIONS
    )
    assert evaluation.evaluate() == pytest.approx(expected.scores)
    assert 0.5 < expected.scores["PQ"] < 1
    np.testing.assert_equal(evaluation.result.counts, expected.counts)


def test_samples_without_a_label_are_left_out():
    truth = TRUTH.astype("float32")
    truth[1] = np.nan
    weights = np.array([1, 1, 0, 1])
    data = Shown(shift=4, weights=weights, truth=truth)
    scores = PanopticQuality(data, segmenter(), **OPTIONS).evaluate()
    kept = [0, 3]
    expected = panoptic_evaluate(
        TRUTH[kept], data.images[kept, ..., 0].astype(int), **OPTIONS
    )
    assert scores == pytest.approx(expected.scores)
    nothing = Shown(weights=0 * weights)
    with pytest.raises(ValueError, match="'panoptic'.*found none"):
        PanopticQuality(nothing, segmenter(), **OPTIONS).evaluate()


def test_the_logs_of_fit():
    model = segmenter()
    model.compile("sgd", "mse")
    names = ["sky", "cat", "sea"]
    callbacks = [
        PanopticQuality(
            Shown(), model, **OPTIONS, per_class=True, class_names=names
        ),
        PanopticQuality(
            Shown(shift=1), model, **OPTIONS, prefix="moved_", every=2
        ),
    ]
    x, y = np.zeros((2, SIDE, SIDE, 1)), np.zeros((2, SIDE, SIDE))
    history = model.fit(x, y, epochs=2, callbacks=callbacks, verbose=0).history
    assert history["val_PQ"] == history["val_PQ_cat"] == [1.0, 1.0]
    assert len(history["moved_PQ"]) == 1
    assert history["moved_PQ_things"][0] < 1
    with pytest.raises(ValueError, match="'val_PQ' already.*`prefix`"):
        model.fit(x, y, callbacks=callbacks[:1] * 2, verbose=0)


def test_a_segmenter_of_other_layers_is_told():
    model = segmenter()
    model.compile("sgd", "mse")
    callback = PanopticQuality(Shown(), segmenter(), **OPTIONS)
    x, y = np.zeros((2, SIDE, SIDE, 1)), np.zeros((2, SIDE, SIDE))
    with pytest.warns(UserWarning, match="shares no layer"):
        model.fit(x, y, callbacks=[callback], verbose=0)


def test_bad_data_is_told_where():
    wrong = TRUTH.copy()
    wrong[2] = 9000
    callback = PanopticQuality(Shown(truth=wrong), segmenter(), **OPTIONS)
    with pytest.raises(ValueError, match="Batch 1, sample 0: .*class 9"):
        callback.evaluate()
    callback = PanopticQuality(Shown(), segmenter(), **OPTIONS, task="mask")
    with pytest.raises(ValueError, match=r"Batch 0: .*'mask'.*\['panoptic'\]"):
        callback.evaluate()
    short = keras.Model(*(keras.Input((SIDE, SIDE, 1)),) * 2)
    short.predict_on_batch = lambda x: np.zeros((1, SIDE, SIDE))
    callback = PanopticQuality(Shown(), short, **OPTIONS)
    with pytest.raises(ValueError, match=r"Batch 0: .* 2 samples, received 1"):
        callback.evaluate()
    callback = PanopticQuality(iter([]), segmenter(), **OPTIONS)
    with pytest.raises(ValueError, match="an iterator"):
        callback.evaluate()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, "every"),
        ({"things": [3]}, "things"),
        ({"class_names": ["a"]}, "3 class_names"),
    ],
)
def test_bad_arguments_are_told_at_once(options, message):
    with pytest.raises(ValueError, match=message):
        PanopticQuality(Shown(), segmenter(), **{**OPTIONS, **options})


def test_a_segmenter_of_some_of_the_inputs():
    image = keras.Input((2, 2), name="image")
    segments = np.zeros((1, 2, 2), "int32")
    inputs = {"image": segments, "proposals": np.zeros((1, 3, 4))}
    data = [(inputs, {"panoptic": segments})]
    quality = PanopticQuality(data, keras.Model(image, image), **OPTIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert quality.evaluate()["PQ"] == 1
