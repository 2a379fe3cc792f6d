"""Trains every recipe of segmentation with every way of enlarging maps.

    python benchmarks/segmentation.py
    python benchmarks/segmentation.py --data ../shared/data/semseg_camvid
    python benchmarks/segmentation.py --recipes unet segnet --upsampling nearest

Each recipe has the same trunk, data, loss, number of steps and learning rate,
and a process of its own. Prints the tables of `segmentation.md`: mean IoU and
pixel accuracy on test images that were never seen, training images a second
(the first epoch, which compiles, not counted), milliseconds to segment an
image, parameters, and memory at its largest. Leaves a picture of each in
`--output`.
`sliding` is the patch network again, applied patch by patch.

With `--data` a copy of CamVid, shrunk to 96 x 128 pixels, with the recipes' own
ways only, and the IoU of each class.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import mtvision as mtv
from mtvision import models

WAYS = (
    "transposed",
    "nearest",
    "bilinear",
    "bicubic",
    "bed_of_nails",
    "max_unpool",
)
RECIPES = {
    "patches": (models.PatchNet, ()),
    "fcn_32s": (models.FCN, WAYS[:4]),
    "fcn_16s": (models.FCN, WAYS[:4]),
    "fcn_8s": (models.FCN, WAYS[:4]),
    "deconv_net": (models.DeconvNet, WAYS),
    "segnet": (models.SegNet, WAYS),
    "unet": (models.UNet, WAYS),
}
OWN_WAY = {"patches": None, "deconv_net": "max_unpool", "segnet": "max_unpool"}
TASK = "semantic"


def read_camvid(folder):
    """Sources to train and to test, and the names of the classes."""
    classes = json.loads((folder / "classes.json").read_text())
    names = classes["classes"][: classes["ignore_index"]]
    values = {k: k for k in range(len(names))}
    values[classes["ignore_index"]] = 255
    sources = [
        mtv.data.Folder(
            folder / split, masks=folder / f"{split}annot", mask_values=values
        )
        for split in ("train", "test")
    ]
    return *sources, names


def read_data(given):
    """Batches to train and to test, and the names of the classes."""
    if given.data is None:
        train, test = (
            mtv.data.load_digit_scenes(
                split, num_images=number, fields=("image", "semantic")
            )
            for split, number in (("train", given.images), ("test", 500))
        )
        names = ["background", *map(str, range(10))]
        options = {"batch_size": 16}
        steps = [mtv.data.RandomHSV()]
    else:
        train, test, names = read_camvid(given.data)
        options = {"batch_size": 4, "image_size": (96, 128)}
        steps = [
            mtv.data.RandomHSV(),
            mtv.data.RandomFlip(),
            mtv.data.RandomScale(low=0.8, high=1.5),
        ]
    options |= {"num_classes": {TASK: len(names)}, "cache": True}
    augment = mtv.data.Augment(steps)
    train = mtv.data.Batches(
        train,
        {TASK: "semantic"},
        shuffle=True,
        drop_remainder=True,
        augment=augment,
        workers=2,
        **options,
    )
    return train, mtv.data.Batches(test, {TASK: "semantic"}, **options), names


def build(name, way, num_classes, size):
    """A model of a recipe, on a trunk that all of them share."""
    recipe = RECIPES[name][0]
    options = {"image_size": size}
    if name != "patches":
        options["trunk"] = mtv.trunks.ContractingPath(
            (16, 32, 48, 64, 96, 128), image_shape=(*size, 3)
        )
        options["upsampling"] = way
    if name.startswith("fcn"):
        stride = int(name[4:-1])
        options |= {"stride": stride, "hidden": 256, "dropout": 0.1}
    if name == "deconv_net":
        options["hidden"] = 256
    return recipe(num_classes, **options)


def make_loss(names):
    """Cross entropy; nine of ten pixels are background, which counts less."""
    weights = [0.2 if name == "background" else 1.0 for name in names]
    return mtv.tasks.SegmentationLoss(class_weights=weights)


class EpochTimes(keras.callbacks.Callback):
    """Keeps how long each epoch took."""

    def __init__(self):
        super().__init__()
        self.times = []

    def on_epoch_begin(self, epoch, logs=None):
        """Looks at the clock."""
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Looks again."""
        self.times.append(time.perf_counter() - self.start)


def milliseconds(function, rounds=15):
    """Median time of a call."""
    times = []
    for _ in range(rounds + 2):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times[2:])


