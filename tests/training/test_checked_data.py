"""Mistakes in data sets are named with task, batch and sample."""

import keras
import numpy as np
import pytest

import mtvision as mtv

X = np.random.default_rng(0).normal(size=(8, 6)).astype("float32")
SCENE = np.arange(8) % 3


def make_model():
    x = keras.Input((6,))
    model = mtv.MultiTaskModel(x, {"scene": keras.layers.Dense(3)(x)})
    model.compile("sgd", loss={"scene": mtv.tasks.ClassificationLoss()})
    return model


class Scenes(keras.utils.PyDataset):
    """Two batches of which the second may hold a wrong class."""

    def __init__(self, wrong=None, error=None, **kwargs):
        super().__init__(**kwargs)
        self.wrong, self.error, self.epochs = wrong, error, 0

    def __len__(self):
        return 2

    def __getitem__(self, index):
        if index and self.error:
            raise self.error
        y = SCENE.copy()
        if index and self.wrong is not None:
            y[5] = self.wrong
        return X, {"scene": y}

    def on_epoch_end(self):
        self.epochs += 1


MESSAGE = "Batch 1: Task 'scene': sample 5 has the class 3"


@pytest.mark.parametrize("workers", [1, 3])
def test_batches_of_a_set_are_checked(workers):
    data = Scenes(wrong=3, workers=workers)
    for call in (make_model().fit, make_model().evaluate):
        with pytest.raises(ValueError, match=MESSAGE):
            call(data, verbose=0)
    with pytest.raises(ValueError, match=MESSAGE):
        make_model().fit(X, {"scene": SCENE}, validation_data=data, verbose=0)


def test_a_set_is_used_as_it_is():
    data = Scenes(workers=2, max_queue_size=3)
    model = make_model()
    history = model.fit(data, epochs=3, validation_data=data, verbose=0)
    assert len(history.history["val_loss"]) == 3
    assert data.epochs >= 3
    twin = make_model()
    twin.set_weights(model.get_weights())
    with_arrays = twin.evaluate(X, {"scene": SCENE}, verbose=0)
    np.testing.assert_allclose(
        model.evaluate(data, verbose=0), with_arrays, rtol=1e-5
    )


def test_an_infinite_set_takes_steps_per_epoch():
    class Endless(Scenes):
        __len__ = None
        num_batches = None

        def __getitem__(self, index):
            return super().__getitem__(0)

    history = make_model().fit(
        Endless(), steps_per_epoch=3, epochs=2, verbose=0
    )
    assert len(history.history["loss"]) == 2


def test_the_error_of_a_set_arrives_as_it_is():
    data = Scenes(error=OSError("scene 12 is damaged"))
    with pytest.raises(OSError, match="scene 12 is damaged"):
        make_model().fit(data, verbose=0)


def test_generators_are_checked():
    def generate(wrong):
        for index in range(4):
            yield Scenes(wrong=wrong)[index % 2]

    model = make_model()
    model.fit(generate(None), steps_per_epoch=4, verbose=0)
    with pytest.raises(ValueError, match=MESSAGE):
        model.fit(generate(3), steps_per_epoch=4, verbose=0)
    assert np.isfinite(model.evaluate(generate(None), verbose=0)).all()


def test_tensors_are_checked_like_arrays():
    x, y = (keras.ops.convert_to_tensor(a) for a in (X, SCENE))
    make_model().fit(x, {"scene": y}, verbose=0)
    with pytest.raises(ValueError, match="sample 1 has the class 3"):
        make_model().fit(x, {"scene": y + 2}, verbose=0)


def test_lists_are_refused():
    with pytest.raises(ValueError, match=r"'scene'.*received a list.*array"):
        make_model().fit(X, {"scene": list(SCENE)}, verbose=0)


