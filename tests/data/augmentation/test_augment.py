"""Laws that hold for every step, and for chains of them."""

import copy
import inspect
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.augment import Augment
from mtvision.data.augmentation.cutout import Cutout
from mtvision.data.augmentation.geometric_step import GeometricStep
from mtvision.data.augmentation.large_scale_jitter import LargeScaleJitter
from mtvision.data.augmentation.mix_up import MixUp
from mtvision.data.augmentation.mosaic import Mosaic
from mtvision.data.augmentation.random_crop import RandomCrop
from mtvision.data.augmentation.random_flip import RandomFlip
from mtvision.data.augmentation.random_hsv import RandomHSV
from mtvision.data.augmentation.random_rotation import RandomRotation
from mtvision.data.augmentation.random_scale import RandomScale
from mtvision.data.augmentation.random_translation import RandomTranslation
from mtvision.data.resizing import resize_sample

# Each with every option unlike its default.
STEPS = [
    RandomFlip(horizontal=0.6, vertical=0.4),
    RandomCrop(area=(0.2, 0.9), aspect=(0.5, 3.0), probability=0.9),
    RandomScale(low=0.5, high=1.9, probability=0.9),
    RandomRotation(70, probability=0.9),
    RandomTranslation(0.3, probability=0.9),
    LargeScaleJitter(low=0.3, high=2.5, probability=0.9),
    RandomHSV(hue=0.3, saturation=0.5, value=0.3, probability=0.9),
    Cutout(size=0.4, count=2, fill=9, probability=0.9),
    Mosaic(centre=(0.3, 0.6), scale=(0.5, 1.5), probability=0.9),
    MixUp(alpha=0.7, probability=0.9),
]
GEOMETRIC = [step for step in STEPS if isinstance(step, GeometricStep)]
CHAINS = st.one_of(
    st.sampled_from(STEPS).map(lambda step: [step]),
    st.lists(st.sampled_from(STEPS[:-2]), max_size=5),
    st.just([STEPS[8], *GEOMETRIC[:3]]),
    st.just([STEPS[5], STEPS[9], STEPS[0]]),
    st.just([STEPS[8], STEPS[3], STEPS[9]]),
)
SEEDS = st.integers(0, 10**6)


def without_joints(sample):
    """What Mosaic and MixUp can join."""
    gone = ("semantic", "depth", "label", "caption")
    return {name: sample[name] for name in sample if name not in gone}


def call(augment, make_sample, seed, **options):
    def draw(generator):
        return without_joints(make_sample(int(generator.integers(10**6))))

    sample = make_sample(seed)
    if augment.draws:
        sample = without_joints(sample)
    return augment(sample, np.random.default_rng(seed), draw=draw, **options)


@settings(deadline=None, max_examples=150)
@given(CHAINS, SEEDS, st.sampled_from([None, (24, 24), (20, 33)]))
def test_a_box_is_the_bounding_box_of_its_mask(
    make_sample, box_of, steps, seed, size
):
    changed = call(Augment(steps), make_sample, seed, size=size)
    shape = changed["image"].shape[:2]
    assert size in (None, shape)
    assert changed["masks"].shape[1:] == shape
    for box, mask in zip(changed["boxes"], changed["masks"]):
        np.testing.assert_array_equal(box, box_of(mask))
    rows = {len(changed[k]) for k in ("boxes", "classes", "crowd", "keypoints")}
    assert rows == {len(changed["masks"])}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(STEPS[:-2]), max_size=5), SEEDS)
def test_maps_and_masks_keep_step(make_sample, steps, seed):
    """A mask moves as a map that shows the same, and depth as classes."""
    sample = make_sample(seed, objects=1)
    sample["shown_mask"] = sample["masks"][0]
    augment = Augment(steps, min_visible=0)
    changed = augment(sample, np.random.default_rng(seed), size=(30, 30))
    shown = changed["shown_mask"] == 1
    if len(changed["masks"]):
        np.testing.assert_array_equal(changed["masks"][0] == 1, shown)
    else:
        assert not shown.any()
    outside = changed["semantic"] < 0
    np.testing.assert_array_equal(np.isnan(changed["depth"]), outside)
    np.testing.assert_array_equal(
        changed["depth"][~outside], changed["semantic"][~outside] + 1
    )


@settings(deadline=None, max_examples=50)
@given(CHAINS, SEEDS)
def test_a_function_of_sample_and_generator(make_sample, steps, seed):
    augment = Augment(steps)
    np.random.seed(seed)
    first = call(augment, make_sample, seed)
    np.random.seed(seed + 1)
    second = call(augment, make_sample, seed)
    for name, value in first.items():
        np.testing.assert_array_equal(second[name], value)


@settings(deadline=None, max_examples=50)
@given(CHAINS, SEEDS)
def test_input_is_not_written_to(make_sample, steps, seed):
    augment = Augment(steps)
    sample = without_joints(make_sample(seed))
    for value in sample.values():
        if value is not None:
            value.flags.writeable = False
    before = copy.deepcopy(sample)
    augment(sample, np.random.default_rng(seed), draw=lambda _: sample)
    assert list(sample) == list(before)
    for name, value in before.items():
        np.testing.assert_array_equal(sample[name], value)


def test_threads_give_what_one_gives(make_sample):
    augment = Augment(STEPS)
    expected = [call(augment, make_sample, seed) for seed in range(16)]
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(
            lambda seed: call(augment, make_sample, seed), range(16)
        )
        for one, other in zip(found, expected):
            for name, value in other.items():
                np.testing.assert_array_equal(one[name], value)


