import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mtvision as mtv
from batteries.backend import to_numpy
from mtvision.models import PatchNet, patch_classifier, slide_patches


def random_model(**options):
    """Weights and moving statistics that are not those of the start."""
    model = PatchNet(3, trunk=mtv.trunks.DilatedNet((5, 6, 7)), **options)
    random = np.random.default_rng(1)
    model.set_weights(
        [random.uniform(0.1, 0.5, w.shape) for w in model.get_weights()]
    )
    return model


@settings(max_examples=5, deadline=None)
@given(
    height=st.integers(1, 11), width=st.integers(1, 11), seed=st.integers(0, 99)
)
def test_whole_images_and_single_patches_are_one(height, width, seed):
    model = random_model()
    image = np.random.default_rng(seed).uniform(0, 255, (2, height, width, 3))
    slid = slide_patches(model, image, batch_size=7)
    whole = to_numpy(model(image.astype("float32"))["semantic"])
    np.testing.assert_allclose(whole, slid, rtol=1e-4, atol=1e-3)


def test_a_patch_of_the_image_by_hand():
    model = random_model()
    image = np.random.default_rng(0).uniform(0, 255, (1, 20, 20, 3))
    classify = patch_classifier(model)
    assert classify.input_shape == (None, 7, 7, 3)
    logits = to_numpy(classify(image[:, 4:11, 9:16].astype("float32")))
    whole = to_numpy(model(image.astype("float32"))["semantic"])
    np.testing.assert_allclose(logits[0], whole[0, 7, 12], rtol=1e-4, atol=1e-3)


def test_training_on_patches_trains_the_model():
    model = random_model()
    classify = patch_classifier(model)
    classify.compile("sgd", "mse")
    before = model.get_layer("semantic").get_weights()[0]
    classify.fit(np.ones((4, 7, 7, 3)), np.ones((4, 3)), verbose=0)
    assert (model.get_layer("semantic").get_weights()[0] != before).any()


def test_trunks_that_pad_or_stride():
    with pytest.raises(ValueError, match="without padding and strides"):
        PatchNet(2, trunk=mtv.trunks.ContractingPath((4,)))
    with pytest.raises(ValueError, match="P0 alone"):
        PatchNet(2, trunk=mtv.trunks.WindowNet())


def test_a_classifier_of_another_model():
    trunk = mtv.trunks.ContractingPath((4, 4))
    with pytest.raises(ValueError, match="Expected a PatchNet"):
        patch_classifier(mtv.models.UNet(2, trunk=trunk))
    with pytest.raises(ValueError, match="'mask'"):
        patch_classifier(random_model(), task="mask")


def test_the_trunk_is_what_is_called_on_the_padded_image():
    """Wherever further layers stand, also after the model is made anew."""
    heads = {"all": mtv.tasks.ClassificationHead(2, level="P0", name="a")}
    trunk = mtv.trunks.DilatedNet((4, 4), name="trunk")
    model = PatchNet(2, trunk=trunk, heads=heads)
    copied = mtv.MultiTaskModel.from_config(model.get_config())
    for one in (model, copied):
        for _ in range(2):
            assert "trunk" in [x.name for x in patch_classifier(one).layers]


@pytest.mark.parametrize("shape", [(5, 5, 3), (0, 5, 5, 3), (1, 5, 5, 1)])
def test_what_cannot_be_slid_over(shape):
    with pytest.raises(ValueError, match=r"images \(B, H, W, 3\).*received"):
        slide_patches(random_model(), np.ones(shape))
