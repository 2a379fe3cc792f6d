"""What every recipe of segmentation must do."""

import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.recipes import (
    check_losses_fall,
    check_plots,
    check_save_and_load,
    without_xla,
)
from mtvision import models
from mtvision.layers.upsample_2d import METHODS

RECIPES = {
    "unet": models.UNet,
    "segnet": models.SegNet,
    "deconv_net": models.DeconvNet,
    "fcn": models.FCN,
    "patch_net": models.PatchNet,
}
WAYS = [
    *((name, way) for name in ("unet", "segnet") for way in METHODS),
    ("deconv_net", "max_unpool"),
    ("deconv_net", "transposed"),
    *(("fcn", way) for way in ("nearest", "bilinear", "bicubic", "transposed")),
]


def build(name, num_classes=3, **options):
    """A tiny model of a recipe."""
    trunk = mtv.trunks.ContractingPath((4, 6, 8), depth=1)
    if name == "patch_net":
        trunk = mtv.trunks.DilatedNet((8, 8, 8))
    if name == "deconv_net":
        options = {"hidden": 8, **options}
    if name in ("unet", "segnet", "deconv_net"):
        options = {"depth": 1, **options}
    if name == "fcn":
        options = {"hidden": 8, "stride": 2, "dropout": 0.0, **options}
    return RECIPES[name](num_classes, trunk=trunk, **options)


def squares(number=8, size=24):
    """Images with a bright square each, in one of two colours."""
    random = np.random.default_rng(0)
    images = random.uniform(0, 60, (number, size, size, 3))
    classes = np.zeros((number, size, size), "int32")
    for b in range(number):
        top, left = random.integers(0, size - 12, 2)
        place = (b, slice(top, top + 12), slice(left, left + 12))
        images[place][..., b % 2] = 250
        classes[place] = 1 + b % 2
    return images.astype("float32"), classes, np.arange(number) % 2


@pytest.mark.parametrize("name", RECIPES)
def test_segmentation_and_diagnosis_train_in_one_model(name):
    images, classes, labels = squares()
    level = "P0" if name == "patch_net" else "P2"
    head = mtv.tasks.ClassificationHead(2, level=level)
    model = build(
        name,
        image_size=24,
        heads={"diagnosis": head},
        pixel_heads={"outline": mtv.tasks.SegmentationHead(1, filters=4)},
    )
    truth = {
        "semantic": classes,
        "diagnosis": labels.astype("float32"),
        "outline": (classes > 0).astype("int32"),
    }
    # Either label is missing on some images.
    truth["semantic"][:2] = -1
    truth["diagnosis"][3:5] = np.nan
    losses = {
        "diagnosis": mtv.tasks.ClassificationLoss(),
        "outline": mtv.losses.Dice(),
    }
    arguments = models.segmentation_losses(losses=losses)
    model.compile(keras.optimizers.Adam(1e-2), **arguments, **without_xla())
    check_losses_fall(model, images, truth, epochs=16, share=0.9)
    check_save_and_load(model, images[:2])
    check_plots(model)
    decide = models.segmenter(model)
    found = to_numpy(decide.predict(images, verbose=0)["semantic"])
    logits = model.predict(images, verbose=0)["semantic"]
    np.testing.assert_array_equal(found, logits.argmax(-1))


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_every_way_of_upsampling_gives_the_size_of_the_image(name, way):
    model = build(name, upsampling=way)
    for size in ((24, 16), (37, 29), (8, 9)):
        images = np.full((1, *size, 3), 100, "float32")
        logits = to_numpy(model(images)["semantic"])
        assert logits.shape == (1, *size, 3)
        assert np.isfinite(logits).all()


