"""All of the region family on one small trunk, with six losses."""

import keras
import numpy as np

from batteries.backend import to_numpy
from mtvision import layers, tasks
from mtvision.training import MultiTaskModel

SIZE, REGIONS, PROPOSALS = 48, 6, 9
LOSSES = {
    "rpn_objectness": tasks.ProposalObjectnessLoss(),
    "rpn_boxes": tasks.ProposalBoxesLoss(),
    "classes": tasks.RegionClassesLoss(),
    "boxes": tasks.RegionBoxesLoss(),
    "masks": tasks.RegionMasksLoss(),
    "keypoints": tasks.RegionKeypointsLoss(),
}


def region_model(further=()):
    """From an image and proposals to the rows of six tasks.

    Args:
        further: Pairs of a name and a layer on the map of stride 8.
    """
    image = keras.Input((SIZE, SIZE, 3), name="image")
    proposals = keras.Input((PROPOSALS, 4), name="proposals")
    p3 = keras.layers.Conv2D(4, 8, strides=8, name="p3")(image / 255)
    p4 = keras.layers.AveragePooling2D(2, name="p4")(p3)
    pyramid = {"P3": p3, "P4": p4}
    maps = tasks.ProposalTower(4)(pyramid)
    options = {"anchors": tasks.GridAnchors(cells=2.0, scales=(1.0,))}
    heads = tasks.ProposalObjectnessHead, tasks.ProposalBoxesHead
    names = "rpn_objectness", "rpn_boxes"
    rows = [head(**options, name=n)(maps) for head, n in zip(heads, names)]
    propose = tasks.ProposeRegions(num_regions=REGIONS, num_candidates=20)
    regions = propose(*rows, image, maps, proposals)
    pool = layers.MultilevelRoIAlign(4, canonical_size=32, name="pooled")
    pooled = pool(pyramid, regions)
    features = tasks.RegionTower(5)(pooled)
    options = {"filters": 4, "depth": 1}
    heads = {
        tasks.RegionClassesHead(3, name="classes"): features,
        tasks.RegionBoxesHead(3, name="boxes"): features,
        tasks.RegionMasksHead(3, **options, name="masks"): pooled,
        tasks.RegionKeypointsHead(2, **options, name="keypoints"): pooled,
    }
    outputs = {
        **dict(zip(names, rows)),
        **{head.name: head(x, regions) for head, x in heads.items()},
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
    drawn = model.get_layer("masks")(pooled, found["boxes"])
    pointed = model.get_layer("keypoints")(pooled, found["boxes"])
    found = tasks.DecodeRegionMasks()(drawn, found, image)
    found = tasks.DecodeRegionKeypoints(max_side=SIZE)(pointed, found)
    return keras.Model(model.input, found)


def region_step(model):
    """A function from inputs and truth to rows, losses and gradients.

    Gradients are those of the sum of all losses, by the path of the variable.
    JAX compiles it, as its operations take minutes one by one.
    """
    backend = keras.backend.backend()
    variables = model.trainable_variables

    def losses_of(rows, truth):
        with keras.StatelessScope():  # metrics must not keep tracers
            return {name: f(truth, rows[name]) for name, f in LOSSES.items()}

    def step(inputs, truth):
        rows = model(inputs)
        losses = losses_of(rows, truth)
        return rows, losses, sum(losses.values())

    if backend == "jax":
        import jax

        def total(values, inputs, truth):
            fixed = [v.value for v in model.non_trainable_variables]
            rows, _ = model.stateless_call(values, fixed, inputs)
            losses = losses_of(rows, truth)
            return sum(losses.values()), (rows, losses)

        compiled = jax.jit(jax.grad(total, has_aux=True))

    def run(inputs, truth):
        if backend == "jax":
            values = [v.value for v in variables]
            slopes, (rows, losses) = compiled(values, inputs, truth)
        elif backend == "tensorflow":
            import tensorflow as tf

            with tf.GradientTape() as tape:
                rows, losses, value = step(inputs, truth)
            slopes = tape.gradient(value, [v.value for v in variables])
        else:
            model.zero_grad()
            rows, losses, value = step(inputs, truth)
            value.backward()
            slopes = [v.value.grad for v in variables]
        slopes = {v.path: g for v, g in zip(variables, slopes)}
        return to_numpy((rows, losses, slopes))

    return run


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
