import threading
import warnings

import keras
import numpy as np
import pytest

from mtvision.data import Batches

SIZE = 8
TARGETS = {
    "digit": "label",
    "where": ("present", "box", "label"),
    "mask": "semantic",
    "boxes": {"boxes": "boxes", "classes": "classes"},
}


def sample(index=0, **fields):
    count = index % 3
    return {
        "image": np.full((SIZE, SIZE, 3), index, "uint8"),
        "file": f"{index}.png",
        "label": index % 5,
        "present": 1.0,
        "box": np.array([1, 2, 5, 6], "float32"),
        "semantic": np.full((SIZE, SIZE), index % 5, "uint8"),
        "boxes": np.array([[0, 0, 4, 4]] * count).reshape(-1, 4),
        "classes": np.arange(count),
        "caption": "a digit",
    } | fields


def source(number=10):
    return [sample(index) for index in range(number)]


def batches(samples, targets=TARGETS, **options):
    return Batches(samples, targets, **{"max_objects": 3} | options)


def shapes(structure):
    return keras.tree.map_structure(
        lambda x: (x.shape, x.dtype.name), structure
    )


def test_inputs_targets_and_weights():
    inputs, targets, weights = batches(source(), batch_size=4)[1]
    assert inputs.dtype == np.float32
    assert inputs[:, 0, 0, 0].tolist() == [4, 5, 6, 7]
    assert shapes(targets) == {
        "digit": ((4,), "int32"),
        "where": ((4, 6), "float32"),
        "mask": ((4, 8, 8), "int32"),
        "boxes": {
            "boxes": ((4, 3, 4), "float32"),
            "classes": ((4, 3), "int32"),
        },
    }
    assert targets["where"][0].tolist() == [1, 1, 2, 5, 6, 4]
    assert targets["boxes"]["classes"].tolist() == [
        [0, -1, -1],
        [0, 1, -1],
        [-1, -1, -1],
        [0, -1, -1],
    ]
    assert shapes(weights) == dict.fromkeys(TARGETS, ((4,), "float32"))
    assert all(weight.min() == 1 for weight in weights.values())


@pytest.mark.parametrize(
    ("missing", "task"),
    [
        ({"label": -1}, "digit"),
        ({"label": None}, "digit"),
        ({"label": np.nan}, "digit"),
        ({"present": np.nan}, "where"),
        ({"present": None}, "where"),
        ({"semantic": None}, "mask"),
        ({"semantic": np.full((SIZE, SIZE), -1)}, "mask"),
        ({"semantic": np.array(-1)}, "mask"),
        ({"boxes": None, "classes": None}, "boxes"),
        ({"classes": None}, "boxes"),
    ],
)
def test_a_missing_label_has_weight_zero(missing, task):
    samples = [sample(1), sample(2, **missing)]
    _, targets, weights = batches(samples)[0]
    for name, weight in weights.items():
        assert weight.tolist() == [1.0, 0.0 if name == task else 1.0]
    expected = batches([sample(1), sample(2)])[0][1]
    assert shapes(targets) == shapes(expected)


def test_absent_fields_are_missing_labels():
    samples = source(3)
    for name in ("label", "semantic", "present", "box", "boxes", "classes"):
        del samples[0][name]
    _, targets, weights = batches(samples)[0]
    assert [w[0] for w in weights.values()] == [0.0] * 4
    assert targets["digit"][0] == -1
    assert (targets["mask"][0] == -1).all()
    assert np.isnan(targets["where"][0, :5]).all()
    assert (targets["boxes"]["classes"][0] == -1).all()


def test_the_first_field_of_a_tuple_decides():
    samples = [
        sample(0),
        sample(1, box=np.full(4, np.nan)),
        sample(2, label=-1),
        sample(3, present=0.0, box=np.zeros(4), label=-1),
    ]
    _, targets, weights = batches(samples)[0]
    assert weights["where"].tolist() == [1, 1, 1, 1]
    assert np.isnan(targets["where"][1, 1:5]).all()
    assert targets["where"][2, 5] == -1
    assert targets["where"][3].tolist() == [0, 0, 0, 0, 0, -1]


