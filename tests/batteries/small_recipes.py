"""Every recipe, small: a model with its losses, truth and decoder."""

import keras
import numpy as np

import mtvision as mtv
from batteries import small_regions
from batteries.small_samples import (
    FOUND,
    SIZE,
    Small,
    of_objects,
    trunk,
)
from mtvision import models, tasks

POSE = {"keypoints": "pose_keypoints", "present": "pose_present"}


def path():
    """A small contracting path, from the size of the image on."""
    return mtv.trunks.ContractingPath((4, 6, 8), depth=1)


def of_pixels(model):
    """A recipe of segmentation."""
    losses = models.segmentation_losses()
    reads = {"semantic": "semantic"}
    return Small(model, losses, models.segmenter(model), reads)


def retinanet():
    """With a further task, a class for each image."""
    model = models.RetinaNet(
        3,
        image_size=SIZE,
        trunk=trunk(),
        extra_levels=0,
        filters=8,
        depth=1,
        heads={"scene": tasks.ClassificationHead(4)},
    )
    losses = {"scene": tasks.ClassificationLoss()}
    losses = models.retinanet_losses(losses=losses)
    found = models.retinanet_detector(model, **FOUND).output
    scene = tasks.DecodeClassification(name="scene_of")(model.output["scene"])
    decoder = keras.Model(model.input, {**found, "scene": scene})
    small = of_objects(model, losses, decoder)
    return small._replace(reads={**small.reads, "scene": "scene"})


def ssd():
    """SSD."""
    options = {"filters": (8, 8), "context": 16}
    model = models.SSD(3, image_size=SIZE, trunk=trunk(), **options)
    decoder = models.ssd_detector(model, **FOUND)
    return of_objects(model, models.ssd_losses(), decoder)


def yolo():
    """YOLO on two levels."""
    anchors = np.array([[30, 30], [8, 10], [16, 12], [40, 20]])
    options = {"filters": 8, "hidden": 8, "levels": ("P4", "P5")}
    model = models.YOLO(3, anchors, image_size=SIZE, trunk=trunk(), **options)
    decoder = models.yolo_detector(model, **FOUND)
    return of_objects(model, models.yolo_losses(), decoder)


def yolo_v1():
    """YOLO v1."""
    options = {"grid": 4, "hidden": 16}
    model = models.YOLOv1(3, image_size=SIZE, trunk=trunk(), **options)
    decoder = models.yolo_v1_detector(model, **FOUND)
    return of_objects(model, models.yolo_v1_losses(model), decoder)


def centernet():
    """CenterNet."""
    options = {"filters": 8, "hidden": 8}
    model = models.CenterNet(3, image_size=SIZE, trunk=trunk(), **options)
    decoder = models.centernet_detector(model, **FOUND)
    return of_objects(model, models.centernet_losses(), decoder)


def extremenet():
    """ExtremeNet."""
    options = {"filters": 8, "hidden": 8}
    model = models.ExtremeNet(3, image_size=SIZE, trunk=trunk(), **options)
    decoder = models.extremenet_detector(model, max_detections=10)
    losses = models.extremenet_losses()
    return of_objects(model, losses, decoder, masks="masks")


def overfeat():
    """OverFeat."""
    net = mtv.trunks.WindowNet((4, 4, 8))
    model = models.OverFeat(3, image_size=SIZE, trunk=net, hidden=8)
    decoder = models.overfeat_detector(model, max_detections=10)
    return of_objects(model, models.overfeat_losses(), decoder)


def sliding_window():
    """Sliding windows of one size."""
    net = mtv.trunks.WindowNet((4, 4, 8))
    model = models.SlidingWindow(3, image_size=SIZE, trunk=net, hidden=8)
    decoder = models.sliding_window_detector(model, **FOUND)
    return of_objects(model, models.sliding_window_losses(), decoder)


def unet():
    """U-Net."""
    return of_pixels(models.UNet(3, image_size=SIZE, trunk=path(), depth=1))


def segnet():
    """SegNet, by max-unpooling."""
    return of_pixels(models.SegNet(3, image_size=SIZE, trunk=path(), depth=1))


def deconv_net():
    """DeconvNet, by max-unpooling."""
    options = {"hidden": 8, "depth": 1}
    return of_pixels(
        models.DeconvNet(3, image_size=SIZE, trunk=path(), **options)
    )


def fcn():
    """FCN."""
    options = {"hidden": 8, "stride": 2}
    return of_pixels(models.FCN(3, image_size=SIZE, trunk=path(), **options))


def patch_net():
    """PatchNet."""
    net = mtv.trunks.DilatedNet((8, 8, 8))
    return of_pixels(models.PatchNet(3, image_size=SIZE, trunk=net))


