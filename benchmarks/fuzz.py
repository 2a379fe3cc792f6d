"""Thousands of malformed files, samples and truths: only clear errors.

Each case is drawn by hypothesis: a small data set, a sample or a truth that
is right, with something wrong in it. It may be accepted or refused by a
`ValueError` or `OSError`; anything else, a number that is not finite in what
is accepted, or ten seconds for one case, is printed as a fault, with the
number that makes the case again.

    KERAS_BACKEND=torch python benchmarks/fuzz.py --minutes 10
    KERAS_BACKEND=torch python benchmarks/fuzz.py --only Yolo --seed 1234

`fuzz_atheris.py` looks for bytes that take the readers along new lines.
"""

import argparse
import collections
import gc
import itertools
import pathlib
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings

import hypothesis
import keras
import numpy as np
from hypothesis import strategies

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

import fuzz_files  # noqa: E402
import fuzz_models  # noqa: E402
import fuzz_samples  # noqa: E402
import fuzz_tasks  # noqa: E402
import fuzz_tfds  # noqa: E402
import fuzz_truths  # noqa: E402

QUICK_TARGETS = {
    **fuzz_files.TARGETS,
    **fuzz_samples.TARGETS,
    **fuzz_models.TARGETS,
    **fuzz_tfds.TARGETS,
}
SECONDS = 10  # for one case
ROUND = 20  # cases of a target before the next one has its turn
QUICK = 5  # times as many of files and samples, which take less time
ACCEPTED = "accepted"


class Fault(Exception):
    """Something that must not be."""


class NotFinite(ValueError):
    """What is counted only, where nobody has checked the truth."""


def of_task(make):
    """Targets of a loss and its metrics, from what gives both."""

    def run_loss(folder, rng):
        loss, truth, outputs, _ = make(rng)
        truth = fuzz_truths.spoil(truth, rng)
        fuzz_truths.check(loss, truth, outputs)
        return fuzz_truths.loss_of(loss, truth, outputs)

    def run_unchecked(folder, rng):
        """As `tf.data` gives it, which nobody can look into."""
        loss, truth, outputs, _ = make(rng)
        truth = fuzz_truths.spoil(truth, rng)
        fuzz_truths.require_batch(truth)
        found = fuzz_truths.loss_of(loss, truth, outputs)
        if not all(np.isfinite(value).all() for value in found):
            raise NotFinite("a loss that is not finite")
        return []

    def run_metrics(folder, rng):
        loss, truth, outputs, metrics = make(rng)
        truth = fuzz_truths.spoil(truth, rng)
        fuzz_truths.check(loss, truth, outputs)
        return [
            value
            for metric in metrics
            for value in fuzz_truths.scores_of(metric, loss, truth, outputs)
        ]

    found = {"": run_loss, ", unchecked": run_unchecked}
    if make(random.Random(0))[3]:
        found[", metrics"] = run_metrics
    return found


def of_metric(make):
    """The target of a metric alone, of a truth that nobody checks."""

    def run(folder, rng):
        metric, truth, outputs, _ = make(rng)
        metric.update_state(fuzz_truths.spoil(truth, rng), outputs)
        return [float(v) for v in keras.tree.flatten(metric.result())]

    return run


def targets():
    """All targets, by name."""
    found = dict(QUICK_TARGETS)
    for name, make in fuzz_tasks.TASKS.items():
        for kind, run in of_task(make).items():
            found[name + kind] = run
    for name, make in fuzz_tasks.METRICS.items():
        found[name] = of_metric(make)
    return found


def attempt(target, folder, seed):
    """Tries one case.

    Returns:
        `"accepted"`, or the name of the error that refused it.

    Raises:
        Fault: If it is neither.
    """
    try:
        with warnings.catch_warnings(), time_limit():
            warnings.simplefilter("ignore")
            found = target(folder, random.Random(seed))
    except (ValueError, OSError) as error:
        kind = type(error)
        if kind is NotFinite:
            return "not finite"
        # A UnicodeError, say, is one that nobody meant to raise.
        clear = kind is ValueError or kind.__module__.startswith("mtvision")
        clear = clear or isinstance(error, OSError)
        if not clear or not str(error).strip():
            raise Fault(described(error)) from error
        return "OSError" if isinstance(error, OSError) else "ValueError"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise Fault(described(error)) from error
    for value in found:
        if not np.isfinite(np.asarray(value, "float64")).all():
            raise Fault("not finite")
    return ACCEPTED