def test_an_image_without_objects_is_labelled():
    _, targets, weights = batches([sample(1), sample(0)])[0]
    assert weights["boxes"].tolist() == [1, 1]
    assert (targets["boxes"]["classes"][1] == -1).all()


def test_tasks_share_the_array_of_a_field():
    two = {"digit": "label", "parity": "label"}
    _, targets, _ = batches(source(), two)[0]
    assert targets["digit"] is targets["parity"]


def test_several_inputs():
    samples = [sample(i) | {"age": np.float64(i)} for i in range(4)]
    named = {"picture": "image", "meta": "age"}
    inputs, _, _ = batches(samples, {"digit": "label"}, inputs=named)[0]
    assert inputs["picture"].shape == (4, 8, 8, 3)
    assert inputs["meta"].tolist() == [0, 1, 2, 3]
    inputs, _, _ = batches(
        samples, {"digit": "label"}, inputs=["image", "age"]
    )[0]
    assert [x.shape for x in inputs] == [(4, 8, 8, 3), (4,)]
    del samples[2]["age"]
    with pytest.raises(ValueError, match=r"sample 2 \(2.png\).*'age'"):
        batches(samples, {"digit": "label"}, inputs=named)[0]


def test_the_last_batch_is_kept_unless_told():
    assert [len(b[0]) for b in batches(source(10), batch_size=4)] == [4, 4, 2]
    dropped = batches(source(10), batch_size=4, drop_remainder=True)
    assert [len(b[0]) for b in dropped] == [4, 4]
    with pytest.raises(IndexError):
        dropped[2]


def test_images_and_labels_are_resized_in_step():
    inputs, targets, _ = batches(source(3), image_size=16)[0]
    assert inputs.shape == (3, 16, 16, 3)
    assert targets["mask"].shape == (3, 16, 16)
    assert targets["where"][0, 1:5].tolist() == [2, 4, 10, 12]
    assert targets["boxes"]["boxes"][1, 0].tolist() == [0, 0, 8, 8]


def test_the_order_is_a_function_of_seed_and_epoch():
    first = batches(source(50), shuffle=True, seed=3)
    second = batches(source(50), shuffle=True, seed=3, batch_size=7)
    assert sorted(first.order(5)) == list(range(50))
    np.testing.assert_array_equal(first.order(5), second.order(5))
    assert (first.order(5) != first.order(6)).any()
    assert (first.order(0) != batches(source(50), shuffle=True).order(0)).any()
    for _ in range(5):
        first.on_epoch_end()
    drawn = np.concatenate([b[0][:, 0, 0, 0] for b in first])
    np.testing.assert_array_equal(drawn, second.order(5))


def test_every_sample_comes_once_an_epoch():
    shuffled = batches(source(50), batch_size=7, shuffle=True)
    for _ in range(2):
        drawn = np.concatenate([b[0][:, 0, 0, 0] for b in shuffled])
        assert sorted(drawn) == list(range(50))
        shuffled.on_epoch_end()


def test_the_cache_reads_each_sample_once():
    reads = []

    class Source(list):
        def __getitem__(self, index):
            reads.append(index)
            return super().__getitem__(index)

    cached = batches(Source(source(6)), batch_size=2, cache=True)
    for _ in range(3):
        list(cached)
    assert sorted(reads) == list(range(6))


