"""Classes, depth, surface normals and edges of every pixel, on one trunk.

    python examples/train_rooms.py
    python examples/train_rooms.py --data ../shared/data/depth_rgbd_dining

Digits become solid bars in front of a wall. One model learns all tasks, others
learn one each with the same steps; prints what they reach on unseen scans, and
by how much the one is better. With `--data` a folder of images in `color` and
of depth in `depth`, in millimetres, is learnt by heart: depth and normals.
"""

import argparse
import functools
import pathlib

import keras
import numpy as np
from scipy.ndimage import distance_transform_edt

import mtvision as mtv
from mtvision import tasks
from mtvision.data import Batches, DepthMaps, Translated, WithMap

# Head, loss and metric of each task; its name is that of the field it reads.
PARTS = {
    "semantic": (
        functools.partial(tasks.SegmentationHead, 11),
        tasks.SegmentationLoss,
        functools.partial(mtv.metrics.MeanIoU, 11),
    ),
    "depth": (tasks.DepthHead, tasks.DepthL1Loss, tasks.DepthErrors),
    "normals": (tasks.NormalsHead, tasks.NormalsLoss, tasks.NormalAngles),
    "edges": (tasks.EdgesHead, tasks.EdgesLoss, tasks.EdgeFMeasure),
}
# What the relative change is taken of: the lower the better, and the higher.
ERRORS, SCORES = (
    ("absolute", "relative", "mean", "median"),
    ("mean_iou", "ods_f"),
)


def solid(order):
    """Depth of digits as round bars, the front one nearest; metres."""
    depth = np.full(order.shape, 2.0)
    for level in np.unique(order[order > 0]):
        inside = distance_transform_edt(order == level)
        bulge = np.sqrt(inside * (2 * inside.max() - inside)) / 40
        depth = np.where(inside > 0, 1.9 - level / 2 - bulge, depth)
    return depth


def with_normals(source, focal_length, radius):
    """A source with normals from its depth."""
    derive = functools.partial(
        mtv.data.normals_of_depth, focal_length=focal_length, radius=radius
    )
    return WithMap(source, "normals", derive, of="depth")


def load(split, number, given):
    """Scenes of digits with a map for each task, or images of rooms."""
    if given.data:
        folders = given.data / "color", given.data / "depth"
        return with_normals(DepthMaps(*folders, unit=0.001), 520, radius=4)
    scenes = mtv.data.load_digit_scenes(
        split, num_images=number, data_dir=given.output / "data"
    )
    order = {"depth": "order"}
    scenes = Translated(scenes, keep=["semantic", "order"], rename=order)
    scenes = WithMap(scenes, "depth", solid, of="order")
    scenes = with_normals(scenes, 64, radius=1)
    return WithMap(scenes, "edges", mtv.data.edges_of_classes, of="semantic")


def train(names, train, test, given, balancing=None):
    """A model of the named tasks, and what it reaches by task."""
    keras.utils.set_random_seed(0)
    size = (96, 128) if given.data else (64, 64)
    options = {"image_size": size, "batch_size": given.batch, "cache": True}
    targets = {name: name for name in names}
    train = Batches(train, targets, shuffle=True, **options)
    test = Batches(test, targets, **options)
    image = keras.Input((*size, 3), name="image")
    path = mtv.trunks.ContractingPath(given.filters)(image)
    x = mtv.necks.ExpandingPath(depth=1)(path)
    outputs = {name: PARTS[name][0](filters=None)(x) for name in names}
    model = mtv.MultiTaskModel(image, outputs)
    steps = given.epochs * len(train)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01),
        {name: PARTS[name][1]() for name in names},
        metrics={name: PARTS[name][2]() for name in names},
        balancing=balancing,
    )
    model.fit(train, epochs=given.epochs, verbose=2)
    found = model.evaluate(test, verbose=0, return_dict=True)
    results = {name: {} for name in names}
    for key, value in found.items():
        name, _, metric = key.partition("_")
        if metric not in ("", "loss"):
            results[name][metric] = value
    return results, model, test


def judged(results):
    """The measures that the relative change is taken of."""
    kept = {*ERRORS, *SCORES}
    return {
        task: {name: found[name] for name in found if name in kept}
        for task, found in results.items()
    }


def main():
    """Trains together and alone; prints a table and leaves a picture."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, default="runs/rooms")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--balancing", default="Sum", help="as PCGrad")
    parser.add_argument("--tiny", action="store_true", help="takes seconds")
    given = parser.parse_args()
    given.filters = (16, 24, 32, 48)
    if given.tiny:
        given.images, given.epochs, given.filters = 16, 1, (4, 6)
    data = [
        load("train", given.images, given),
        load("test", given.images // 8, given),
    ]
    names = ["depth", "normals"] if given.data else list(PARTS)
    balancing = getattr(mtv.balancing, given.balancing)()
    together, model, test = train(names, *data, given, balancing)
    alone = {name: train([name], *data, given)[0][name] for name in names}
    rows = [
        {"task": task, "metric": key, "together": value}
        | {"alone": alone[task][key]}
        for task, results in together.items()
        for key, value in results.items()
    ]
    print(mtv.training.format_table(rows))
    change = mtv.metrics.relative_change(
        judged(together), judged(alone), lower_is_better=ERRORS
    )
    print(f"All tasks together: {change:+.1f} % against one each.")
    given.output.mkdir(parents=True, exist_ok=True)
    found = model.predict_on_batch(test[0][0])
    figure = mtv.plotting.show(test[0], found, num_images=4, columns=8)
    figure.savefig(given.output / "predictions.png")


if __name__ == "__main__":
    main()
