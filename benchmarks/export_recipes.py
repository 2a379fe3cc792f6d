"""Every recipe, small and with its decoder, as `export.py` exports it."""

import keras
import numpy as np

import mtvision as mtv
from mtvision import models, tasks

SIZE = 64
FOUND = {"max_detections": 10, "score_threshold": 0.0}
ANCHORS = tasks.GridAnchors(cells=2.5, scales=(1.0,))
REGIONS = {
    "image_size": SIZE,
    "levels": ("P3", "P4"),
    "extra_levels": 0,
    "filters": 16,
    "units": 32,
    "bins": 4,
    "num_regions": 16,
    "canonical_size": SIZE,
    "anchors": ANCHORS,
}
MAPS = {"filters": 8, "depth": 1}


def trunk(*filters):
    """A small residual network."""
    return mtv.trunks.SmallResNet(filters or (4, 8, 8, 8))


def path():
    """A small contracting path, from the size of the image on."""
    return mtv.trunks.ContractingPath((4, 6, 8), depth=1)


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
    found = models.retinanet_detector(model, **FOUND).output
    scene = tasks.DecodeClassification(name="scene_of")(model.output["scene"])
    return keras.Model(model.input, {**found, "scene": scene})


def ssd():
    """SSD."""
    options = {"filters": (8, 8), "context": 16}
    model = models.SSD(3, image_size=SIZE, trunk=trunk(), **options)
    return models.ssd_detector(model, **FOUND)


def yolo():
    """YOLO on two levels."""
    anchors = np.array([[30, 30], [8, 10], [16, 12], [40, 20]])
    options = {"filters": 8, "hidden": 8, "levels": ("P4", "P5")}
    model = models.YOLO(3, anchors, image_size=SIZE, trunk=trunk(), **options)
    return models.yolo_detector(model, **FOUND)


def yolo_v1():
    """YOLO v1."""
    options = {"grid": 4, "hidden": 16}
    model = models.YOLOv1(3, image_size=SIZE, trunk=trunk(), **options)
    return models.yolo_v1_detector(model, **FOUND)


def centernet():
    """CenterNet."""
    options = {"filters": 8, "hidden": 8}
    model = models.CenterNet(3, image_size=SIZE, trunk=trunk(), **options)
    return models.centernet_detector(model, **FOUND)


def extremenet():
    """ExtremeNet."""
    options = {"filters": 8, "hidden": 8}
    model = models.ExtremeNet(3, image_size=SIZE, trunk=trunk(), **options)
    return models.extremenet_detector(model, max_detections=10)


def overfeat():
    """OverFeat."""
    net = mtv.trunks.WindowNet((4, 4, 8))
    model = models.OverFeat(3, image_size=SIZE, trunk=net, hidden=8)
    return models.overfeat_detector(model, max_detections=10)


def sliding_window():
    """Sliding windows of one size."""
    net = mtv.trunks.WindowNet((4, 4, 8))
    model = models.SlidingWindow(3, image_size=SIZE, trunk=net, hidden=8)
    return models.sliding_window_detector(model, **FOUND)


def rcnn():
    """R-CNN, without its linear models."""
    options = {"region_size": 16, "context": 2, "level": "P3", "units": 32}
    model = models.RCNN(
        3, image_size=SIZE, trunk=trunk(), num_proposals=12, **options
    )
    return models.rcnn_detector(model, **FOUND)


def spp_net():
    """SPP-net, without its linear models."""
    options = {"level": "P2", "bins": (1, 2, 4), "units": 32}
    model = models.SPPNet(
        3, image_size=SIZE, trunk=trunk(), num_proposals=12, **options
    )
    return models.spp_net_detector(model, **FOUND)


def fast_rcnn():
    """Fast R-CNN."""
    options = {"levels": ("P3",), "bins": 4, "units": 32}
    model = models.FastRCNN(
        3, image_size=SIZE, trunk=trunk(), num_proposals=12, **options
    )
    return models.fast_rcnn_detector(model, **FOUND)


def faster_rcnn():
    """Faster R-CNN on a pyramid."""
    model = models.FasterRCNN(3, trunk=trunk(), **REGIONS)
    return models.faster_rcnn_detector(model, **FOUND)


def rfcn():
    """R-FCN."""
    model = models.RFCN(
        3,
        image_size=SIZE,
        trunk=trunk(),
        levels=("P3",),
        filters=16,
        score_filters=16,
        bins=3,
        num_regions=16,
        anchors=ANCHORS,
    )
    return models.rfcn_detector(model, **FOUND)


def mask_rcnn():
    """Mask R-CNN."""
    model = models.MaskRCNN(3, trunk=trunk(), masks=MAPS, **REGIONS)
    return models.mask_rcnn_detector(model, **FOUND)


def keypoint_rcnn():
    """Keypoint R-CNN."""
    model = models.KeypointRCNN(1, 3, trunk=trunk(), keypoints=MAPS, **REGIONS)
    options = {"keypoints": {"max_side": SIZE}, **FOUND}
    return models.keypoint_rcnn_detector(model, **options)