def test_threads_give_the_same_batches():
    shuffled = batches(source(60), batch_size=4, shuffle=True, cache=True)
    alone = [batch[0] for batch in shuffled]
    found = {}

    def work(start):
        for index in range(start, len(shuffled), 4):
            found[index] = shuffled[index][0]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, images in enumerate(alone):
        np.testing.assert_array_equal(found[index], images)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"image": np.zeros((3, 8, 8), "uint8")}, r"'image'.*channels first"),
        ({"image": np.full((8, 8, 3), np.nan)}, "'image'.*NaN"),
        ({"label": -3}, "'label'.*-3"),
        ({"label": 12}, "'label'.*12"),
        ({"label": 1.5}, "'label'.*float64"),
        ({"label": "seven"}, "'label'.*strings"),
        ({"label": 3_000_000_000}, "'label'.*int32"),
        ({"label": np.array([1, 2])}, "'label'.*shape"),
        ({"present": np.inf}, "'present'.*infinite"),
        ({"semantic": np.zeros((4, 8), "uint8")}, "'semantic'.*8 x 8"),
        ({"semantic": np.full((8, 8), 6)}, "'semantic'.*6"),
        ({"box": np.array([5, 5, 1, 1])}, "'box'.*inverted"),
        ({"box": np.array([1, np.nan, 5, 5])}, "'box'.*non-finite"),
        ({"boxes": [[0, 0, 9, 8]], "classes": [1]}, "'boxes'.*partly"),
        ({"boxes": [[9, 9, 12, 12]], "classes": [1]}, "'boxes'.*outside"),
        ({"boxes": np.zeros((1, 5)), "classes": [1]}, "'boxes'.*shape"),
        ({"boxes": [[0, 0, 4, 4]], "classes": [1, 2]}, "one row for each"),
        ({"classes": [12, 1]}, "'classes'.*12"),
    ],
)
def test_bad_samples_are_named(fault, message):
    samples = [*source(5), sample(5, **fault)]
    checked = batches(
        samples,
        batch_size=3,
        num_classes={"digit": 5, "mask": 5, "boxes": 5},
    )
    checked[0]
    with pytest.raises(ValueError, match=message) as caught:
        checked[1]
    assert "sample 5 (5.png)" in str(caught.value)


def test_errors_name_the_task():
    with pytest.raises(ValueError, match="task 'digit', task 'where'"):
        batches([sample(label=-3)])


def test_images_of_different_channels_say_how_to_convert():
    samples = [sample(0), sample(1)]
    samples[1]["image"] = np.zeros((*samples[0]["image"].shape[:2], 4), "uint8")
    train = batches(samples, {"digit": "label"}, image_size=8, batch_size=2)
    with pytest.raises(ValueError, match=r"sample 1.*convert\('RGB'\)"):
        train[0]


def test_images_of_different_sizes_name_both_samples():
    image = np.zeros((9, 8, 3), "uint8")
    samples = [sample(0), sample(1, image=image)]
    with pytest.raises(ValueError, match="image_size") as caught:
        batches(samples, {"digit": "label"})
    assert "sample 0 (0.png)" in str(caught.value)
    assert "sample 1 (1.png)" in str(caught.value)


INVALID = {
    "boxes": np.array(
        [[0, 0, 4, 4], [4, 4, 1, 1], [6, 6, 10, 10], [9, 9, 12, 12]]
    ),
    "classes": np.array([0, 1, 2, 3]),
}


@pytest.mark.parametrize(
    ("policy", "classes"), [("drop", [0, -1, -1]), ("clip", [0, 2, -1])]
)
def test_invalid_boxes_go_with_their_rows_and_are_counted(policy, classes):
    samples = [sample(1), sample(2, **INVALID)]
    mended = batches(samples, invalid_boxes=policy)
    for _ in range(2):
        _, targets, _ = mended[0]
    assert targets["boxes"]["classes"][1].tolist() == classes
    if policy == "clip":
        assert targets["boxes"]["boxes"][1, 1].tolist() == [6, 6, 8, 8]
    assert mended.dropped == {
        "inverted or without area": 1,
        "outside of the image": 1,
        "partly outside of the image": 1,
    }
    with pytest.warns(UserWarning, match="1 inverted or without area"):
        mended.on_epoch_end()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mended.on_epoch_end()


def test_a_dropped_single_box_leaves_the_sample_unlabelled():
    samples = [sample(1), sample(2, box=np.array([5, 5, 1, 1]))]
    _, targets, weights = batches(samples, invalid_boxes="drop")[0]
    assert weights["where"].tolist() == [1, 0]
    assert np.isnan(targets["where"][1, :5]).all()


