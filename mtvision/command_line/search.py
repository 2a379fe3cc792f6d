"""`python -m mtvision search`."""

from mtvision.command_line import experiment
from mtvision.command_line.example import EXAMPLE
from mtvision.experiments import search
from mtvision.experiments.searching.samplers import PRUNERS, SAMPLERS

SUMMARY = "search loss weights, methods of balancing, or any keyword"
TEXT = f"""\
Trains a model for each trial with keywords that a sampler chooses from a
space, and measures it on the validation split. At the end the chosen trial is
trained anew and measured on the test split, once. Shows a table, and writes a
report, RUNS/NAME/report.html; NAME is that of FILE, unless it is given.

The same command again goes on where the last one has stopped, whatever has
stopped it. The same command in another terminal, or on another machine with a
--storage that both reach, is one more worker of the same search.

FILE names the arguments of mtvision.experiments.search: build, train, valid,
test, space, objectives, epochs, and whatever else that takes. Options of the
command line win over it. Other names of FILE do not matter, and what stands
below `if __name__ == "__main__":` is not run.

A whole file:

{EXAMPLE}
  python -m mtvision search digits.py
  python -m mtvision search digits.py --trials 40 --name longer
  python -m mtvision search digits.py --storage postgresql://host/studies

Exit codes: 0, a trial is chosen; 1, none is, or the search ended with an
error; 2, wrong options or file; 130, interrupted by Ctrl-C.
"""
NAMES = (
    "trials",
    "storage",
    "sampler",
    "grid_points",
    "pruner",
    "heartbeat",
    "seed",
)


def add_options(parser):
    """Adds the options of this command.

    Args:
        parser: Of the command.
    """
    experiment.add_options(parser)
    parser.add_argument(
        "--trials", type=int, metavar="N", help="how many, of all workers"
    )
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="database that all workers reach (default: a file in the folder)",
    )
    parser.add_argument(
        "--sampler", choices=SAMPLERS, help="what chooses the next trial"
    )
    parser.add_argument(
        "--grid-points",
        type=int,
        metavar="N",
        help="values of a range in a grid (default: 3)",
    )
    parser.add_argument(
        "--pruner", choices=PRUNERS, help="what ends hopeless trials early"
    )
    parser.add_argument(
        "--heartbeat",
        type=int,
        metavar="S",
        help="seconds between signs of life of a worker (default: 20)",
    )
    parser.add_argument(
        "--seed", type=int, metavar="N", help="of all trials (default: 0)"
    )


def run(options):
    """Searches.

    Args:
        options: Of the command line.

    Returns:
        Exit code.
    """
    result = experiment.run(search, options, NAMES, "search")
    return 0 if result.chosen else 1
