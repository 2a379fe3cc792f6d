"""Damaged partners, dead disks, mixed augmentation, errors with a place."""

import pickle
import warnings

import numpy as np
import pytest

from mtvision import data

IMAGE = np.zeros((16, 16, 3), "uint8")
TARGETS = {"d": {"boxes": "boxes", "classes": "classes"}}
BOX = np.array([[2, 2, 9, 9]], "float32")


def scenes(number=8, **fields):
    return [
        {"image": IMAGE + 10, "boxes": BOX, "classes": np.array([k % 2])}
        | fields
        for k in range(number)
    ]


class Damaged(list):
    """A source of which some samples cannot be read."""

    def __init__(self, samples, damaged=(), files=False):
        super().__init__(samples)
        self.damaged = damaged
        if files:
            self.files = [f"{k}.png" for k in range(len(samples))]

    def __getitem__(self, index):
        if index in self.damaged:
            raise OSError("truncated")
        return super().__getitem__(index)


def batches(source, targets=TARGETS, **options):
    return data.Batches(
        source,
        targets,
        **{"max_objects": 4, "image_size": 16, "shuffle": True} | options,
    )


def mosaic(**options):
    return data.Augment([data.Mosaic()], **options)


def test_only_the_damaged_partner_is_reported():
    def make():
        return batches(
            Damaged(scenes(), damaged=(3,)),
            batch_size=8,
            augment=mosaic(),
            on_error="skip",
        )

    made = make()
    for epoch in range(3):
        row = made.order(epoch).tolist().index(3)
        x, _, weights = made.batch(epoch, 0)
        expected = np.ones(8)
        expected[row] = 0
        np.testing.assert_array_equal(weights["d"], expected)
        np.testing.assert_array_equal(x.max(axis=(1, 2, 3)) > 0, expected > 0)
    assert list(made.skipped) == [3]
    assert "truncated" in made.skipped[3]
    np.testing.assert_array_equal(x, make().batch(2, 0)[0])


def test_a_dead_disk_is_not_trained_on():
    source = Damaged(scenes(60), damaged=range(3, 60))
    made = batches(source, batch_size=4, shuffle=False, on_error="skip")
    with pytest.raises(RuntimeError, match=r"of the 20 samples.*truncated"):
        list(made)
    some = Damaged(scenes(60), damaged=range(0, 60, 3))
    made = batches(some, batch_size=4, on_error="skip")
    for epoch in range(2):
        for step in range(len(made)):
            made.batch(epoch, step)
    assert len(made.skipped) == 20


def test_errors_of_a_source_name_sample_and_file():
    made = batches(Damaged(scenes(9), damaged=(8,)), shuffle=False)
    with pytest.raises(ValueError, match="sample 8: OSError: truncated") as got:
        made[0]
    assert isinstance(got.value.__cause__, OSError)
    source = Damaged(scenes(9), damaged=(8,), files=True)
    with pytest.raises(ValueError, match=r"sample 8 \(8.png\): OSError: trunc"):
        batches(source, shuffle=False)[0]
    source.files = scenes(9)  # a source's own, and no names
    with pytest.raises(ValueError, match="sample 8: OSError: truncated"):
        batches(source, shuffle=False)[0]


def test_errors_of_a_step_name_sample_and_file():
    def broken(sample, generator, *, size, resize, draw):
        if sample["image"].max() > 10:
            raise TypeError("no such colour")
        return sample

    samples = scenes(9, file="a.png")
    samples[7] |= {"image": IMAGE + 11, "file": "7.png"}
    made = batches(samples, augment=broken, shuffle=False)
    match = r"sample 7 \(7.png\), augmented: TypeError: no such colour"
    with pytest.raises(ValueError, match=match):
        made[0]


@pytest.mark.parametrize("on_error", ["raise", "skip"])
@pytest.mark.parametrize(
    ("step", "field"),
    [(data.Mosaic, "label"), (data.MixUp, "label"), (data.MixUp, "semantic")],
)
def test_fields_that_cannot_be_joined_are_refused_at_once(
    step, field, on_error
):
    samples = scenes(label=1, semantic=IMAGE[..., 0])
    never = data.Augment([step(probability=0.0)])
    targets = TARGETS | {"other": field}
    with pytest.raises(ValueError, match=rf"sample 0: .*'{field}'"):
        batches(samples, targets, augment=never, on_error=on_error)
    batches(samples, augment=never, on_error=on_error)[0]