def several(index=0, **fields_of_places):
    places = {
        "present": np.array([1.0, 0.0, 1.0]),
        "box": np.array([[1, 1, 4, 4], [0, 0, 0, 0], [2, 2, 9, 9]], "float32"),
    }
    return sample(index) | places | fields_of_places


def test_one_box_for_each_of_several_places():
    targets = {"parts": ("present", "box")}
    samples = [several(0, box=several()["box"] - [0, 0, 2, 2]), several(1)]
    with pytest.raises(ValueError, match="sample 1.*box 2 is partly"):
        batches(samples, targets)[0]
    mended = batches(samples, targets, invalid_boxes="drop")
    _, truth, weights = mended[0]
    assert truth["parts"].shape == (2, 3, 5)
    assert truth["parts"][0, 0].tolist() == [1, 1, 1, 2, 2]
    assert truth["parts"][1, 0].tolist() == [1, 1, 1, 4, 4]
    assert np.isnan(truth["parts"][1, 2]).all()
    assert weights["parts"].tolist() == [1, 1]
    assert mended.dropped == {"partly outside of the image": 1}
    clipped = batches(samples, targets, invalid_boxes="clip")[0][1]
    assert clipped["parts"][1, 2].tolist() == [1, 2, 2, 8, 8]


def test_floats_within_a_vector_may_be_missing_in_part():
    samples = [several(0), several(1, present=np.array([1.0, np.nan, 0.0]))]
    samples[0]["box"][2] = np.nan
    _, truth, weights = batches(samples, {"parts": ("present", "box")})[0]
    assert weights["parts"].tolist() == [1, 1]
    assert np.isnan(truth["parts"][1, 1, 0])
    alone = {"parts": ("present", "box"), "there": {"p": "present"}}
    with pytest.raises(ValueError, match="task 'there'.*1 of 3 values"):
        batches(samples, alone)[0]


def test_images_scaled_to_one_are_suspicious():
    image = np.full((SIZE, SIZE, 3), 0.5)
    with pytest.warns(UserWarning, match=r"'image' of sample 0 \(0.png\)"):
        batches([sample(0, image=image)], {"digit": "label"})


def test_samples_are_dicts():
    with pytest.raises(ValueError, match="sample 0: expected a dict"):
        batches([("image", "label")])


def test_padding_of_the_source_is_removed_first():
    padded = {
        "boxes": np.array([[0, 0, 4, 4], [0, 0, 0, 0]]),
        "classes": np.array([3, -1]),
    }
    checked = batches([sample(1, **padded)])
    assert checked[0][1]["boxes"]["classes"].tolist() == [[3, -1, -1]]
    assert not checked.dropped


def test_too_many_objects_are_reported():
    cut = batches([sample(2), sample(1)], max_objects=1)
    with pytest.warns(UserWarning, match="Sample 0 has 2 objects"):
        _, targets, _ = cut[0]
    assert targets["boxes"]["classes"].tolist() == [[0], [0]]
    assert cut.dropped == {"beyond max_objects": 1}
    with pytest.warns(UserWarning, match="1 beyond max_objects"):
        cut.on_epoch_end()


def test_fields_may_have_their_own_numbers_of_rows():
    """Many proposals, few objects."""
    proposals = np.tile([[0, 0, 2, 2]], (9, 1))
    samples = [sample(2, proposal_boxes=proposals[:n]) for n in (9, 0, 4)]
    found = Batches(
        samples,
        {"boxes": {"boxes": "boxes", "classes": "classes"}},
        inputs={"image": "image", "proposals": "proposal_boxes"},
        max_objects={"boxes": 2, "proposal_boxes": 9},
    )
    inputs, truth, _ = found[0]
    assert inputs["proposals"].shape == (3, 9, 4)
    assert inputs["proposals"].any(axis=-1).sum(axis=1).tolist() == [9, 0, 4]
    assert truth["boxes"]["boxes"].shape == (3, 2, 4)
    assert truth["boxes"]["classes"].shape == (3, 2)
    assert not found.dropped