class TooLong(BaseException):
    """Raised in a case that takes too long; no OSError, as TimeoutError is."""


class time_limit:
    """Raises in a block that takes too long."""

    def __enter__(self):
        signal.signal(signal.SIGALRM, self._end)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)

    def __exit__(self, *error):
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _end(self, *frame):
        raise TooLong(f"more than {SECONDS} seconds")


def described(error):
    """An error, and the line of the package that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "mtvision" in f.filename] or frames
    place = f"{pathlib.Path(ours[-1].filename).name}:{ours[-1].lineno}"
    return f"{type(error).__name__} at {place}: {str(error)[:200]}"


class Tally:
    """What became of the cases of one target."""

    def __init__(self):
        self.counts = collections.Counter()
        self.faults = {}
        self.worst, self.growth = 0, 0

    def run(self, target, folder, number):
        """Draws cases and tries them."""

        @hypothesis.settings(
            max_examples=number,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(strategies.integers(0, 2**63))
        def try_case(seed):
            try:
                self.counts[attempt(target, folder, seed)] += 1
            except Fault as fault:
                self.counts["FAULT"] += 1
                self.faults.setdefault(str(fault)[:60], (seed, str(fault)))

        try_case()

    def measure(self, target, folder, number):
        """As `run`, with a look at the memory."""
        is_first = not self.counts  # which fills caches
        gc.collect()
        before, _ = memory()
        self.run(target, folder, number)
        gc.collect()
        after, most = memory()
        self.worst = max(self.worst, most - before)
        self.growth += 0 if is_first else after - before


def memory():
    """MiB of this process now, and at most since the last call (Linux)."""
    status = pathlib.Path("/proc/self/status")
    if not status.exists():
        return 0.0, 0.0
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    now, most = (int(lines[k].split()[0]) / 1024 for k in ("VmRSS", "VmHWM"))
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    return now, most


def run_all(chosen, minutes, folder):
    """Runs the targets by turns until the time is over."""
    tallies = {name: Tally() for name in chosen}
    bar = keras.utils.Progbar(round(minutes * 60), unit_name="second")
    start = time.monotonic()
    for turn, name in enumerate(itertools.cycle(chosen)):
        passed = time.monotonic() - start
        if turn >= len(chosen) and passed > minutes * 60:
            break
        number = ROUND * QUICK if name in QUICK_TARGETS else ROUND
        tallies[name].measure(chosen[name], folder, number)
        bar.update(min(int(passed), bar.target - 1))
    bar.update(bar.target)
    return tallies


def table(tallies):
    """The tallies as a table of Markdown."""
    kinds = sorted({k for t in tallies.values() for k in t.counts} - {ACCEPTED})
    head = ["target", "tried", ACCEPTED, *kinds, "peak MiB", "growth MiB"]
    rows = [head, ["---"] * len(head)]
    total = collections.Counter()
    for name, tally in tallies.items():
        total += tally.counts
        sizes = [f"{size:.0f}" for size in (tally.worst, tally.growth)]
        rows.append([name, *_counts(tally.counts, kinds), *sizes])
    rows.append(["all", *_counts(total, kinds), "", ""])
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def _counts(counts, kinds):
    return [sum(counts.values()), *(counts[k] for k in [ACCEPTED, *kinds])]


def main():
    """Runs the cases and prints what became of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--only", default="", help="part of a target's name")
    parser.add_argument("--seed", type=int, help="one case again")
    options = parser.parse_args()
    chosen = {k: v for k, v in targets().items() if options.only in k}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        if options.seed is not None:
            for target in chosen.values():
                print(target(folder, random.Random(options.seed)))
            return 0
        tallies = run_all(chosen, options.minutes, folder)
    print(table(tallies))
    faults = [(n, *f) for n, t in tallies.items() for f in t.faults.values()]
    for name, seed, text in faults:
        print(f"FAULT {name} --seed {seed}: {text}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
