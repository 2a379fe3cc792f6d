"""A training step of RetinaNet, and its post-processing, beside its peers'.

Our recipe against keras-hub's and keras-cv's, on TensorFlow: the same
ResNet50, 512 pixels, batches of 2, 20 classes, nine anchors a cell on P3 to
P7, towers of four convolutions of 256 channels, SGD with momentum. The calls
are interleaved; medians, and the median of the ratios of neighbours. A peer
that is not installed, or does not run, is left out with its error.

Post-processing goes from the outputs of the network, random numbers with as
many scores above the threshold as a trained detector has, to 100 boxes.

    python benchmarks/retinanet_step.py                # both, graph and XLA
    python benchmarks/retinanet_step.py --only post
"""

import argparse
import os
import statistics
import sys
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

import mtvision as mtv

SIZE, BATCH, CLASSES, OBJECTS = 512, 2, 20, 32
SCORE, IOU, DETECTIONS = 0.05, 0.5, 100
LAYERS = {
    "P3": "conv3_block4_out",
    "P4": "conv4_block6_out",
    "P5": "conv5_block3_out",
}


def make_data():
    """Random images with a dozen boxes each."""
    random = np.random.default_rng(0)
    images = random.uniform(0, 255, (BATCH, SIZE, SIZE, 3)).astype("float32")
    first = random.uniform(0, 400, (BATCH, OBJECTS, 2))
    boxes = np.concatenate(
        [first, first + random.uniform(16, 112, first.shape)], -1
    )
    classes = random.integers(0, CLASSES, (BATCH, OBJECTS))
    classes[:, 12:] = -1
    boxes[:, 12:] = 0
    return images, boxes.astype("float32"), classes


def trunk():
    """The ResNet50 that all share in kind."""
    return mtv.trunks.ResNet50(image_shape=(SIZE, SIZE, 3))


def optimizer():
    """As in the paper."""
    return keras.optimizers.SGD(1e-3, momentum=0.9)


def stepper(model, x, y):
    """A function that takes two steps by `fit`."""
    data = tf.data.Dataset.from_tensors((x, y)).repeat()
    return lambda: model.fit(data, steps_per_epoch=2, verbose=0)


def own(jit_compile):
    """Our recipe, and a function that takes a step."""
    model = mtv.models.RetinaNet(CLASSES, image_size=SIZE, trunk=trunk())
    losses = mtv.models.retinanet_losses()
    model.compile(optimizer(), jit_compile=jit_compile, **losses)
    images, boxes, classes = make_data()
    truth = {"boxes": {"boxes": boxes, "classes": classes}}
    return model, stepper(model, images, truth)


def keras_hub(jit_compile):
    """keras-hub's, around the same trunk."""
    import keras_hub

    encoder = trunk()
    encoder.pyramid_outputs = encoder.output
    backbone = keras_hub.models.RetinaNetBackbone(
        encoder,
        min_level=3,
        max_level=7,
        use_p5=False,
        image_shape=(SIZE, SIZE, 3),
    )
    model = keras_hub.models.RetinaNetObjectDetector(
        backbone, num_classes=CLASSES, bounding_box_format="xyxy",
        prediction_decoder=keras_hub.layers.NonMaxSuppression(
            "xyxy", True, IOU, SCORE, DETECTIONS
        ),
    )  # fmt: skip
    model.compile(optimizer(), jit_compile=jit_compile)
    images, boxes, classes = make_data()
    truth = {"boxes": boxes, "labels": classes}
    return model, stepper(model, images, truth)


def keras_cv(jit_compile):
    """keras-cv's, around the same trunk, its towers as deep as the paper's."""
    import keras_cv

    backbone = trunk()
    backbone.pyramid_level_inputs = LAYERS
    heads = {}
    for name, columns in (("classification", CLASSES), ("box", 4)):
        heads[f"{name}_head"] = keras_cv.models.retinanet.PredictionHead(
            output_filters=9 * columns,
            bias_initializer=keras.initializers.Zeros(),
            num_conv_layers=4,
        )
    model = keras_cv.models.RetinaNet(
        backbone, CLASSES, bounding_box_format="xyxy", **heads
    )
    model.compile(
        box_loss="smoothl1",
        classification_loss="focal",
        optimizer=optimizer(),
        jit_compile=jit_compile,
    )
    images, boxes, classes = make_data()
    truth = {"boxes": boxes, "classes": classes.astype("float32")}
    return model, stepper(model, images, truth)