def test_each_field_is_cut_at_its_own_number():
    samples = [sample(2, proposal_boxes=np.tile([[0, 0, 2, 2]], (9, 1)))]
    cut = batches(
        samples,
        inputs=["image", "proposal_boxes"],
        max_objects={"classes": 2, "proposal_boxes": 4},
    )
    with pytest.warns(UserWarning, match="9 objects in 'proposal_boxes'"):
        inputs, truth, _ = cut[0]
    assert inputs[1].shape == (1, 4, 4)
    assert truth["boxes"]["boxes"].shape == (1, 2, 4)
    assert cut.dropped == {"beyond max_objects": 5}


def test_a_report_is_given_once(recwarn):
    cut = batches([sample(2), sample(5)], max_objects=1, batch_size=1)
    for _ in cut:
        pass
    told = [str(each.message) for each in recwarn]
    assert len(told) == 1
    assert "Sample 0 has 2 objects" in told[0]
    recwarn.clear()
    cut.warn_of_dropped()
    cut.warn_of_dropped()
    assert [str(each.message)[:8] for each in recwarn] == ["Objects "]
    assert "2 beyond max_objects" in str(recwarn[0].message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": -4}, "batch_size"),
        ({"batch_size": 2.5}, "batch_size"),
        ({"max_objects": 0}, "max_objects"),
        ({"max_objects": None}, "max_objects="),
        ({"max_objects": {"boxes": 0}}, r"max_objects\['boxes'\]"),
        ({"max_objects": {}}, "max_objects="),
        ({"max_objects": {"boxs": 3}}, "max_objects names 'boxs'"),
        (
            {"max_objects": {"boxes": 3, "classes": 3}},
            "'boxes' and 'classes', which belong together",
        ),
        ({"image_size": (8, 8, 3)}, "image_size"),
        ({"image_size": -8}, "image_size"),
        ({"resize": "crop"}, "resize.*stretch"),
        ({"invalid_boxes": "ignore"}, "invalid_boxes"),
        ({"num_classes": {"digits": 10}}, "Did you mean 'digit'"),
        ({"inputs": "imgae"}, "Did you mean 'image'"),
        ({"inputs": 3}, "inputs"),
        ({"targets": {}}, "targets"),
        ({"targets": ["label"]}, "targets"),
        ({"targets": {"digit": "lable"}}, "'digit'.*Did you mean 'label'"),
        ({"targets": {"digit": ["label"]}}, r"'digit'.*\['label'\].*tuple"),
        ({"targets": {"digit": ()}}, "'digit'"),
        ({"targets": {"x": ("present", "boxes")}}, "'x'.*dict of fields"),
        ({"targets": {"x": ("box", "semantic")}}, "'x'.*shapes"),
        ({"seed": -1}, "seed"),
        ({"targets": {"text": "caption"}}, "'text'.*strings"),
        ({"batch_size": 16, "drop_remainder": True}, "drop_remainder"),
    ],
)
def test_malformed_arguments_are_refused_at_once(options, message):
    with pytest.raises(ValueError, match=message):
        batches(source(), **options)


def test_an_empty_source_is_refused():
    with pytest.raises(ValueError, match="empty"):
        batches([])
    with pytest.raises(ValueError, match="source"):
        batches(3)


def test_a_label_that_no_sample_has_is_refused():
    samples = [sample(i, label=-1) for i in range(3)]
    with pytest.raises(ValueError, match="'digit'.*'label'.*none of the 3"):
        batches(samples, {"digit": "label"})


def test_a_dict_of_arrays_is_no_source():
    with pytest.raises(ValueError, match="received dict.*zip"):
        batches({"image": np.zeros((4, 8, 8, 3)), "label": np.zeros(4)})


def small_model():
    image = keras.Input((SIZE, SIZE, 3))
    flat = keras.layers.Flatten()(image)
    outputs = {
        "digit": keras.layers.Dense(5, activation="softmax", name="digit"),
        "box": keras.layers.Dense(4, name="box"),
    }
    model = keras.Model(image, {k: layer(flat) for k, layer in outputs.items()})
    model.compile(
        "adam", {"digit": "sparse_categorical_crossentropy", "box": "mse"}
    )
    return model


