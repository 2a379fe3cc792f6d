"""`python -m mtvision compare`."""

import argparse

from mtvision.command_line import experiment
from mtvision.command_line.example import EXAMPLE
from mtvision.experiments import compare

SUMMARY = "compare methods of balancing on several seeds"
TEXT = f"""\
Trains each method, the plain sum of the losses and each task alone, on every
seed, with the same data and epochs. Shows a table with confidence intervals,
and writes a report, RUNS/NAME/report.html; NAME is that of FILE with -methods
behind it, unless it is given.

The same command again repeats no training that has ended, and tries again
those that failed. More methods and seeds may join.

FILE names the arguments of mtvision.experiments.compare: build, train, valid,
test, methods, objectives, epochs, and whatever else that takes. Options of
the command line win over it. Other names of FILE do not matter, and what
stands below `if __name__ == "__main__":` is not run.

A whole file:

{EXAMPLE}
  python -m mtvision compare digits.py
  python -m mtvision compare digits.py --seeds 5
  python -m mtvision compare digits.py --seeds 0,7,8 --name others

Exit codes: 0, every run has a result; 1, some failed, or the comparison ended
with an error; 2, wrong options or file; 130, interrupted by Ctrl-C.
"""


def add_options(parser):
    """Adds the options of this command.

    Args:
        parser: Of the command.
    """
    experiment.add_options(parser)
    parser.add_argument(
        "--seeds",
        type=read_seeds,
        metavar="N",
        help="how many, or which, as 0,7,8 (default: 5)",
    )


def run(options):
    """Compares.

    Args:
        options: Of the command line.

    Returns:
        Exit code.
    """
    result = experiment.run(compare, options, ("seeds",), "comparison")
    return 1 if result.failures else 0


def read_seeds(text):
    """A number of seeds, or a list of them.

    Args:
        text: As typed.

    Returns:
        Whole number, or list of whole numbers.

    Raises:
        argparse.ArgumentTypeError: If it is neither.
    """
    try:
        seeds = [int(each) for each in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"expected a number, or numbers as 0,7,8, received {text!r}"
        ) from error
    return seeds if "," in text else seeds[0]