def panoptic_fpn():
    """Panoptic FPN."""
    model = models.PanopticFPN(
        2, 5, trunk=trunk(), masks=MAPS, semantic={"filters": 8}, **REGIONS
    )
    merging = {"min_stuff_area": 4, "score_threshold": 0.0}
    return models.panoptic_fpn_detector(model, merging=merging, **FOUND)


def dense_captioning():
    """DenseCap, phrases by two beams."""
    captions = {"units": 16, "embedding": 8}
    model = models.DenseCaptioning(
        12, 4, trunk=trunk(), captions=captions, **REGIONS
    )
    return models.dense_captioning_detector(model, beams=2, **FOUND)


def unet():
    """U-Net."""
    model = models.UNet(3, image_size=SIZE, trunk=path(), depth=1)
    return models.segmenter(model)


def segnet():
    """SegNet, by max-unpooling."""
    model = models.SegNet(3, image_size=SIZE, trunk=path(), depth=1)
    return models.segmenter(model)


def deconv_net():
    """DeconvNet, by max-unpooling."""
    options = {"hidden": 8, "depth": 1}
    model = models.DeconvNet(3, image_size=SIZE, trunk=path(), **options)
    return models.segmenter(model)


def fcn():
    """FCN."""
    options = {"hidden": 8, "stride": 2}
    model = models.FCN(3, image_size=SIZE, trunk=path(), **options)
    return models.segmenter(model)


def patch_net():
    """PatchNet."""
    net = mtv.trunks.DilatedNet((8, 8, 8))
    model = models.PatchNet(3, image_size=SIZE, trunk=net)
    return models.segmenter(model)


def deep_pose():
    """DeepPose in two stages."""
    options = {"filters": 8, "hidden": 8, "stages": 2}
    model = models.DeepPose(2, image_size=SIZE, trunk=trunk(), **options)
    return models.deep_pose_detector(model)


def heat_map_pose():
    """Pose by heat maps."""
    options = {"filters": (8, 8, 8), "depth": 0}
    model = models.HeatMapPose(2, image_size=SIZE, trunk=trunk(), **options)
    return models.heat_map_pose_detector(model)


def volume_landmarks():
    """Landmarks of volumes."""
    net = mtv.trunks.VolumeNet((3, 4), depth=1)
    options = {"volume_size": 16, "trunk": net, "hidden": 4}
    model = models.VolumeLandmarks(2, **options)
    return models.volume_landmarks_detector(model)


def deep_face():
    """DeepFace, identities and embeddings."""
    shape = (32, 24, 3)
    net = mtv.trunks.DeepFaceNet(
        (2,) * 5, kernels=(5, 3, 3, 3, 1), image_shape=shape
    )
    options = {"image_size": shape[:2], "trunk": net, "embedding_size": 7}
    return models.DeepFace(3, **options)


def face_net():
    """The embedder of a FaceNet, of faces and their mirror images."""
    model = models.FaceNet(image_size=SIZE, trunk=trunk(), embedding_size=16)
    return models.face_embedder(model, mirrored=True)


def siamese():
    """Two images."""
    net = models.FaceNet(image_size=SIZE, trunk=trunk(), embedding_size=16)
    return models.Siamese(models.face_embedder(net))


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
    return models.MultiInput(encoders, heads, missing_rate=0.2)


RECIPES = {
    "RetinaNet": retinanet,
    "SSD": ssd,
    "YOLO": yolo,
    "YOLOv1": yolo_v1,
    "CenterNet": centernet,
    "ExtremeNet": extremenet,
    "OverFeat": overfeat,
    "SlidingWindow": sliding_window,
    "RCNN": rcnn,
    "SPPNet": spp_net,
    "FastRCNN": fast_rcnn,
    "FasterRCNN": faster_rcnn,
    "RFCN": rfcn,
    "MaskRCNN": mask_rcnn,
    "KeypointRCNN": keypoint_rcnn,
    "PanopticFPN": panoptic_fpn,
    "DenseCaptioning": dense_captioning,
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


def build(name, seed=0):
    """A model whose scores differ, so that their order is no accident."""
    keras.utils.set_random_seed(seed)
    model = RECIPES[name]()
    random = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        noise = random.normal(scale=0.1, size=variable.shape)
        variable.assign(np.asarray(variable) + noise)
    return model


def inputs_of(model, batch, seed=0):
    """Random inputs by name."""
    random = np.random.default_rng(seed)
    return {x.name: _values(x, batch, random) for x in model.inputs}


def _values(tensor, batch, random):
    shape = [batch, *(n or 5 for n in tensor.shape[1:])]
    if tensor.name == "proposals":
        corners = random.uniform(0, SIZE / 2, (*shape[:2], 2))
        sides = random.uniform(8, SIZE / 2, (*shape[:2], 2))
        return np.concatenate([corners, corners + sides], -1).astype("float32")
    if tensor.dtype == "int32":
        return random.integers(1, 9, shape).astype("int32")
    top = 255 if len(shape) == 4 else 1
    return random.uniform(0, top, shape).astype("float32")
