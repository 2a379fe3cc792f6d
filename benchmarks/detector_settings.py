"""How `detectors.py` builds each detector for images of 64 to 300 pixels."""

import collections
import functools

import keras
import numpy as np

import mtvision as mtv
from mtvision import models

OBJECTS = {"boxes": "boxes", "classes": "classes"}
# A window of 32 pixels sees objects of 10 to 28 pixels.
WINDOW_SCALES = (2.2, 1.7, 1.3)

# `build(num_classes, given, train)` returns a model, its detector, or a
# function that makes it of the trained model, and a list of functions, one
# for each phase of the training, that compile the model; `fields` are what
# each of its tasks reads; `trunk` is its default, `None` where it has its
# own; `propose(size)`, if the model has an input of proposals, returns the
# function that finds them in an image.
Setting = collections.namedtuple(
    "Setting", "build fields trunk propose", defaults=(None,)
)
RATE = 2e-3  # of AdamW


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


def compile_for(model, losses):
    """Compiles a model with a fresh optimizer."""
    model.compile(keras.optimizers.AdamW(weight_decay=0.01), **losses)


def in_one_phase(model, losses, detector):
    """What `build` returns for a model that is trained at once."""
    return model, detector, [functools.partial(compile_for, model, losses)]


def retinanet(num_classes, given, train):
    """RetinaNet with slim towers."""
    model = models.RetinaNet(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
        extra_levels=0,
        filters=64,
        depth=2,
        norm="batch",
        anchors=mtv.tasks.GridAnchors(cells=2.0),
    )
    losses = models.retinanet_losses()
    return in_one_phase(model, losses, models.retinanet_detector(model))


def ssd(num_classes, given, train):
    """SSD on two maps of the trunk and two more."""
    model = models.SSD(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
        levels=("P3", "P4", "P5"),
        filters=(96,),
        context=0,
        boxes=mtv.tasks.DefaultBoxes(
            scales=(0.15, 0.28, 0.42, 0.6, 0.9),
            aspect_ratios=((2,), (2, 3), (2, 3), (2,)),
        ),
    )
    return in_one_phase(model, models.ssd_losses(), models.ssd_detector(model))


def yolo_v1(num_classes, given, train):
    """YOLO v1 with a cell for every 8 pixels, of convolutions."""
    model = models.YOLOv1(
        num_classes,
        image_size=given.size,
        grid=given.size // 8,
        trunk=make_trunk(given.trunk, given.size),
        level="P3",
        hidden=256,
        convolutional=True,
    )
    losses = models.yolo_v1_losses(model)
    return in_one_phase(model, losses, models.yolo_v1_detector(model))


def yolo(num_classes, given, train):
    """YOLO with three anchors a cell of 8 pixels, of the training boxes."""
    boxes = [train[k][1]["boxes"]["boxes"].reshape(-1, 4) for k in range(8)]
    anchors = mtv.ops.cluster_anchors(np.concatenate(boxes), 3)
    model = models.YOLO(
        num_classes,
        anchors,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
        levels=("P3",),
        hidden=128,
    )
    return in_one_phase(
        model, models.yolo_losses(), models.yolo_detector(model)
    )


def centernet(num_classes, given, train):
    """CenterNet with maps of stride 4."""
    model = models.CenterNet(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
    )
    losses = models.centernet_losses()
    return in_one_phase(model, losses, models.centernet_detector(model))


def extremenet(num_classes, given, train):
    """ExtremeNet with maps of stride 4."""
    model = models.ExtremeNet(
        num_classes,
        image_size=given.size,
        trunk=make_trunk(given.trunk, given.size),
    )
    detector = models.extremenet_detector(model, num_peaks=16)
    return in_one_phase(model, models.extremenet_losses(), detector)


def sliding_window(num_classes, given, train):
    """Windows of 32 pixels at four scales, through the trunk of windows."""
    model = models.SlidingWindow(
        num_classes, image_size=given.size, hidden=128, scales=WINDOW_SCALES
    )
    losses = models.sliding_window_losses()
    return in_one_phase(model, losses, models.sliding_window_detector(model))


def overfeat(num_classes, given, train):
    """OverFeat on the same windows; at last the finder of boxes alone."""
    trunk = mtv.trunks.WindowNet()
    model = models.OverFeat(
        num_classes,
        image_size=given.size,
        trunk=trunk,
        hidden=128,
        scales=WINDOW_SCALES,
    )

    def train_boxes():
        trunk.freeze()
        compile_for(model, models.overfeat_losses(train="boxes"))

    losses = models.overfeat_losses(train="classes")
    phases = [functools.partial(compile_for, model, losses), train_boxes]
    return model, models.overfeat_detector(model), phases


CENTERNET_FIELDS = dict.fromkeys(
    ("boxes_heat_map", "boxes_size", "boxes_offset"), OBJECTS
)
# Its extreme points are found in the masks.
WITH_MASKS = {**OBJECTS, "masks": "masks"}
EXTREMENET_FIELDS = dict.fromkeys(
    ("boxes_extremes", "boxes_centers", "boxes_offsets"), WITH_MASKS
)
OVERFEAT_FIELDS = dict.fromkeys(("boxes_classes", "boxes_sides"), OBJECTS)
SETTINGS = {
    "retinanet": Setting(retinanet, {"boxes": OBJECTS}, "small"),
    "ssd": Setting(ssd, {"boxes": OBJECTS}, "small"),
    "yolo_v1": Setting(yolo_v1, {"boxes": OBJECTS}, "small"),
    "yolo": Setting(yolo, {"boxes": OBJECTS}, "small"),
    "centernet": Setting(centernet, CENTERNET_FIELDS, "small"),
    "extremenet": Setting(extremenet, EXTREMENET_FIELDS, "small"),
    "sliding_window": Setting(sliding_window, {"boxes": OBJECTS}, None),
    "overfeat": Setting(overfeat, OVERFEAT_FIELDS, None),
}
