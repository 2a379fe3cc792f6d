"""Steps of Faster and Mask R-CNN beside those of torchvision.

ResNet50 with a pyramid, 512 pixels, batches of 2, 128 regions, 20 classes, SGD
with momentum, 1000 anchors a level before the suppression. torchvision's
`fasterrcnn_resnet50_fpn` and `maskrcnn_resnet50_fpn`, in eager PyTorch, are
asked for the same. The calls are interleaved in one process, on batches in
memory: `train_on_batch` and `predict_on_batch`. Medians, and the median of the
ratios of neighbours.

    KERAS_BACKEND=jax python benchmarks/region_step.py faster
    KERAS_BACKEND=tensorflow python benchmarks/region_step.py mask --xla
    KERAS_BACKEND=jax python benchmarks/region_step.py faster --memory

`--memory` runs each step in a process of its own and prints the most memory
that it held, beside that of a process that has loaded everything but the step.
On a GPU, `--dtype bfloat16` and `--compiled` compare under autocast, and with
`torch.compile`.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import torch
import torchvision

import mtvision as mtv

SIZE, BATCH, CLASSES, OBJECTS, REGIONS = 512, 2, 20, 12, 128
CANDIDATES, DETECTIONS = 1000, 100


def make_data():
    """Random images with a dozen boxes each, and masks that fill them."""
    random = np.random.default_rng(0)
    images = random.uniform(0, 255, (BATCH, SIZE, SIZE, 3)).astype("float32")
    first = random.uniform(0, 400, (BATCH, OBJECTS, 2))
    sides = random.uniform(16, 112, first.shape)
    boxes = np.concatenate([first, first + sides], -1).astype("float32")
    classes = random.integers(0, CLASSES, (BATCH, OBJECTS)).astype("int32")
    x, y = np.arange(SIZE), np.arange(SIZE)[:, None]
    x1, y1, x2, y2 = (boxes[..., k, None, None] for k in range(4))
    masks = (x >= x1) & (x < x2) & (y >= y1) & (y < y2)
    return images, boxes, classes, masks.astype("uint8")


def own(kind, given):
    """Functions that take a step of training, and that detect."""
    if given.dtype != "float32":
        keras.config.set_dtype_policy(f"mixed_{given.dtype}")
    options = {
        "image_size": SIZE,
        "trunk": mtv.trunks.ResNet50(image_shape=(SIZE, SIZE, 3)),
        "num_regions": REGIONS,
        "num_candidates": CANDIDATES,
    }
    if kind == "mask":
        model = mtv.models.MaskRCNN(CLASSES, **options)
        losses = mtv.models.mask_rcnn_losses()
        detector = mtv.models.mask_rcnn_detector(
            model, max_detections=DETECTIONS
        )
    else:
        model = mtv.models.FasterRCNN(CLASSES, **options)
        losses = mtv.models.faster_rcnn_losses()
        detector = mtv.models.faster_rcnn_detector(
            model, max_detections=DETECTIONS
        )
    xla = given.xla or keras.backend.backend() == "jax"
    optimizer = keras.optimizers.SGD(1e-4, momentum=0.9)
    model.compile(optimizer, **losses, jit_compile=xla)
    detector.compile(jit_compile=xla)
    images, boxes, classes, masks = make_data()
    objects = {"boxes": boxes, "classes": classes}
    if kind == "mask":
        objects["masks"] = masks
    truth = dict.fromkeys(model.output, objects)
    return {
        "train": lambda: model.train_on_batch(images, truth),
        "detect": lambda: detector.predict_on_batch(images),
    }


def torchvision_images(images, device):
    """The images as torchvision takes them."""
    images = torch.tensor(images / 255, dtype=torch.float32, device=device)
    return [image.permute(2, 0, 1).contiguous() for image in images]


def peer(kind, given):
    """The same of torchvision."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    name = f"{kind}rcnn_resnet50_fpn"
    model = getattr(torchvision.models.detection, name)(
        weights=None,
        weights_backbone=None,
        num_classes=CLASSES + 1,
        min_size=SIZE,
        max_size=SIZE,
        rpn_pre_nms_top_n_train=CANDIDATES,
        rpn_pre_nms_top_n_test=CANDIDATES,
        rpn_post_nms_top_n_train=REGIONS,
        rpn_post_nms_top_n_test=REGIONS,
        box_batch_size_per_image=REGIONS,
        box_detections_per_img=DETECTIONS,
    ).to(device)
    images, boxes, classes, masks = make_data()
    images = torchvision_images(images, device)
    targets = [
        {
            "boxes": torch.tensor(boxes[b], device=device),
            "labels": torch.tensor(classes[b] + 1, device=device).long(),
            "masks": torch.tensor(masks[b], device=device),
        }
        for b in range(BATCH)
    ]
    optimizer = torch.optim.SGD(model.parameters(), 1e-4, momentum=0.9)
    half = torch.autocast(
        device, torch.bfloat16, enabled=given.dtype == "bfloat16"
    )
    called = torch.compile(model) if given.compiled else model

    def train():
        model.train()
        optimizer.zero_grad()
        with half:
            loss = sum(called(images, targets).values())
        loss.backward()
        optimizer.step()
        if device == "cuda":
            torch.cuda.synchronize()

    def detect():
        model.eval()
        with torch.no_grad(), half:
            return [x["boxes"].cpu() for x in called(images)]

    return {"train": train, "detect": detect}


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


def print_times(given):
    """A row of the table for each of training and detection."""
    print("| model | backend | what | own ms | torchvision ms | ratio |")
    print("| --- | --- | --- | --- | --- | --- |")
    mode = keras.backend.backend() + (" XLA" if given.xla else "")
    both = {"own": own(given.kind, given), "peer": peer(given.kind, given)}
    for what in ("train", "detect"):
        functions = {name: both[name][what] for name in both}
        times = measure(functions, given.rounds)
        pairs = zip(times["own"], times["peer"], strict=True)
        ratio = statistics.median(a / b for a, b in pairs)
        own_ms, peer_ms = (
            statistics.median(times[name]) for name in ("own", "peer")
        )
        print(
            f"| {given.kind} | {mode} | {what} | {own_ms:.0f} "
            f"| {peer_ms:.0f} | {ratio:.3f} |",
            flush=True,
        )


def megabytes():
    """Most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def print_memory(given):
    """Memory of each step, each in a process of its own."""
    print("| model | whose | what | MB at most | MB before |")
    print("| --- | --- | --- | --- | --- |")
    for whose in ("own", "peer"):
        for what in ("train", "detect"):
            command = [sys.executable, __file__, given.kind, "--alone"]
            command += [f"{whose} {what}"] + ["--xla"] * given.xla
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stderr)
            before, most = done.stdout.split()[-2:]
            print(f"| {given.kind} | {whose} | {what} | {most} | {before} |")


def run_alone(given):
    """One kind of step, three times; prints the memory before and at most."""
    whose, what = given.alone.split()
    make = own if whose == "own" else peer
    functions = make(given.kind, given)
    before = megabytes()
    for _ in range(3):
        functions[what]()
    print(f"{before:.0f} {megabytes():.0f}")


def main():
    """Reads the arguments, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=("faster", "mask"))
    parser.add_argument("--xla", action="store_true")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        run_alone(given)
    elif given.memory:
        print_memory(given)
    else:
        print_times(given)


if __name__ == "__main__":
    main()
