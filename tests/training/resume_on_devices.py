"""Breaks a training on two devices off, and goes on.

    python tests/training/resume_on_devices.py mirrored FOLDER

and as `device_runs.py`. It says "the same" if all is equal to the bit.
"""

import argparse
import itertools
import pathlib
import sys

import device_runs

ROWS = 20  # batches of 4, all of which two devices can share
STEPS = [3, 5]  # in an epoch of 5 steps; in the next one


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=device_runs.WAYS)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--methods", nargs="*", default=["None"])
    parser.add_argument("--process", type=int)
    parser.add_argument("--port", type=int)
    given = parser.parse_args()
    if given.way == "processes" and given.process is None:
        sys.exit(device_runs.start_processes(__file__, sys.argv[1:]))
    _, scopes, _ = device_runs.make_scopes(given)
    for (way, scope), method in itertools.product(
        scopes.items(), given.methods
    ):
        with scope():
            check(method, given.folder / way / method, given.process or 0)
        print(f"{way} {method}: the same", flush=True)


def check(method, folder, number):
    """Raises unless a training goes on to the bit; twice broken off."""
    from batteries import broken_off
    from mtvision import balancing

    def make():
        return broken_off.make_model(lambda: eval(method, vars(balancing)))

    broken_off.check_goes_on(
        make,
        [folder / "whole", folder / "parts"],
        STEPS,
        data=arrays(number),
        validation_data=arrays(9),
    )


def arrays(seed):
    """Inputs and truths that two devices can share."""
    import keras

    from batteries import broken_off

    made = broken_off.make_arrays(seed)
    return keras.tree.map_structure(lambda array: array[:ROWS], made)


if __name__ == "__main__":
    root = pathlib.Path(__file__).parents[2]
    sys.path[:0] = [str(root), str(root / "tests")]
    main()