@pytest.mark.parametrize("workers", [1, 2])
def test_fit_evaluate_and_predict_take_batches(workers):
    train = batches(
        source(10),
        {"digit": "label", "box": "box"},
        batch_size=4,
        shuffle=True,
        workers=workers,
    )
    model = small_model()
    history = model.fit(train, epochs=2, validation_data=train, verbose=0)
    assert np.isfinite(history.history["val_loss"]).all()
    result = model.evaluate(train, verbose=0, return_dict=True)
    assert np.isfinite(result["loss"])
    assert model.predict(train, verbose=0)["digit"].shape == (10, 5)


def test_fit_tells_what_is_wrong_with_which_sample():
    samples = [*source(9), sample(9, box=np.array([5, 5, 1, 1]))]
    train = batches(samples, {"digit": "label", "box": "box"}, batch_size=2)
    with pytest.raises(Exception, match=r"sample 9 \(9.png\)"):
        small_model().fit(train, verbose=0)


def test_floats_may_be_missing_in_part():
    samples = source(4)
    for one in samples:
        one["angles"] = np.array([1.0, np.nan, 3.0], "float32")
    train = batches(samples, {"angles": "angles"}, batch_size=2)
    _, truth, weights = train[0]
    assert np.isnan(truth["angles"][:, 1]).all()
    np.testing.assert_array_equal(weights["angles"], 1)


class Damaged(list):
    """A source of which some samples cannot be read."""

    def __getitem__(self, index):
        if index in (0, 5):
            raise OSError(f"{index}.png is damaged")
        return super().__getitem__(index)


def test_damaged_samples_are_skipped_and_counted():
    data = batches(Damaged(source()), batch_size=4, on_error="skip")
    for step in range(3):
        x, y, weights = data[step]
        here = [k - 4 * step for k in (0, 5) if 4 * step <= k < 4 * step + 4]
        for name in TARGETS:
            assert (weights[name][here] == 0).all()
            rest = np.delete(weights[name], here)
            assert (rest == 1).all()
        assert (x[here] == 0).all()
        assert (y["digit"][here] == -1).all()
    assert sorted(data.skipped) == [0, 5]
    with pytest.warns(UserWarning, match="2 samples skipped so far"):
        data.on_epoch_end()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data.on_epoch_end()


def test_damaged_samples_stop_the_reading_unless_told_otherwise():
    with pytest.raises(ValueError, match="sample 0: OSError: 0.png is damag"):
        batches(Damaged(source()))


def test_nothing_but_damaged_samples():
    with pytest.raises(ValueError, match="None of the 1 samples.*0.png is dam"):
        batches(Damaged(source(1)), on_error="skip")


def brighten(sample, generator, *, size, resize, draw):
    other = draw(generator)["image"].max()
    image = np.full((*size, 3), generator.integers(100) + 100 * (other > 4))
    return {**sample, "image": image.astype("float32")}


def test_augmentation_is_a_pure_function_of_the_place():
    options = {"augment": brighten, "image_size": 6, "batch_size": 3}
    one, two = (
        batches(source(), {"digit": "label"}, **options) for _ in range(2)
    )
    first = one.batch(1, 2)[0]
    one.batch(0, 1)
    np.testing.assert_array_equal(first, one.batch(1, 2)[0])
    np.testing.assert_array_equal(first, two.batch(1, 2)[0])
    assert first.shape == (3, 6, 6, 3)
    assert len(np.unique(first[:, 0, 0, 0])) > 1
    assert not np.array_equal(first, one.batch(2, 2)[0])


def test_augmentation_that_cannot_be_called():
    with pytest.raises(ValueError, match="Expected augment"):
        batches(source(), augment="flip")


def test_on_error_that_is_not_known():
    with pytest.raises(ValueError, match="Expected on_error"):
        batches(source(), on_error="ignore")
