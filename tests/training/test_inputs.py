"""Arrays that do not fit the inputs of a model say what to do."""

import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision.training.inputs import check_inputs, check_room, image_size

IMAGE = keras.Input((8, 12, 3), name="image")
AGE = keras.Input((1,), name="age")


@pytest.mark.parametrize(
    ("shape", "remedy"),
    [
        ((2, 3, 8, 12), "np.moveaxis"),
        ((2, 8, 12), r"np.stack\(\[x\] \* 3"),
        ((2, 8, 12, 1), r"np.repeat\(x, 3"),
        ((2, 8, 12, 4), "alpha"),
        ((8, 12, 3), r"x\[None\]"),
        ((2, 9, 12, 3), "Resize"),
    ],
)
def test_wrong_images_come_with_a_remedy(shape, remedy):
    x = np.zeros(shape)
    for given, inputs in [
        (x, [IMAGE]),
        ([x, np.zeros(2)], [IMAGE, AGE]),
        ({"age": np.zeros(2), "image": x}, [IMAGE, AGE]),
    ]:
        with pytest.raises(ValueError, match=f"Input 'image'.*{remedy}"):
            check_inputs(given, inputs)


def test_samples_without_a_value_are_told():
    """They are not missing, as -1 all over would be."""
    words = keras.Input((None,), dtype="int32", name="words")
    for optional in ({"words"}, ()):
        with pytest.raises(ValueError, match=r"'words': .*\(2, 0\).*no value"):
            check_inputs(np.zeros((2, 0), "int32"), [words], optional)


def test_whole_numbers_where_the_input_is_of_them():
    words = keras.Input((3,), dtype="int32", name="words")
    check_inputs(np.array([[1.0, 2.0, 0.0]]), [words])
    check_inputs(np.array([[1.5]]), [AGE])
    with pytest.raises(ValueError, match="'words': sample 1 holds 0.5.*whole"):
        check_inputs(np.array([[1.0, 2, 0], [1, 0.5, 0]]), [words])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sample_may_lack_an_input_if_the_model_says_so(dtype):
    words = keras.Input((3,), dtype="int32", name="words")
    image = np.zeros((3, 8, 12, 3), dtype)
    image[1] = np.nan
    numbers = np.array([[1, 2, 0], [3, -1, 0], [-1, -1, -1]])
    x = {"image": image, "words": numbers}
    check_inputs(x, [IMAGE, words], {"image", "words"})
    check_inputs([image, numbers], [IMAGE, words], {"image", "words"})
    for name, sample, value in (("image", 1, "NaN"), ("words", 2, "-1")):
        others = {"image", "words"} - {name}
        message = f"'{name}': sample {sample} holds {value} all over"
        for given in (numbers, numbers.astype(dtype)):
            x["words"] = given
            with pytest.raises(ValueError, match=message):
                check_inputs(x, [IMAGE, words], others)


def test_an_input_that_is_missing_in_part_is_an_error():
    words = keras.Input((3,), dtype="int32", name="words")
    image = np.zeros((3, 8, 12, 3))
    image[1, 4] = np.nan
    with pytest.raises(ValueError, match="sample 1 holds NaN or infinity"):
        check_inputs(image, [IMAGE], {"image"})
    image[1] = np.inf
    with pytest.raises(ValueError, match="sample 1 holds NaN or infinity"):
        check_inputs({"image": image}, [IMAGE], {"image"})
    # NaN is no missing integer.
    numbers = np.full((2, 3), np.nan)
    with pytest.raises(ValueError, match="sample 0 holds nan.*whole"):
        check_inputs({"words": numbers}, [words], {"words"})


def optional(*, also_read):
    """A model that takes samples without an age, if nothing else reads it."""
    inputs = {"age": AGE, "size": keras.Input((1,), name="size")}
    age, known = mtv.layers.MaskMissing()(inputs["age"])
    age = mtv.layers.FillMissing()(keras.layers.Dense(2)(age), known)
    parts = [age, inputs["size"], *([inputs["age"]] if also_read else [])]
    x = keras.layers.Concatenate()(parts)
    model = mtv.MultiTaskModel(inputs, {"price": keras.layers.Dense(1)(x)})
    model.compile("sgd", {"price": "mse"})
    return model


