"""Every recipe of segmentation learns eight real outlines by heart."""

import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.overfitting import real_data
from batteries.recipes import without_xla
from mtvision import models

pytestmark = pytest.mark.by_heart
FILTERS = (8, 16, 32, 64, 96, 128)
RECIPES = {
    "patch_net": (models.PatchNet, {}),
    "fcn_32s": (models.FCN, {"stride": 32}),
    "fcn_16s": (models.FCN, {"stride": 16}),
    "fcn_8s": (models.FCN, {"stride": 8}),
    "deconv_net": (models.DeconvNet, {"hidden": 128}),
    "segnet": (models.SegNet, {}),
    "unet": (models.UNet, {}),
}


def pets(size):
    """Eight photographs, and the animal in each: 1, or 255 at its border."""
    folder = real_data("multitask_pets")
    source = mtv.data.Folder(
        folder / "images",
        masks=folder / "trimaps",
        mask_values={1: 1, 2: 0, 3: 255},
        on_error="skip",
    )
    batches = mtv.data.Batches(
        mtv.data.Subset(source, range(0, 120, 15)),
        {"semantic": "semantic"},
        image_size=size,
        batch_size=8,
    )
    images, truth, _ = batches[0]
    return images, truth


@pytest.mark.parametrize("name", RECIPES)
def test_eight_pets_by_heart(name):
    recipe, options = RECIPES[name]
    images, truth = pets(96 if name == "patch_net" else 128)
    if name == "patch_net":
        options = {"trunk": mtv.trunks.DilatedNet((16, 16, 32, 32, 64))}
    else:
        trunk = mtv.trunks.ContractingPath(FILTERS)
        options = {**options, "trunk": trunk}
    if recipe is models.FCN:
        options |= {"hidden": 128, "dropout": 0.0}
    model = recipe(2, **options)
    steps = 300
    rate = keras.optimizers.schedules.CosineDecay(5e-3, steps)
    model.compile(
        keras.optimizers.Adam(rate),
        **models.segmentation_losses(),
        metrics={"semantic": mtv.metrics.MeanIoU(2, ignore_class=255)},
        **without_xla(),
    )
    model.fit(images, truth, batch_size=8, epochs=steps, verbose=0)
    scores = model.evaluate(images, truth, verbose=0, return_dict=True)
    assert scores["semantic_mean_iou"] > 0.95
    assert np.isfinite(scores["loss"])
