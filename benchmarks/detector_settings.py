"""How `detectors.py` builds each detector for images of 64 to 300 pixels."""

import collections

import keras

import mtvision as mtv
from mtvision import models

OBJECTS = {"boxes": "boxes", "classes": "classes"}

# `build(num_classes, given)` returns a compiled model and its detector;
# `fields` are what each of its tasks reads; `rate` is AdamW's learning rate.
Setting = collections.namedtuple("Setting", "build fields rate")


def make_trunk(name, size):
    """A trunk by the name that `--trunk` gives."""
    trunks = {
        "small": lambda: mtv.trunks.SmallResNet((24, 48, 96, 128)),
        "wide": lambda: mtv.trunks.SmallResNet((48, 96, 192, 256), blocks=2),
        "mobilenet": lambda: mtv.trunks.MobileNetV3Small(
            image_shape=(size, size, 3), weights=None
        ),
    }
    if name not in trunks:
        raise SystemExit(f"Expected a trunk of {sorted(trunks)}, not {name!r}.")
    return trunks[name]()


def compiled(model, losses, detector):
    """The model, compiled, and its detector."""
    model.compile(keras.optimizers.AdamW(weight_decay=0.01), **losses)
    return model, detector


def retinanet(num_classes, given):
    """RetinaNet with slim towers."""
    model = models.RetinaNet(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
        extra_levels=0,
        filters=64,
        depth=2,
        norm="batch",
    )
    losses = models.retinanet_losses()
    return compiled(model, losses, models.retinanet_detector(model))


def ssd(num_classes, given):
    """SSD on two maps of the trunk and two more."""
    model = models.SSD(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
        levels=("P3", "P4", "P5"),
        filters=(96,),
        context=0,
    )
    return compiled(model, models.ssd_losses(), models.ssd_detector(model))


def yolo_v1(num_classes, given):
    """YOLO v1 with a cell for every 16 pixels, of convolutions."""
    model = models.YOLOv1(
        num_classes,
        image_size=given.size,
        grid=given.size // 16,
        trunk=make_trunk(given.trunk, given.size),
        level="P4",
        hidden=256,
        convolutional=True,
    )
    losses = models.yolo_v1_losses(model)
    return compiled(model, losses, models.yolo_v1_detector(model))


def yolo(num_classes, given):
    """YOLO with three anchors a cell of 16 pixels."""
    anchors = [(side, 1.2 * side) for side in (20, 36, 60)]
    model = models.YOLO(
        num_classes,
        anchors,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
        levels=("P4",),
        hidden=128,
    )
    return compiled(model, models.yolo_losses(), models.yolo_detector(model))


def centernet(num_classes, given):
    """CenterNet with maps of stride 4."""
    model = models.CenterNet(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
    )
    losses = models.centernet_losses()
    return compiled(model, losses, models.centernet_detector(model))


CENTERNET_FIELDS = dict.fromkeys(
    ("boxes_heat_map", "boxes_size", "boxes_offset"), OBJECTS
)
SETTINGS = {
    "retinanet": Setting(retinanet, {"boxes": OBJECTS}, 2e-3),
    "ssd": Setting(ssd, {"boxes": OBJECTS}, 2e-3),
    "yolo_v1": Setting(yolo_v1, {"boxes": OBJECTS}, 2e-3),
    "yolo": Setting(yolo, {"boxes": OBJECTS}, 2e-3),
    "centernet": Setting(centernet, CENTERNET_FIELDS, 2e-3),
}
