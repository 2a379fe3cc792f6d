"""What it costs to look whether a step leaves all numbers finite.

The network of training_step.py, with `MultiTaskModel` and with one that does
not look; fits of the two interleaved; the median of the ratios of neighbours.
`noise` is the model that does not look against itself.

    KERAS_BACKEND=jax python benchmarks/guarded_step.py
"""

import itertools
import statistics
import sys
import time

from training_step import BATCH, EPOCHS, STEPS, build, make_data, train

import mtvision as mtv

ROUNDS, WARM_UP = 15, 2


class Unguarded(mtv.MultiTaskModel):
    """Makes the steps that are guarded, and nothing else."""

    def train_step(self, *args):
        """One step of `fit`."""
        return self._step(*args)


def main(jit_compile):
    x, y = make_data()
    kinds = {
        "unguarded": Unguarded,
        "guarded": mtv.MultiTaskModel,
        "again": Unguarded,
    }
    models = {name: build(kind, jit_compile) for name, kind in kinds.items()}
    times = {name: [] for name in models}
    orders = itertools.cycle(itertools.permutations(models))
    for number, order in zip(range(-WARM_UP, ROUNDS), orders):
        for name in order:
            start = time.perf_counter()
            train(models[name], x, y)
            if number >= 0:
                times[name].append(time.perf_counter() - start)
    ms = statistics.median(times["unguarded"]) * 1e3 / STEPS / EPOCHS
    ratios = [
        statistics.median(a / b for a, b in zip(times[k], times["unguarded"]))
        for k in ("guarded", "again")
    ]
    print(
        f"{BATCH} images: {ms:.1f} ms, guarded {ratios[0]:.3f} of it, ", end=""
    )
    print(f"noise {ratios[1]:.3f}")


if __name__ == "__main__":
    main("--no-xla" not in sys.argv)
