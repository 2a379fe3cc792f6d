"""All of the region family on one small trunk, with six losses."""

import keras
import numpy as np

from mtvision import layers, tasks
from mtvision.training import MultiTaskModel

SIZE, REGIONS, PROPOSALS = 48, 6, 4
LOSSES = {
    "rpn_objectness": tasks.ProposalObjectnessLoss(),
    "rpn_boxes": tasks.ProposalBoxesLoss(),
    "classes": tasks.RegionClassesLoss(),
    "boxes": tasks.RegionBoxesLoss(),
    "masks": tasks.RegionMasksLoss(size=8),
    "keypoints": tasks.RegionKeypointsLoss(size=16),
}


def region_model(further=(), **options):
    """From an image and proposals to the rows of six tasks.

    Args:
        further: Pairs of a name and a layer on the map of stride 8.
        options: Of `ProposeRegions`.
    """
    image = keras.Input((SIZE, SIZE, 3), name="image")
    proposals = keras.Input((PROPOSALS, 4), name="proposals")
    p3 = keras.layers.Conv2D(4, 8, strides=8, name="p3")(image / 255)
    p4 = keras.layers.AveragePooling2D(2, name="p4")(p3)
    pyramid = {"P3": p3, "P4": p4}
    maps = tasks.ProposalTower(4)(pyramid)
    anchors = tasks.GridAnchors(cells=2.0, scales=(1.0,))
    objectness = tasks.ProposalObjectnessHead(anchors=anchors)(maps)
    deltas = tasks.ProposalBoxesHead(anchors=anchors)(maps)
    propose = tasks.ProposeRegions(
        num_regions=REGIONS, num_candidates=20, **options
    )
    regions = propose(objectness, deltas, image, maps, proposals)
    pool = layers.MultilevelRoIAlign(4, canonical_size=32, name="pooled")
    pooled = pool(pyramid, regions)
    features = tasks.RegionTower(5)(pooled)
    masks = tasks.RegionMasksHead(3, filters=4, depth=1, name="draw")
    keypoints = tasks.RegionKeypointsHead(2, filters=4, depth=1, name="point")
    outputs = {
        "rpn_objectness": objectness,
        "rpn_boxes": deltas,
        "classes": tasks.RegionClassesHead(3)(features, regions),
        "boxes": tasks.RegionBoxesHead(3)(features, regions),
        "masks": masks(pooled, regions),
        "keypoints": keypoints(pooled, regions),
        **{name: layer(p3) for name, layer in further},
    }
    return MultiTaskModel({"image": image, "proposals": proposals}, outputs)


def region_detector(model):
    """From an image and proposals to boxes with masks and key points."""
    rows, image = model.output, model.input["image"]
    decode = tasks.DecodeRegions(
        max_detections=5, score_threshold=0.0, iou_threshold=0.9
    )
    found = decode([rows["classes"], rows["boxes"]], image)
    pyramid = {k: model.get_layer(k.lower()).output for k in ("P3", "P4")}
    pooled = model.get_layer("pooled")(pyramid, found["boxes"])
    drawn = model.get_layer("draw")(pooled, found["boxes"])
    pointed = model.get_layer("point")(pooled, found["boxes"])
    found = tasks.DecodeRegionMasks(size=8)(drawn, found, image)
    found = tasks.DecodeRegionKeypoints(size=16, max_side=SIZE)(pointed, found)
    return keras.Model(model.input, found)


def region_scene():
    """Inputs and truth of two images, the objects of which are proposed."""
    random = np.random.default_rng(0)
    boxes = np.float32([[4, 6, 21, 30], [20, 9, 45, 33]])
    masks = np.zeros((2, SIZE, SIZE), "uint8")
    masks[0, 6:30, 4:15] = masks[1, 12:33, 20:45] = 1
    points = np.float32([[[5, 7, 2], [15, 25, 1]], [[30, 30, 2], [22, 10, 2]]])
    truth = {
        "boxes": boxes,
        "classes": np.int32([2, 0]),
        "masks": masks,
        "keypoints": points,
    }
    truth = {name: np.stack([field] * 2) for name, field in truth.items()}
    proposals = np.zeros((2, PROPOSALS, 4), "float32")
    proposals[:, :2] = boxes
    image = random.uniform(0, 255, (2, SIZE, SIZE, 3)).astype("float32")
    return {"image": image, "proposals": proposals}, truth