def deep_pose():
    """DeepPose in two stages."""
    options = {"filters": 8, "hidden": 8, "stages": 2}
    model = models.DeepPose(2, image_size=SIZE, trunk=trunk(), **options)
    losses = models.deep_pose_losses(stages=2)
    decoder = models.deep_pose_detector(model)
    return Small(model, losses, decoder, dict.fromkeys(model.output, POSE))


def heat_map_pose():
    """Pose by heat maps."""
    options = {"filters": (8, 8, 8), "depth": 0}
    model = models.HeatMapPose(2, image_size=SIZE, trunk=trunk(), **options)
    losses = models.heat_map_pose_losses()
    decoder = models.heat_map_pose_detector(model)
    return Small(model, losses, decoder, {"keypoints": POSE})


def volume_landmarks():
    """Landmarks of volumes."""
    net = mtv.trunks.VolumeNet((3, 4), depth=1)
    options = {"volume_size": 16, "trunk": net, "hidden": 4}
    model = models.VolumeLandmarks(2, **options)
    losses = models.volume_landmarks_losses()
    decoder = models.volume_landmarks_detector(model)
    reads = dict.fromkeys(model.output, "landmarks")
    return Small(model, losses, decoder, reads)


def deep_face():
    """DeepFace, identities and embeddings."""
    shape = (32, 24, 3)
    net = mtv.trunks.DeepFaceNet(
        (2,) * 5, kernels=(5, 3, 3, 3, 1), image_shape=shape
    )
    options = {"image_size": shape[:2], "trunk": net, "embedding_size": 7}
    model = models.DeepFace(3, **options)
    reads = dict.fromkeys(model.output, "identity")
    options = {"image_size": shape[:2]}
    losses = models.deep_face_losses()
    return Small(model, losses, model, reads, options=options)


def face_net():
    """FaceNet, with the embedder of faces and their mirror images."""
    model = models.FaceNet(image_size=SIZE, trunk=trunk(), embedding_size=16)
    decoder = models.face_embedder(model, mirrored=True)
    reads = {"embedding": "identity"}
    return Small(model, models.face_net_losses(), decoder, reads)


def siamese():
    """Two images."""
    net = models.FaceNet(image_size=SIZE, trunk=trunk(), embedding_size=16)
    model = models.Siamese(models.face_embedder(net))
    return Small(model, models.siamese_losses(), model, {"same": "same"})


def multi_input():
    """A picture, a text and facts, any of which may be missing."""
    encoders = {
        "image": keras.Sequential(
            [
                keras.Input((SIZE, SIZE, 3)),
                keras.layers.Rescaling(1 / 255),
                keras.layers.Conv2D(4, 3),
            ]
        ),
        "text": mtv.trunks.TextNet(9, embedding_size=4, filters=(4,)),
        "facts": keras.Sequential(
            [keras.Input((3,)), keras.layers.Dense(4, "relu")]
        ),
    }
    heads = {
        "price": tasks.RegressionHead(name="price"),
        "kind": tasks.ClassificationHead(2, name="kind"),
    }
    model = models.MultiInput(encoders, heads, missing_rate=0.2)
    losses = {"loss": {"price": "mse", "kind": tasks.ClassificationLoss()}}
    options = {"optional_inputs": tuple(encoders)}
    reads = {"price": "price", "kind": "kind"}
    return Small(model, losses, model, reads, options=options)


RECIPES = {
    "RetinaNet": retinanet,
    "SSD": ssd,
    "YOLO": yolo,
    "YOLOv1": yolo_v1,
    "CenterNet": centernet,
    "ExtremeNet": extremenet,
    "OverFeat": overfeat,
    "SlidingWindow": sliding_window,
    "RCNN": small_regions.rcnn,
    "SPPNet": small_regions.spp_net,
    "FastRCNN": small_regions.fast_rcnn,
    "FasterRCNN": small_regions.faster_rcnn,
    "RFCN": small_regions.rfcn,
    "MaskRCNN": small_regions.mask_rcnn,
    "KeypointRCNN": small_regions.keypoint_rcnn,
    "PanopticFPN": small_regions.panoptic_fpn,
    "DenseCaptioning": small_regions.dense_captioning,
    "UNet": unet,
    "SegNet": segnet,
    "DeconvNet": deconv_net,
    "FCN": fcn,
    "PatchNet": patch_net,
    "DeepPose": deep_pose,
    "HeatMapPose": heat_map_pose,
    "VolumeLandmarks": volume_landmarks,
    "DeepFace": deep_face,
    "FaceNet": face_net,
    "Siamese": siamese,
    "MultiInput": multi_input,
}

# Boxes beside a class, three maps, and several inputs.
A_FEW = ["RetinaNet", "CenterNet", "MultiInput"]