@pytest.mark.parametrize("method", ["stretch", "letterbox"])
def test_without_steps_as_without_augmentation(make_sample, method):
    sample = make_sample(2, masks=False)
    sample["left_image"] = np.full((7, 9, 3), 5, "uint8")
    generator = np.random.default_rng(0)
    changed = Augment([])(sample, generator, size=(17, 40), resize=method)
    expected = resize_sample(sample, (17, 40), method=method)
    for name in ("image", "right_image", "left_image", "boxes"):
        np.testing.assert_allclose(changed[name], expected[name], atol=1e-5)


def test_geometric_steps_sample_the_image_once(make_sample):
    """There and back again is the identity, bit by bit."""

    class Turn(GeometricStep):
        def __init__(self, degrees):
            super().__init__()
            self.degrees = degrees

        def draw_matrix(self, shape, generator, *, size):
            turned = matrices.rotate(self.degrees)
            return matrices.about_centre(turned, shape), shape

    class Exactly(GeometricStep):
        """Takes the rounding of sines away."""

        def draw_matrix(self, shape, generator, *, size):
            return np.eye(3), shape

    sample = make_sample(3)
    generator = np.random.default_rng(0)
    changed = Augment([Turn(30), RandomHSV(probability=0), Turn(-30)])(
        sample, generator
    )
    np.testing.assert_allclose(changed["image"], sample["image"], atol=1)
    np.testing.assert_array_equal(changed["semantic"], sample["semantic"])
    assert Augment([Turn(30)])(sample, generator)["semantic"].min() == -1


def test_other_samples_take_the_steps_before(make_sample):
    class Brighten(Cutout):
        def draw_change(self, generator):
            return lambda image: image + 1

    dark = {"image": np.zeros((8, 8, 3), "uint8")}
    augment = Augment([Brighten(), MixUp(), Brighten()])
    generator = np.random.default_rng(0)
    changed = augment(dark, generator, draw=lambda _: dark)
    assert set(np.unique(changed["image"])) == {2}


def test_probability_is_the_share_of_changed_samples(make_sample):
    sample = make_sample(0)
    augment = Augment([Cutout(fill=300.0, probability=0.3)])
    sample["image"] = sample["image"].astype("float32")
    generator = np.random.default_rng(0)
    changed = sum(
        augment(sample, generator)["image"].max() == 300 for _ in range(300)
    )
    # Five standard deviations of a binomial distribution.
    assert abs(changed / 300 - 0.3) < 5 * (0.3 * 0.7 / 300) ** 0.5


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_attributes_are_arguments(step):
    config = step.get_config()
    same = type(step)(**config)
    assert same.get_config() == config
    assert repr(same) == repr(step)
    parameters = inspect.signature(type(step)).parameters
    for name, value in config.items():
        assert value != parameters[name].default, name
        assert getattr(step, name) == value


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (RandomFlip, {"horizontal": 1.1}),
        (RandomFlip, {"vertical": -0.1}),
        (RandomCrop, {"area": (0.5, 1.5)}),
        (RandomCrop, {"area": 0.5}),
        (RandomCrop, {"aspect": (2.0, 1.0)}),
        (RandomScale, {"low": 2.0}),
        (RandomRotation, {"degrees": "ten"}),
        (RandomTranslation, {"share": float("nan")}),
        (LargeScaleJitter, {"low": 0.0}),
        (RandomHSV, {"hue": 0.6}),
        (RandomHSV, {"saturation": 2}),
        (RandomHSV, {"value": True}),
        (RandomHSV, {"probability": 2}),
        (Cutout, {"size": 1.5}),
        (Cutout, {"count": 1.5}),
        (Mosaic, {"centre": (0.5, 1.5)}),
        (Mosaic, {"scale": (0.0, 1.0)}),
        (MixUp, {"alpha": 0}),
    ],
)
def test_bad_options_are_refused_by_name(kind, options):
    (name,) = options
    with pytest.raises(ValueError, match=name):
        kind(**options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": RandomFlip()}, "steps: expected a list"),
        ({"steps": [RandomFlip]}, "steps such as"),
        ({"steps": [], "min_visible": 2}, "min_visible"),
        ({"steps": [], "flip_pairs": [1, 2]}, "flip_pairs"),
        ({"steps": [], "flip_pairs": [(1, 2), (2, 3)]}, "each number once"),
        ({"steps": [], "flip_pairs": {"keypoints": [(1,)]}}, "flip_pairs"),
        ({"steps": [], "fill": "black"}, "fill"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Augment(**arguments)


def test_bad_calls_are_refused():
    generator = np.random.default_rng(0)
    sample = {"image": np.zeros((4, 4, 3), "uint8")}
    with pytest.raises(ValueError, match="Did you mean 'letterbox'"):
        Augment([])(sample, generator, resize="leterbox")
    with pytest.raises(ValueError, match="pass draw="):
        Augment([Mosaic()])(sample, generator)
    with pytest.raises(ValueError, match=r"an 'image'.*\['label'\]"):
        Augment([])({"label": 1}, generator)


def test_a_step_alone_is_to_be_put_in_a_list():
    with pytest.raises(ValueError, match=r"Put it in a list: \[RandomFlip"):
        Augment(RandomFlip())
