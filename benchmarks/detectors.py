"""Trains a detector for some minutes, and measures all about it in one run.

    python benchmarks/detectors.py retinanet
    python benchmarks/detectors.py retinanet --trunk mobilenet --size 96
    python benchmarks/detectors.py ssd --data ../shared/data/boxes_bccd

Prints a line of the table in `detectors.md`: average precision on test images
that were never seen, training images a second (reading and augmentation
included, the first epoch, which compiles, not), milliseconds to detect the
objects of one image, proposals included, parameters, and memory at its
largest. Leaves a picture of what was found and the line in `--output`.
Proposals of the training images are found before the clock starts.
"""

import argparse
import collections
import concurrent.futures
import math
import pathlib
import resource
import statistics
import time

import detector_settings
import keras
import region_settings

import mtvision as mtv
from mtvision.data import Augment, Batches

METRICS = ("AP", "AP50", "AP75")
SETTINGS = {**detector_settings.SETTINGS, **region_settings.SETTINGS}
PROPOSALS = "proposal_boxes"


def read_data(given):
    """Sources to train and test, the number of classes, rows a sample."""
    if given.data is None:
        options = {"image_size": given.size}
        train = mtv.data.load_digit_scenes(
            "train", num_images=given.images or 4000, **options
        )
        test = mtv.data.load_digit_scenes("test", num_images=500, **options)
        return train, test, 10, 8
    train, test = (
        mtv.data.VocDetection(given.data, split=split, box_origin=0)
        for split in ("train", "test")
    )
    return train, test, len(train.classes["classes"]), 64


def make_batches(source, fields, given, max_objects, *, train):
    """Batches of a source; those to train are shuffled and changed."""
    steps = [mtv.data.RandomHSV(), mtv.data.RandomScale(low=0.8, high=1.25)]
    if given.data is not None:
        steps.append(mtv.data.RandomFlip(vertical=0.5))
    inputs = "image"
    if isinstance(source, mtv.data.WithProposals):
        inputs = {"image": "image", "proposals": PROPOSALS}
        most = region_settings.PROPOSALS
        max_objects = {"boxes": max_objects, PROPOSALS: most}
    return Batches(
        source,
        fields,
        image_size=given.size,
        batch_size=given.batch,
        inputs=inputs,
        max_objects=max_objects,
        invalid_boxes="drop",
        shuffle=train,
        drop_remainder=train,
        augment=Augment(steps) if train else None,
        cache=True,
        workers=2,
    )


