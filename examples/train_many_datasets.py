"""Three data sets, each labelled for one task, in one fit.

    python examples/train_many_datasets.py
    python examples/train_many_datasets.py --data ../shared/data --size 128

Boxes from the first, outlines from the second, classes from the third: one
trunk learns from all three at once, and is compared with three models that
learn one task each from the same few images, over several seeds.
"""

import argparse
import pathlib

import keras
import numpy as np

import mtvision as mtv
from mtvision import tasks
from mtvision.data import Batches, Folder, Translated, load_digit_scenes, mix
from mtvision.data import split as split_source

# The fields that each task reads.
TARGETS = {"where": ("present", "box"), "outline": "outline", "kind": "kind"}


def digit_scenes(num_images, seed):
    """Scenes of digits in three parts; each keeps the labels of one task."""
    fields = ("image", "label", "present", "box", "mask")
    options = {"max_digits": 1, "fields": fields}
    scenes = load_digit_scenes("train", num_images=num_images, **options)
    parts = split_source(scenes, dict.fromkeys(TARGETS, 1 / 3), seed=seed)
    test = load_digit_scenes("test", num_images=400, **options)
    names = {"mask": "outline", "label": "kind"}
    train = {task: only(parts[task], task, names) for task in TARGETS}
    test = {task: only(test, task, names) for task in TARGETS}
    return train, test, {"outline": 2, "kind": 10}


def photographs(data, seed):
    """White blood cells with boxes, streets with maps, pets with breeds."""
    cells = Folder(
        data / "boxes_bccd/JPEGImages",
        boxes=data / "boxes_bccd/Annotations",
        box_origin=0,
    )
    pets = data / "multitask_pets"
    pets = Folder(
        pets / "images",
        table=pets / "labels.csv",
        columns=["breed"],
        on_error="skip",
    )
    shares = {"train": 0.75, "test": 0.25}
    cells = split_source(cells, shares, seed=seed)
    pets = split_source(pets, shares, seed=seed, stratify="breed")
    values = {number: number for number in range(11)} | {11: 255}
    parts = []
    for part in shares:
        folder = data / "semseg_camvid" / part
        streets = Folder(folder, masks=f"{folder}annot", mask_values=values)
        parts.append(
            {
                "where": only(cells[part], "where", {}),
                "outline": only(streets, "outline", {"semantic": "outline"}),
                "kind": only(pets[part], "kind", {"breed": "kind"}),
            }
        )
    return *parts, {"outline": 11, "kind": 3}


def only(source, task, names):
    """A source with the labels of one task."""
    kept = TARGETS[task]
    kept = list(kept) if isinstance(kept, tuple) else [kept]
    names = {old: new for old, new in names.items() if new in kept}
    return Translated(source, keep=kept, rename=names)


def build_model(names, size, num_classes, steps):
    """A trunk with a head for each of the named tasks, compiled."""
    image = keras.Input((size, size, 3), name="image")
    pyramid = mtv.necks.FeaturePyramid(filters=32)(
        mtv.trunks.SmallResNet()(image)
    )
    heads = {
        "where": tasks.LocalizationHead(),
        "outline": tasks.SegmentationHead(num_classes["outline"], filters=32),
        "kind": tasks.ClassificationHead(
            num_classes["kind"], level="P3", pooling="attention", dropout=0.4
        ),
    }
    losses = {
        "where": tasks.LocalizationLoss(),
        "outline": tasks.SegmentationLoss(ignore_class=255),
        "kind": tasks.ClassificationLoss(),
    }
    metrics = {
        "where": tasks.LocalizationIoU(name="box_iou"),
        "outline": mtv.metrics.MeanIoU(
            num_classes["outline"], ignore_class=255
        ),
        "kind": keras.metrics.SparseCategoricalAccuracy("accuracy"),
    }
    model = mtv.MultiTaskModel(image, {n: heads[n](pyramid) for n in names})
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01),
        {name: losses[name] for name in names},
        metrics={name: metrics[name] for name in names},
    )
    return model


def train_and_judge(names, train, test, num_classes, given):
    """Trains the named tasks on their own data; rows of test results."""
    targets = {name: TARGETS[name] for name in names}
    options = {"image_size": given.size, "cache": True}
    # As many images of each task in a step, whether it learns alone or not.
    batch = given.batch * len(names)
    mixed = mix(
        {name: train[name] for name in names},
        weights=dict.fromkeys(names, 1),
        epoch_size=batch * given.steps,
    )
    batches = Batches(mixed, targets, batch_size=batch, shuffle=True, **options)
    unseen = Batches(mix({n: test[n] for n in names}), targets, **options)
    model = build_model(
        names, given.size, num_classes, given.steps * given.epochs
    )
    model.fit(batches, epochs=given.epochs, shuffle=False)
    truth = mtv.data.gather_truth(Batches(mixed, targets, **options))
    constants = {n: constant(n, truth[n], num_classes) for n in names}
    rows = mtv.training.compare_with_constants(model, unseen, constants)
    return {row["task"]: row for row in rows}, model, unseen


def constant(task, truth, num_classes):
    """The best answer that does not look at the image."""
    if task == "where":
        return tasks.constant_localization(truth)
    if task == "outline":
        return tasks.constant_segmentation(truth, num_classes[task])
    return tasks.constant_classification(truth, num_classes[task])


def summarise(together, alone):
    """Rows of means and standard deviations over the seeds."""
    rows = []
    for task in TARGETS:
        shared = np.array([result[task]["model"] for result in together])
        single = np.array([result[task]["model"] for result in alone])
        rows.append(
            {
                "task": task,
                "metric": together[0][task]["metric"],
                "together": f"{shared.mean():.3f} ± {shared.std():.3f}",
                "alone": f"{single.mean():.3f} ± {single.std():.3f}",
                "constant": f"{together[0][task]['constant']:.3f}",
                "seeds won": f"{(shared > single).sum()} of {len(shared)}",
            }
        )
    return rows


def main():
    """Runs the comparison; prints a table and leaves a picture."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--output", default="runs/many_datasets")
    parser.add_argument("--images", type=int, default=6000)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    together, alone = [], []
    for seed in range(given.seeds):
        keras.utils.set_random_seed(seed)
        parts = (
            photographs(given.data, seed)
            if given.data
            else digit_scenes(given.images, seed)
        )
        print(f"seed {seed}: all tasks together")
        rows, model, unseen = train_and_judge(list(TARGETS), *parts, given)
        together.append(rows)
        alone.append({})
        for task in TARGETS:
            print(f"seed {seed}: {task} alone")
            alone[-1] |= train_and_judge([task], *parts, given)[0]
        print(mtv.training.format_table(summarise(together, alone)))
    draw(model, unseen, pathlib.Path(given.output))


def draw(model, unseen, folder):
    """Draws test images of every source, truth beside prediction."""
    folder.mkdir(parents=True, exist_ok=True)
    first = unseen.source.starts
    rows = [start + number for start in first for number in range(4)]
    some = mtv.data.Subset(unseen.source, rows)
    batches = Batches(
        some, TARGETS, image_size=unseen.image_size, batch_size=len(rows)
    )
    batch = batches[0]
    figure = mtv.plotting.show(
        batch,
        model.predict_on_batch(batch[0]),
        fields=TARGETS,
        num_images=len(rows),
    )
    figure.savefig(folder / "predictions.png")


if __name__ == "__main__":
    main()
