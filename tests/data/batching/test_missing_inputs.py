import numpy as np
import pytest

import mtvision as mtv
from mtvision.data import Augment, Batches

INPUTS = {"picture": "image", "words": "text", "facts": "metadata"}
OPTIONAL = ("image", "text", "metadata")
TARGETS = {"price": "price"}


def sample(**fields):
    return {
        "image": np.full((6, 8, 3), 200, "uint8"),
        "text": np.array([5, 2, 0, 0]),
        "metadata": np.array([0.5, 2.0]),
        "price": 3.0,
    } | fields


def batch(samples, **options):
    options = {"inputs": INPUTS, "optional_inputs": OPTIONAL, **options}
    return Batches(samples, TARGETS, **options)[0]


LACKING = {
    "image": [None, np.full((6, 8, 3), np.nan)],
    "text": [None, np.full(4, -1)],
    "metadata": [None, np.full(2, np.nan)],
}


@pytest.mark.parametrize(
    ("name", "missing"),
    [(name, value) for name, values in LACKING.items() for value in values],
)
@pytest.mark.parametrize("image_size", [None, (3, 4)])
def test_what_is_missing_is_nan_or_minus_one_all_over(
    name, missing, image_size
):
    inputs, targets, weights = batch(
        [sample(**{name: missing}), sample()], image_size=image_size
    )
    assert inputs["picture"].dtype == np.float32
    assert inputs["words"].dtype == np.int32
    for key, field in INPUTS.items():
        if field != name:
            assert (inputs[key][0] == inputs[key][1]).all()
        elif field == "text":
            assert (inputs[key][0] == -1).all()
        else:
            assert np.isnan(inputs[key][0]).all()
    assert np.isfinite(inputs["picture"][1]).all()
    assert targets["price"].tolist() == [3, 3]
    assert weights["price"].tolist() == [1, 1]


def test_a_field_that_is_not_there_is_missing():
    bare = sample()
    del bare["metadata"]
    inputs, _, _ = batch([bare, sample()])
    assert np.isnan(inputs["facts"][0]).all()


def test_an_empty_text_is_not_missing():
    inputs, _, _ = batch([sample(text=np.zeros(4, int)), sample()])
    assert inputs["words"][0].tolist() == [0, 0, 0, 0]


def test_inputs_that_all_samples_lack_need_a_shape():
    def lacking(**fields):
        return [sample(**fields)] * 2

    for size, shape in ((None, (2, 6, 8, 3)), (4, (2, 4, 4, 3))):
        blank = np.full((6, 8, 3), np.nan)
        inputs, _, _ = batch(lacking(image=blank), image_size=size)
        assert inputs["picture"].shape == shape
        assert np.isnan(inputs["picture"]).all()
    inputs, _, _ = batch(lacking(text=np.full(4, -1)))
    assert (inputs["words"] == -1).all()
    assert inputs["words"].shape == (2, 4)
    with pytest.raises(ValueError, match=r"input 'text'.*-1 all over"):
        batch(lacking(text=None))


def test_a_lack_in_part_is_an_error():
    with pytest.raises(ValueError, match=r"'metadata', sample 1"):
        batch([sample(), sample(metadata=np.array([np.nan, 1.0]))])


def test_inputs_are_needed_unless_told():
    with pytest.raises(ValueError, match="optional_inputs"):
        batch([sample(), sample(text=None)], optional_inputs=("image",))


def test_missing_images_are_not_augmented():
    augment = Augment([mtv.data.RandomHSV(), mtv.data.RandomFlip()])
    inputs, _, _ = batch([sample(), sample(image=None)], augment=augment)
    assert np.isnan(inputs["picture"][1]).all()
    assert inputs["words"][1].tolist() == [5, 2, 0, 0]
    with pytest.raises(ValueError, match="augment needs the field 'image'"):
        Batches(
            [sample(image=None)], TARGETS, inputs="metadata", augment=augment
        )


def test_labels_on_an_image_need_it():
    def boxed(**fields):
        return sample(box=np.array([1, 1, 3, 3]), **fields)

    def read(*samples):
        return Batches(
            samples,
            {"where": "box"},
            inputs=INPUTS,
            optional_inputs=OPTIONAL,
            image_size=4,
        )[0]

    with pytest.raises(ValueError, match=r"sample 1.*lies on the image"):
        read(boxed(), boxed(image=None))
    _, targets, weights = read(boxed(), sample(image=None))
    assert weights["where"].tolist() == [1, 0]
    assert np.isnan(targets["where"][1]).all()


def test_an_optional_stack_of_masks_knows_minus_one():
    masks = np.ones((1, 6, 8), "uint8")
    inputs, _, _ = Batches(
        [sample(masks=masks), sample()],
        TARGETS,
        inputs=("image", "masks"),
        optional_inputs=("masks",),
        max_objects=1,
    )[0]
    assert [set(one.ravel().tolist()) for one in inputs[1]] == [{1}, {-1}]


@pytest.mark.parametrize(
    ("optional", "message"),
    [("text", r"write \(name,\)"), (("txt",), "Did you mean 'text'")],
)
def test_wrong_names_are_errors(optional, message):
    with pytest.raises(ValueError, match=message):
        batch([sample()], optional_inputs=optional)