@pytest.mark.parametrize("name", RECIPES)
def test_an_image_of_one_pixel(name):
    model = build(name)
    model.compile("sgd", **models.segmentation_losses(), **without_xla())
    images, classes = np.full((2, 1, 1, 3), 9.0), np.ones((2, 1, 1), "int32")
    truth = {"semantic": classes}
    history = model.fit(images, truth, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert model.predict(images, verbose=0)["semantic"].shape == (2, 1, 1, 3)


@pytest.mark.parametrize("name", ["unet", "segnet", "deconv_net", "fcn"])
def test_on_the_trunk_of_a_detector(name):
    """Its finest map is a quarter of the image."""
    trunk = mtv.trunks.SmallResNet((4, 8, 8, 8))
    options = {"hidden": 8} if name in ("fcn", "deconv_net") else {}
    model = RECIPES[name](2, trunk=trunk, **options)
    images = np.full((1, 65, 70, 3), 100, "float32")
    assert to_numpy(model(images)["semantic"]).shape == (1, 65, 70, 2)


@pytest.mark.parametrize("name", RECIPES)
def test_a_map_of_another_size_than_the_image(name):
    images, classes, _ = squares()
    model = build(name)
    model.compile("sgd", **models.segmentation_losses(), **without_xla())
    with pytest.raises(ValueError, match=r"semantic.*\(20, 24\).*\(24, 24\)"):
        model.fit(images, {"semantic": classes[:, :20]}, verbose=0)


@pytest.mark.parametrize("name", RECIPES)
def test_stray_labels(name):
    images, classes, _ = squares()
    classes[5, 3, 3] = 3
    model = build(name)
    model.compile("sgd", **models.segmentation_losses(), **without_xla())
    with pytest.raises(ValueError, match="semantic.*sample 5.*class 3"):
        model.fit(images, {"semantic": classes}, verbose=0)


@pytest.mark.parametrize("name", RECIPES)
def test_options_that_cannot_be(name):
    head = mtv.tasks.SegmentationHead(2, filters=4)
    with pytest.raises(ValueError, match="semantic"):
        build(name, heads={"semantic": head})
    with pytest.raises(ValueError, match="outline"):
        build(name, heads={"outline": head}, pixel_heads={"outline": head})
    with pytest.raises(ValueError, match="class SegmentationHead"):
        build(name, pixel_heads={"outline": mtv.tasks.SegmentationHead})
    with pytest.raises(ValueError, match="image_size"):
        build(name, image_size="large")
    with pytest.raises(ValueError, match="num_classes"):
        build(name, 0)
    with pytest.raises(ValueError, match="trunk"):
        RECIPES[name](2, trunk=mtv.trunks.ContractingPath)
    with pytest.raises(ValueError, match="semantic.*'mask'"):
        models.segmenter(build(name), task="mask")


@pytest.mark.parametrize("argument", ["heads", "pixel_heads"])
def test_heads_that_cannot_be(argument):
    head = mtv.tasks.SegmentationHead(2, filters=4)
    with pytest.raises(ValueError, match=f"{argument} as a dict.*a list"):
        build("unet", **{argument: [head]})
    for wrong in ("x", None):
        with pytest.raises(ValueError, match=rf"{argument}\['a'\] as a layer"):
            build("unet", **{argument: {"a": wrong}})
    with pytest.raises(ValueError, match=f"`{argument}`.*the model already"):
        build("unet", **{argument: {"semantic": head}})


def test_a_head_of_pixels_that_does_not_take_the_image():
    head = mtv.tasks.ClassificationHead(2, level="P2")
    with pytest.raises(ValueError, match=r"pixel_heads\['d'\].*image.*heads"):
        build("unet", pixel_heads={"d": head})
    with pytest.raises(ValueError, match=r"pixel_heads\['d'\].*image"):
        build("unet", pixel_heads={"d": keras.layers.Dropout(0.5)})


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("task", [None, 5, ""])
def test_a_task_without_a_name(name, task):
    with pytest.raises(ValueError, match="task as the name"):
        build(name, task=task)


def test_numbers_that_cannot_be():
    for filters in (5, "a"):
        with pytest.raises(ValueError, match="filters as None or as numbers"):
            build("unet", filters=filters)
    with pytest.raises(ValueError, match="normalization as True or False"):
        build("unet", normalization="no")
    for stride in (True, 4.0, "a", None):
        with pytest.raises(ValueError, match="stride as a whole number"):
            build("fcn", stride=stride)


def test_upsampling_that_cannot_be():
    with pytest.raises(ValueError, match="upsampling.*'wish'"):
        build("unet", upsampling="wish")
    with pytest.raises(ValueError, match="upsampling.*'max_unpool'"):
        build("fcn", upsampling="max_unpool")


def test_losses_take_weights_and_options():
    dice = mtv.losses.Dice()
    arguments = models.segmentation_losses(
        task="cells",
        losses={"kind": dice},
        loss_weights={"kind": 0.5},
        ignore_class=None,
    )
    assert arguments["loss_weights"] == {"cells": 1.0, "kind": 0.5}
    assert arguments["loss"]["kind"] is dice
    assert arguments["loss"]["cells"].ignore_class is None


def test_a_segmenter_of_what_gives_no_maps():
    head = mtv.tasks.ClassificationHead(2, level="P2")
    model = build("unet", heads={"kind": head})
    with pytest.raises(ValueError, match=r"'kind'.*\(B, H, W, C\)"):
        models.segmenter(model, task="kind")


@pytest.mark.parametrize(
    "head",
    [
        mtv.tasks.DepthHead(filters=4),
        mtv.tasks.NormalsHead(filters=4),
        mtv.tasks.EdgesHead(filters=4),
    ],
    ids=lambda head: type(head).__name__,
)
def test_a_segmenter_of_maps_that_are_no_classes(head):
    model = build("unet", pixel_heads={"other": head})
    with pytest.raises(ValueError, match=rf"'other'.*{type(head).__name__}"):
        models.segmenter(model, task="other")


def test_a_segmenter_of_a_layer_of_ones_own():
    image = keras.Input((8, 8, 3))
    logits = keras.layers.Conv2D(2, 1, name="semantic")(image)
    model = keras.Model(image, {"semantic": logits})
    assert models.segmenter(model).output["semantic"].shape == (None, 8, 8)