def train_one(name, way, given):
    """Trains and measures one recipe: a row of the table, and IoUs."""
    keras.utils.set_random_seed(given.seed)
    train, test, names = read_data(given)
    images, truth, _ = test[0]
    model = build(name, way, len(names), images.shape[1:3])
    steps = given.epochs * len(train)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=given.rate, warmup_steps=steps // 20
    )
    counts = mtv.metrics.ConfusionMatrix(
        len(names), ignore_class=255, name="counts"
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01),
        **models.segmentation_losses(losses={TASK: make_loss(names)}),
        metrics={TASK: []},
        jit_compile=keras.backend.backend() == "jax",
    )
    clock = EpochTimes()
    model.fit(train, epochs=given.epochs, callbacks=[clock], verbose=2)
    for x, y, _ in (test[k] for k in range(len(test))):
        counts.update_state(y[TASK], model.predict_on_batch(x)[TASK])
    matrix = counts.matrix()
    union = matrix.sum(0) + matrix.sum(1) - matrix.diagonal()
    with np.errstate(invalid="ignore"):
        iou = matrix.diagonal() / union
    decide = models.segmenter(model)
    seconds = statistics.median(clock.times[1:] or clock.times)
    speed = len(train) * train[0][0].shape[0] / seconds
    row = {
        "recipe": name,
        "upsampling": way or "",
        "mean IoU": float(np.nanmean(iou)),
        "pixel accuracy": float(matrix.trace() / matrix.sum()),
        "training images/s": f"{speed:.0f}",
        "ms/image": milliseconds(lambda: decide.predict_on_batch(images[:1])),
        "parameters": f"{model.count_params() / 1e6:.2f} M",
    }
    draw(decide, images, truth, names, given.output / f"{name}_{way}.png")
    rows = [row]
    if name == "patches" and given.data is None:
        rows.append({**row, "recipe": "sliding", **slide(model, images)})
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    for row in rows:
        row["memory MB"] = memory
    shares = dict(zip(names, map(float, iou)))
    return {"rows": rows, "iou": {"recipe": name, **shares}}


def slide(model, images):
    """What changes if a patch network is applied patch by patch."""
    one = images[:1]
    expected = model.predict_on_batch(one)[TASK]
    found = models.slide_patches(model, one)
    # The same numbers, up to rounding.
    np.testing.assert_allclose(found, expected, atol=1e-2, rtol=1e-3)
    times = milliseconds(lambda: models.slide_patches(model, one), rounds=2)
    return {"ms/image": times, "training images/s": ""}


def draw(decide, images, truth, names, path):
    """Draws some test images, truth beside prediction."""
    few = images[:8]
    found = decide.predict_on_batch(few)[TASK]
    path.parent.mkdir(parents=True, exist_ok=True)
    figure = mtv.plotting.show(
        (few, {TASK: truth[TASK][:8]}),
        {TASK: found},
        fields={TASK: "semantic"},
        class_names={TASK: names},
    )
    figure.savefig(path)


def spread(given):
    """The recipes and ways to run."""
    for name in given.recipes:
        own = OWN_WAY.get(name, "transposed")
        ways = RECIPES[name][1] if given.data is None else (own,)
        if given.upsampling:
            ways = [way for way in ways if way in given.upsampling]
        for way in ways or ((None,) if name == "patches" else ()):
            yield name, way


def run_all(given):
    """Runs each recipe in a process of its own, and prints the tables."""
    results = []
    for name, way in spread(given):
        path = given.output / f"{name}_{way}.json"
        command = [sys.executable, *sys.argv, "--one", name, str(way)]
        if not (given.resume and path.exists()):
            subprocess.run(command, check=True)
        results.append(json.loads(path.read_text()))
        print_tables(results, given)


def print_tables(results, given):
    """Prints what is there, and writes it down."""
    rows = [row for result in results for row in result["rows"]]
    text = mtv.training.format_table(rows) + "\n"
    if given.data is not None:
        shares = [result["iou"] for result in results]
        text += "\n" + mtv.training.format_table(shares) + "\n"
    (given.output / "tables.md").write_text(text)
    print(text, flush=True)


def main():
    """Reads the arguments; runs one recipe, or all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES))
    parser.add_argument("--upsampling", nargs="+", choices=WAYS)
    parser.add_argument("--images", type=int, default=3000)
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--one", nargs=2, help="a recipe and a way")
    given = parser.parse_args()
    kind = "digit_scenes" if given.data is None else given.data.name
    given.output = given.output or pathlib.Path("runs/segmentation") / kind
    given.output.mkdir(parents=True, exist_ok=True)
    if given.epochs is None:
        given.epochs = 3 if given.data is None else 30
    if not given.one:
        return run_all(given)
    name, way = given.one
    way = None if way == "None" else way
    result = train_one(name, way, given)
    path = given.output / f"{name}_{way}.json"
    path.write_text(json.dumps(result))


if __name__ == "__main__":
    main()