def test_the_only_reader_of_an_optional_input_takes_what_is_missing(tmp_path):
    x = {"age": np.array([[1], [np.nan]]), "size": np.ones((2, 1))}
    y = {"price": np.ones((2, 1))}
    model = optional(also_read=False)
    model.save(tmp_path / "model.keras")
    for one in (model, keras.saving.load_model(tmp_path / "model.keras")):
        assert one.optional_inputs == {"age"}
        assert np.isfinite(one.evaluate(x, y, verbose=0)).all()
        assert np.isfinite(one.predict(x, verbose=0)["price"]).all()
    model = optional(also_read=True)
    assert not model.optional_inputs
    for call in (
        lambda: model.fit(x, y, verbose=0),
        lambda: model.predict(x, verbose=0),
        lambda: model.predict(Two(x), verbose=0),
    ):
        with pytest.raises(ValueError, match="'age': sample 1 .*MaskMissing"):
            call()


@pytest.mark.parametrize("shape", [(2, 3), (2,), (2, 2, 2)])
def test_shapes_are_told_by_fit_and_predict(shape):
    """Keras would name a tensor of the graph."""
    facts = keras.Input((2,), name="facts")
    x = mtv.layers.MaskMissing()(facts)[0]
    model = mtv.MultiTaskModel(facts, {"price": keras.layers.Dense(1)(x)})
    model.compile("sgd", {"price": "mse"})
    x, y = np.ones(shape), {"price": np.ones((2, 1))}
    for call in (
        lambda: model.fit(x, y, verbose=0),
        lambda: model.predict(x, verbose=0),
        lambda: model.predict({"facts": x}, verbose=0),
        lambda: model.predict(Two(x), verbose=0),
    ):
        with pytest.raises(ValueError, match=r"'facts': expected an array of"):
            call()


def test_predict_takes_no_nan_for_a_number():
    """A ReLU of TensorFlow on a CPU makes it 0, as if nothing were wrong."""
    facts = keras.Input((2,), name="facts")
    words = keras.Input((2,), dtype="int32", name="words")
    inputs = {"facts": facts, "words": words}
    parts = [mtv.layers.MaskMissing()(x)[0] for x in inputs.values()]
    parts = [keras.ops.cast(x, "float32") for x in parts]
    x = keras.layers.Dense(2, activation="relu")(keras.ops.add(*parts))
    model = mtv.MultiTaskModel(inputs, {"price": x})
    assert model.optional_inputs == {"facts", "words"}
    good = {"facts": np.ones((2, 2)), "words": np.ones((2, 2))}
    model.predict(good, verbose=0)
    part = np.array([[1, 1], [1, np.nan]])
    for name, wrong in (
        ("facts", part),
        ("words", part),
        ("words", np.full((2, 2), np.nan)),
    ):
        data = {**good, name: wrong}
        message = f"'{name}'.*sample [01] hold"
        with pytest.raises(ValueError, match=message):
            model.predict(data, verbose=0)
        with pytest.raises(ValueError, match=message):
            model.predict(Two(data), verbose=0)
    # On JAX, an error in a data set would leave it without its values.
    model.predict(good, verbose=0)


class Two(keras.utils.PyDataset):
    """A data set of one batch."""

    def __init__(self, x):
        super().__init__()
        self.x = x

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return (self.x,)


def test_what_keras_takes_passes():
    image = np.zeros((2, 8, 12, 3))
    check_inputs(image, [IMAGE])
    check_inputs(keras.ops.convert_to_tensor(image), [IMAGE])
    check_inputs([image, np.zeros((2, 1))], [IMAGE, AGE])
    check_inputs({"image": image, "age": np.zeros((2, 1, 1))}, [IMAGE, AGE])
    check_inputs({"other": image}, [IMAGE])
    check_inputs(np.zeros((2, 5, 7, 3)), [keras.Input((None, None, 3))])
    check_inputs(np.zeros((2, 8, 12)), [keras.Input((8, 12, 1))])
    check_inputs(np.array(["a", "b"]), [keras.Input((), dtype="string")])