def test_a_label_that_cannot_be_joined_is_never_skipped():
    """One so rare that it is not seen when the batches are built."""
    samples = scenes(8)
    made = batches(samples, on_error="skip", augment=mosaic(), batch_size=8)
    made._prepared._wanted["label"] = None
    made._prepared.readers["label"] = "task 'rare'"
    samples[5]["label"] = 1
    with pytest.raises(ValueError, match=r"sample \d: Mosaic .*'label'"):
        made[0]


def test_each_source_of_a_mixture_has_its_own_steps():
    labels = [{"image": IMAGE + 200, "label": k % 2} for k in range(8)]
    mixed = data.mix({"cells": scenes(), "pets": labels})
    targets = TARGETS | {"pet": "label"}
    with pytest.raises(ValueError, match=r"\(pets: 0\): Mosaic.*'label'"):
        batches(mixed, targets, augment=mosaic())
    flip = data.Augment([data.RandomFlip()])
    for augment in ({"cells": mosaic()}, {"cells": mosaic(), "pets": flip}):
        made = batches(mixed, targets, augment=augment, batch_size=16)
        x, y, weights = made[0]
        light = x.max(axis=(1, 2, 3)) > 100
        np.testing.assert_array_equal(weights["pet"], light)
        assert (x[light] == 200).all()
        assert (y["d"]["classes"][~light, 1] >= 0).any()
    with pytest.raises(ValueError, match="'cels'.*Did you mean 'cells'"):
        batches(mixed, targets, augment={"cels": mosaic()})
    with pytest.raises(ValueError, match="'cells'"):
        batches(scenes(), augment={"cells": mosaic()})


def test_samples_without_steps_are_resized_as_the_others():
    labels = [{"image": np.zeros((30, 20, 3), "uint8"), "label": 1}] * 4
    mixed = data.mix({"cells": scenes(), "pets": labels})
    made = batches(
        mixed, TARGETS | {"pet": "label"}, augment={"cells": mosaic()}
    )
    assert made[0][0].shape == (12, 16, 16, 3)


class Persons(list):
    flip_pairs = ((0, 1),)


def persons():
    points = np.array([[[2, 5, 2], [12, 5, 2]]], "float32")
    return [{"image": IMAGE, "boxes": BOX, "keypoints": points}] * 2


@pytest.mark.parametrize("wrap", [None, "subset", "mix"])
def test_left_and_right_are_those_that_the_source_knows(wrap):
    source = Persons(persons())
    if wrap == "subset":
        source = data.Translated(data.Subset(source, [0, 1]))
    if wrap == "mix":
        source = data.mix({"a": source, "b": scenes()})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = batches(
            source,
            {"k": {"keypoints": "keypoints"}},
            shuffle=False,
            augment=data.Augment([data.RandomFlip(horizontal=1.0)]),
        )
    points = made[0][1]["k"]["keypoints"][0, 0]
    assert points[:, 0].tolist() == [4, 14]


def test_unknown_left_and_right_are_warned_of():
    targets = {"k": {"keypoints": "keypoints"}}
    with pytest.warns(UserWarning, match="flip_pairs") as caught:
        batches(persons(), targets, augment=data.Augment([data.RandomFlip()]))
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        batches(
            persons(),
            targets,
            augment=data.Augment([data.RandomFlip()], flip_pairs=()),
        )
        batches(persons(), targets, augment=data.Augment([data.RandomHSV()]))


def test_batches_go_through_pickle():
    made = batches(scenes(), augment=mosaic())
    again = pickle.loads(pickle.dumps(made))
    np.testing.assert_array_equal(made.batch(1, 0)[0], again.batch(1, 0)[0])
    assert again.dropped == {}


def test_batches_from_the_end():
    made = batches(scenes(9), batch_size=4)
    np.testing.assert_array_equal(made[-1][0], made[2][0])
    with pytest.raises(IndexError):
        made[-4]


def test_sizes_that_differ_within_a_source_are_found_when_built():
    samples = scenes(30)
    for one in samples[15:]:
        one["image"] = np.zeros((16, 20, 3), "uint8")
    with pytest.raises(ValueError, match="Pass image_size="):
        batches(samples, image_size=None)


def test_a_single_number_in_place_of_one_for_each_object_is_refused():
    source = scenes()
    source[3]["classes"] = np.array(1)
    made = batches(source, batch_size=4, shuffle=False)
    with pytest.raises(ValueError, match="'classes' of sample 3 is a single"):
        made[0]