def test_a_loss_checks_its_own_truth():
    class Even(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return keras.ops.sum(y_pred, axis=-1)

        def check_truth(self, y_true, y_pred):
            if (y_true["number"] % 2).any():
                raise ValueError("sample 1 is odd")

    model = make_model()
    model.compile("sgd", loss={"scene": Even()})
    model.fit(X, {"scene": {"number": 2 * SCENE}}, verbose=0)
    with pytest.raises(ValueError, match="Task 'scene': sample 1 is odd"):
        model.fit(X, {"scene": {"number": SCENE}}, verbose=0)


def test_the_size_of_a_map_is_checked():
    x = keras.Input((8, 8, 3))
    y = keras.layers.Conv2D(3, 1)(x)
    for loss in (mtv.losses.Dice(), mtv.tasks.SegmentationLoss()):
        model = mtv.MultiTaskModel(x, {"mask": y})
        model.compile("sgd", loss={"mask": loss})
        with pytest.raises(ValueError, match="'mask'.*maps of .4, 4"):
            model.fit(
                np.zeros((2, 8, 8, 3)), {"mask": np.zeros((2, 4, 4))}, verbose=0
            )


class Maps(keras.utils.PyDataset):
    """Images and truths, the second batch of which may be of other sizes."""

    def __init__(self, truth, image_size, truth_size):
        super().__init__()
        self.truth = truth
        self.sizes = [(8, 8), (image_size, truth_size)]

    def __len__(self):
        return 2

    def __getitem__(self, index):
        image, truth = self.sizes[index]
        return np.ones((2, image, image, 3)), {"map": self.truth(truth)}


def weighted(size):
    labels = np.zeros((2, size, size), "int32")
    return {"labels": labels, "weights": np.ones((2, size, size))}


@pytest.mark.parametrize(
    ("channels", "loss", "truth"),
    [
        (3, mtv.tasks.SegmentationLoss(), lambda n: np.zeros((2, n, n))),
        (3, mtv.losses.CategoricalFocal(), lambda n: np.zeros((2, n, n, 1))),
        (3, mtv.tasks.SegmentationLoss(), weighted),
        (3, mtv.losses.Tversky(), weighted),
        (
            3,
            mtv.losses.Dice(multi_label=True),
            lambda n: np.zeros((2, n, n, 3)),
        ),
        (
            3,
            mtv.losses.WeightedSum([mtv.losses.GeneralizedDice()]),
            lambda n: np.zeros((2, n, n)),
        ),
        (1, mtv.tasks.BerHuLoss(), lambda n: np.ones((2, n, n))),
        (1, mtv.losses.SmoothL1(), lambda n: np.ones((2, n, n, 1))),
        (3, mtv.tasks.NormalsLoss(), lambda n: np.ones((2, n, n, 3))),
        (1, mtv.tasks.EdgesLoss(), lambda n: np.zeros((2, n, n))),
        (1, "mse", lambda n: np.zeros((2, n, n, 1))),
    ],
)
def test_sizes_are_compared_where_a_model_takes_any(channels, loss, truth):
    image = keras.Input((None, None, 3))
    # Half the size of the image: the truth must have that of the output.
    maps = keras.layers.Conv2D(channels, 2, strides=2)(image)
    model = mtv.MultiTaskModel(image, {"map": maps})
    model.compile("sgd", loss={"map": loss}, run_eagerly=True)

    def half(size):
        return truth(size // 2)

    message = "'map'(?=.*2, 2)(?=.*4, 4)"
    with pytest.raises(ValueError, match=f"Batch 1: Task {message}"):
        model.fit(Maps(half, 8, 4), verbose=0)
    with pytest.raises(ValueError, match="Batch 1.*2, 2"):
        model.fit(Maps(half, 16, 4), verbose=0)
    with pytest.raises(ValueError, match=f"Task {message}"):
        model.fit(*Maps(half, 8, 4)[1], verbose=0)
    losses = model.evaluate(*Maps(half, 16, 16)[1], verbose=0)
    assert np.isfinite(losses).all()


def test_weights_finer_than_the_values_are_refused():
    x = keras.Input((8, 8, 3))
    model = mtv.MultiTaskModel(x, {"mask": keras.layers.Conv2D(3, 1)(x)})
    data = np.ones((4, 8, 8, 3)), {"mask": np.zeros((4, 8, 8), "int32")}
    weight = {"mask": np.ones((4, 8, 8))}
    model.compile("sgd", loss={"mask": mtv.tasks.SegmentationLoss()})
    with pytest.raises(ValueError, match=r"'mask'.*, 8, 8\).*NaN or -1"):
        model.evaluate(*data, sample_weight=weight, verbose=0)
    sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss={"mask": sparse})
    weight["mask"][:, 0, 0] = 0
    assert model.evaluate(*data, sample_weight=weight, verbose=0)[0] > 0


def test_a_lambda_is_a_loss():
    model = make_model()
    model.compile("sgd", loss={"scene": lambda y, p: p[:, 0] * 0 + 2.0})
    assert model.evaluate(X, {"scene": SCENE}, verbose=0)[0] == 2.0


def test_the_numbers_of_samples_are_compared():
    message = "'scene': expected 8 samples.*received 7 as truth"
    with pytest.raises(ValueError, match=message):
        make_model().fit(X, {"scene": SCENE[:7]}, verbose=0)
    weight = {"scene": np.ones(5)}
    with pytest.raises(ValueError, match="received 5 as sample weights"):
        make_model().fit(X, {"scene": SCENE}, sample_weight=weight, verbose=0)
    weight = {"scene": [1.0] * 8}
    with pytest.raises(ValueError, match="sample weights, received a list"):
        make_model().fit(X, {"scene": SCENE}, sample_weight=weight, verbose=0)


def test_a_metric_may_not_hide_the_loss():
    metric = keras.metrics.SparseCategoricalAccuracy(name="loss")
    with pytest.raises(ValueError, match="'scene_loss', like the task's loss"):
        make_model().compile(
            "sgd",
            loss={"scene": mtv.tasks.ClassificationLoss()},
            metrics={"scene": metric},
        )