def test_the_size_of_the_images():
    image = np.zeros((2, 8, 12, 3))
    assert image_size([image, np.zeros(2)], [IMAGE, AGE]) == (8, 12)
    assert image_size(np.zeros(2), [AGE]) is None
    other = keras.Input((4, 4, 1))
    assert image_size([image, np.zeros((2, 4, 4, 1))], [IMAGE, other]) is None


def locate():
    x = keras.Input((16, 16, 3), name="image")
    head = mtv.tasks.LocalizationHead(level="P3")
    pooled = keras.layers.AveragePooling2D(8)(x)
    model = mtv.MultiTaskModel(x, {"face": head({"P3": pooled})})
    model.compile("sgd", loss={"face": mtv.tasks.LocalizationLoss()})
    return model


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ([4, 4, 2, 8], "inverted or without area"),
        ([20, 4, 24, 8], "outside of the image.*16 x 16"),
        ([8, 4, 24, 8], "partly outside of the image"),
    ],
)
def test_boxes_are_compared_with_the_image(box, message):
    x = np.zeros((4, 16, 16, 3), "float32")
    y = np.array([[1, 2, 2, 9, 9]] * 4, "float32")
    y[1] = [0, 99, 0, 0, 0]  # no object: the box is not looked at
    model = locate()
    model.fit(x, {"face": y}, verbose=0)
    y[2, 1:] = box
    for run in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match=f"'face': sample 2.*{message}"):
            run(x, {"face": y}, verbose=0)


def test_channels_first_images_do_not_reach_keras():
    y = np.array([[1, 2, 2, 9, 9]] * 4, "float32")
    with pytest.raises(ValueError, match="channels last"):
        locate().fit(np.zeros((4, 3, 16, 16)), {"face": y}, verbose=0)


@pytest.mark.parametrize("labels", [["cat", "dog"], [[1, 2], [3]]])
def test_truths_that_are_no_numbers_name_the_task(labels):
    x = np.zeros((2, 16, 16, 3))
    y = {"face": np.array(labels, dtype=object)}
    with pytest.raises(ValueError, match="'face': expected numbers as truth"):
        locate().fit(x, y, verbose=0)
    with pytest.raises(ValueError, match="'face': expected numbers as truth"):
        locate().fit(x, {"face": {"boxes": y["face"]}}, verbose=0)


class Coarse(keras.layers.Identity):
    coarsest_stride = 16


def test_images_smaller_than_a_cell():
    image = keras.Input((None, None, 3), name="image")
    layers = [keras.layers.Identity(), Coarse()]
    with pytest.raises(ValueError, match="stride of 16 .*only 15 x 32"):
        check_room(np.zeros((1, 15, 32, 3)), [image], layers)
    check_room(np.zeros((1, 16, 32, 3)), [image], layers)
    check_room(np.zeros((1, 15, 32, 3)), [image], layers[:1])
    check_room("no array", [image], layers)


def test_small_images_are_refused_after_others_too():
    """TensorFlow compiles for images of any size after two sizes."""
    image = keras.Input((None, None, 3))
    x = Coarse()(keras.layers.GlobalAveragePooling2D()(image))
    model = mtv.MultiTaskModel(image, {"scene": keras.layers.Dense(2)(x)})
    model.compile("sgd", loss={"scene": mtv.tasks.ClassificationLoss()})
    labels = {"scene": np.zeros(2, "int32")}
    for side in (16, 20, 24):
        images = np.zeros((2, side, side, 3), "float32")
        model.fit(images, labels, verbose=0)
    small = np.zeros((2, 15, 15, 3), "float32")
    for call in (model.fit, model.evaluate):
        with pytest.raises(ValueError, match="stride of 16"):
            call(small, labels, verbose=0)
    with pytest.raises(ValueError, match="stride of 16"):
        model.predict(small, verbose=0)
