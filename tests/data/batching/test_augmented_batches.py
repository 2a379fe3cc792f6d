"""Batches of augmented samples, alone and in a mixture."""

import numpy as np
import pytest

from mtvision import data

STEPS = {
    "geometry": lambda: [
        data.RandomFlip(),
        data.LargeScaleJitter(low=0.5, high=1.5),
        data.RandomRotation(20),
    ],
    "mosaic": lambda: [data.Mosaic(), data.RandomHSV()],
}
TARGETS = {
    "objects": {"boxes": "boxes", "classes": "classes", "masks": "masks"},
    "map": "semantic",
}


def scenes(count=6, value=50):
    generator = np.random.default_rng(value)
    samples = []
    for _ in range(count):
        masks = np.zeros((2, 20, 30), "uint8")
        for mask in masks:
            x, y = generator.integers(0, 10, 2)
            mask[y : y + 8, x : x + 12] = 1
        samples.append(
            {
                "image": np.full((20, 30, 3), value, "uint8"),
                "boxes": np.array([box_of(mask) for mask in masks]),
                "classes": np.array([0, 1]),
                "masks": masks,
                "semantic": masks.any(0).astype("uint8"),
            }
        )
    return samples


def box_of(mask):
    y, x = np.nonzero(mask)
    return np.array([x.min(), y.min(), x.max() + 1, y.max() + 1], "float32")


def batches(source, steps, **options):
    return data.Batches(
        source,
        TARGETS,
        image_size=(24, 32),
        batch_size=3,
        max_objects=8,
        shuffle=True,
        augment=data.Augment(STEPS[steps]()),
        **options,
    )


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("cache", [False, True])
def test_shapes_stay_and_boxes_are_those_of_the_masks(steps, cache):
    made = batches(scenes(), steps, cache=cache)
    seen = 0
    for epoch in range(4):
        for step in range(2):
            x, y, _ = made.batch(epoch, step)
            assert x.shape == (3, 24, 32, 3)
            objects = y["objects"]
            assert objects["boxes"].shape == (3, 8, 4)
            for i, k in zip(*np.nonzero(objects["classes"] >= 0)):
                mask = objects["masks"][i, k]
                np.testing.assert_array_equal(
                    box_of(mask), objects["boxes"][i, k]
                )
                assert (y["map"][i][mask > 0] == 1).all()
                seen += 1
    assert seen > 20


def test_a_batch_is_a_function_of_seed_epoch_and_step():
    one, two = (batches(scenes(), "mosaic", seed=4) for _ in range(2))
    last = one.batch(2, 1)
    for epoch in range(3):
        two.batch(epoch, 0)
    again = two.batch(2, 1)
    np.testing.assert_array_equal(last[0], again[0])
    np.testing.assert_array_equal(
        last[1]["objects"]["boxes"], again[1]["objects"]["boxes"]
    )
    other = batches(scenes(), "mosaic", seed=5).batch(2, 1)
    assert not np.array_equal(last[0], other[0])


def test_mosaics_of_a_mixture_keep_to_one_source():
    mixed = data.mix({"dark": scenes(value=50), "light": scenes(value=200)})
    made = data.Batches(
        mixed,
        TARGETS,
        image_size=(24, 32),
        batch_size=4,
        max_objects=8,
        shuffle=True,
        augment=data.Augment([data.Mosaic()]),
    )
    for step in range(3):
        for image in made[step][0]:
            inside = np.unique(image[(image > 20) & (image < 255)].round())
            assert (inside <= 51).all() or (inside >= 100).all()