class TimedTraining(keras.callbacks.Callback):
    """Lowers the learning rate along a cosine of time; then stops.

    Args:
        minutes: Duration, from the end of the first step, which compiles.
        rate: The learning rate at the start, after a warm-up of a 50th.
        batch: Images a step.
    """

    def __init__(self, minutes, rate, batch):
        super().__init__()
        self.seconds = minutes * 60
        self.rate = rate
        self.batch = batch
        self.start = None
        self.epochs = []

    def on_train_batch_begin(self, batch, logs=None):
        """Sets the learning rate."""
        share = 0.0
        if self.start is not None:
            share = min((time.perf_counter() - self.start) / self.seconds, 1)
        warm = min(1.0, 50 * share + 0.05)
        cosine = (1 + math.cos(math.pi * share)) / 2
        self.model.optimizer.learning_rate = self.rate * warm * cosine

    def on_train_batch_end(self, batch, logs=None):
        """Stops when the time is over."""
        now = time.perf_counter()
        self.start = self.start or now
        self.model.stop_training |= now - self.start > self.seconds

    def on_epoch_begin(self, epoch, logs=None):
        """Looks at the clock."""
        self.epoch_start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Keeps how long the epoch took."""
        self.epochs.append(time.perf_counter() - self.epoch_start)

    def images_per_second(self, steps):
        """Of the median epoch that was neither the first nor cut short."""
        whole = self.epochs[1:-1] or self.epochs
        return steps * self.batch / statistics.median(whole)


def milliseconds_per_image(detector, inputs, rounds=30):
    """Median time to detect the objects of one image."""
    return median_milliseconds(
        lambda k: detector.predict_on_batch(inputs), rounds
    )


def median_milliseconds(function, rounds=30):
    """Median time of a function of the number of the round."""
    times = []
    for k in range(rounds + 3):
        start = time.perf_counter()
        function(k)
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times[3:])


def with_proposals(setting, given, train, test):
    """Both sources with proposals, and milliseconds to find an image's.

    They are sources as they were, and no time, if the model needs none.
    """
    if setting.propose is None:
        return train, test, 0.0
    propose = setting.propose(given.size)
    milliseconds = median_milliseconds(lambda k: propose(test[k]["image"]))
    sources = [mtv.data.WithProposals(each, propose) for each in (train, test)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for source in sources:
            # Read once, so that what is found is kept.
            found = pool.map(source.__getitem__, range(len(source)))
            collections.deque(found, maxlen=0)
    return *sources, milliseconds


def draw(detector, batches, task, class_names, path):
    """Draws some test images, truth beside what was found."""
    inputs, truth, weights = batches[0]
    few = keras.tree.map_structure(lambda x: x[:8], (inputs, truth, weights))
    found = detector.predict_on_batch(few[0])
    if isinstance(inputs, dict):
        few = few[0]["image"], *few[1:]
    path.parent.mkdir(parents=True, exist_ok=True)
    figure = mtv.plotting.show(
        few, {task: found}, fields=batches.targets, class_names=class_names
    )
    figure.savefig(path)


def main():
    """Trains, measures, prints a line of the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("detector", choices=sorted(SETTINGS))
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--trunk", help="small, wide or mobilenet")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--images", type=int)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--rate", type=float, default=detector_settings.RATE)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="runs/detectors")
    given = parser.parse_args()
    keras.utils.set_random_seed(given.seed)
    setting = SETTINGS[given.detector]
    if given.trunk and not setting.trunk:
        parser.error(f"{given.detector} has a trunk of its own.")
    given.trunk = given.trunk or setting.trunk or "its own"
    train, test, num_classes, max_objects = read_data(given)
    fields = setting.fields
    train, test, search = with_proposals(setting, given, train, test)
    train = make_batches(train, fields, given, max_objects, train=True)
    unseen = make_batches(test, fields, given, max_objects, train=False)
    model, detector, phases = setting.build(num_classes, given, train)
    for prepare in phases:
        prepare()
        timed = TimedTraining(
            given.minutes / len(phases), given.rate, given.batch
        )
        model.fit(train, epochs=10_000, callbacks=[timed], verbose=2)
    if not isinstance(detector, keras.Model):
        detector = detector()
    task = next(iter(fields))
    average_precision = mtv.metrics.CocoMeanAveragePrecision(
        unseen, detector, task=task
    ).evaluate()
    one = keras.tree.map_structure(lambda x: x[:1], unseen[0][0])
    milliseconds = milliseconds_per_image(detector, one) + search
    row = {
        "detector": given.detector,
        "data": given.data.name if given.data else "digit_scenes",
        "trunk": given.trunk,
        "pixels": given.size,
        **{name: average_precision[name] for name in METRICS},
        "training images/s": f"{timed.images_per_second(len(train)):.0f}",
        "ms/image": f"{milliseconds:.1f}",
        "parameters": f"{model.count_params() / 1e6:.2f} M",
        "memory MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "epochs": len(timed.epochs),
        "minutes": given.minutes,
        "backend": keras.backend.backend(),
    }
    folder = pathlib.Path(given.output)
    name = f"{row['data']}_{given.detector}_{given.trunk}_{given.size}"
    name = name.replace(" ", "_")
    draw(detector, unseen, task, None, folder / f"{name}.png")
    table = mtv.training.format_table([row])
    (folder / f"{name}.md").write_text(table + "\n")
    print(table)


if __name__ == "__main__":
    main()