def measure(functions, rounds, warm=2):
    """Times of each function, in ms, in turns."""
    times = {name: [] for name in functions}
    for number in range(rounds + warm):
        for name in list(functions)[:: 1 if number % 2 else -1]:
            start = time.perf_counter()
            functions[name]()
            if number >= warm:
                times[name].append(1e3 * (time.perf_counter() - start))
    return times


def print_rows(what, mode, times):
    """One row of the table for each function."""
    for name, values in times.items():
        ratio = statistics.median(a / b for a, b in zip(times["own"], values))
        print(
            f"| {what} | {mode} | {name} | {statistics.median(values):.1f} "
            f"| {ratio:.3f} |",
            flush=True,
        )


def steps(mode, rounds):
    """Training steps."""
    functions = {}
    for make in (own, keras_hub, keras_cv):
        try:
            functions[make.__name__] = make(mode == "XLA")[1]
            functions[make.__name__]()
        except Exception as error:
            functions.pop(make.__name__, None)
            text = " ".join(str(error).split())[:300]
            print(
                f"{make.__name__}: {type(error).__name__}: {text}",
                file=sys.stderr,
            )
    print_rows("step", mode, measure(functions, rounds))


def make_outputs(anchors):
    """Random deltas and logits."""
    random = np.random.default_rng(1)
    deltas = 0.2 * random.normal(size=(BATCH, anchors, 4))
    logits = random.normal(-6.5, 1.0, (BATCH, anchors, CLASSES))
    return deltas.astype("float32"), logits.astype("float32")


def own_post():
    """Our decoder on our head's rows."""
    sizes = {f"P{k}": (SIZE // 2**k, SIZE // 2**k) for k in range(3, 8)}
    anchors = np.asarray(mtv.tasks.GridAnchors()(sizes))
    deltas, logits = make_outputs(len(anchors))
    rows = np.broadcast_to(anchors, deltas.shape)
    outputs = tf.constant(np.concatenate([deltas, logits, rows], -1))
    decode = mtv.tasks.DecodeDetections(
        max_detections=DETECTIONS, score_threshold=SCORE, iou_threshold=IOU
    )
    image = tf.zeros((BATCH, SIZE, SIZE, 3))
    return lambda x: decode(x, image), outputs


def keras_hub_post():
    """keras-hub's decoder."""
    model, _ = keras_hub(False)
    number = model.output["bbox_regression"].shape[1]
    deltas, logits = (tf.constant(x) for x in make_outputs(number))
    outputs = {"bbox_regression": deltas, "cls_logits": logits}
    image = tf.zeros((BATCH, SIZE, SIZE, 3))
    return lambda x: model.decode_predictions(x, image), outputs


def post(mode, rounds):
    """Post-processing."""
    functions = {}
    for name, make in {"own": own_post, "keras_hub": keras_hub_post}.items():
        function, outputs = make()
        function = tf.function(
            function, jit_compile=mode == "XLA", autograph=False
        )

        def run(function=function, outputs=outputs):
            return [x.numpy() for x in function(outputs).values()]

        functions[name] = run
    print_rows("post", mode, measure(functions, rounds, warm=3))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["step", "post"])
    parser.add_argument("--mode", choices=["graph", "XLA"])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    print("| what | mode | library | ms | own / it |")
    print("| --- | --- | --- | --- | --- |", flush=True)
    for mode in [options.mode] if options.mode else ["graph", "XLA"]:
        if options.only != "step":
            post(mode, 3 * options.rounds)
        if options.only != "post":
            steps(mode, options.rounds)
