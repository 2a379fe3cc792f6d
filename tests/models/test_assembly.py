"""What the recipes share: their arguments, and which parts go together."""

import numpy as np
import pytest

import mtvision as mtv
from mtvision import models
from mtvision.models.assembly import image_input


def trunk():
    return mtv.trunks.SmallResNet((4, 4, 4, 4))


def retinanet():
    return models.RetinaNet(
        2, image_size=64, trunk=trunk(), extra_levels=0, filters=4, depth=1
    )


def ssd():
    options = {"filters": (4,), "context": 4}
    return models.SSD(2, image_size=64, trunk=trunk(), **options)


def yolo():
    return models.YOLO(2, image_size=64, trunk=trunk(), hidden=4)


def yolo_v1():
    return models.YOLOv1(2, image_size=64, trunk=trunk(), grid=2, hidden=4)


def sliding_window():
    options = {"trunk": mtv.trunks.WindowNet((2, 2, 4)), "hidden": 4}
    return models.SlidingWindow(2, image_size=64, **options)


RECIPES = [retinanet, ssd, yolo, yolo_v1, sliding_window]


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_detector_of_another_recipe_is_told(recipe):
    model = recipe()
    own = f"{recipe.__name__}_detector"
    getattr(models, own)(model)
    for other in RECIPES:
        detector = getattr(models, f"{other.__name__}_detector")
        if other is not recipe:
            with pytest.raises(ValueError, match=f"take `{own}`"):
                detector(model)


@pytest.mark.parametrize("recipe", RECIPES)
def test_losses_of_another_recipe_are_told(recipe):
    model = recipe()
    for other in RECIPES:
        losses = getattr(models, f"{other.__name__}_losses")
        given = (other(),) if other is yolo_v1 else ()
        if other is recipe:
            model.compile("sgd", **losses(*given))
        else:
            with pytest.raises(ValueError, match=r"'boxes': .*Head expects"):
                model.compile("sgd", **losses(*given))


@pytest.mark.parametrize("given", [mtv.trunks.ResNet50, mtv.trunks.Trunk])
def test_a_trunk_that_was_not_made_is_told(given):
    message = rf"layer or model.*Call it first: trunk={given.__name__}\(\)"
    for recipe in ("RetinaNet", "SSD", "YOLO", "CenterNet", "ExtremeNet"):
        with pytest.raises(ValueError, match=message):
            getattr(models, recipe)(2, trunk=given)
    with pytest.raises(ValueError, match=message):
        models.SlidingWindow(2, trunk=given)
    with pytest.raises(ValueError, match="received 'resnet50' of type str"):
        models.YOLOv1(2, trunk="resnet50")


def test_a_head_that_was_not_made_is_told():
    heads = {"scene": mtv.tasks.ClassificationHead}
    with pytest.raises(ValueError, match=r"heads\['scene'\].*the class"):
        models.YOLO(2, image_size=64, trunk=trunk(), heads=heads)


def test_sizes_may_be_numbers_of_numpy():
    assert image_input(np.int64(64)).shape == (None, 64, 64, 3)
    assert image_input((np.int32(8), None)).shape == (None, 8, None, 3)
    for wrong in (64.0, True, 0, (64,), "64"):
        with pytest.raises(ValueError, match="Expected image_size"):
            image_input(wrong)
