"""`python -m mtvision report`."""

import pathlib

from mtvision.command_line.experiment import FILES, write_report
from mtvision.command_line.usage_error import UsageError
from mtvision.experiments import Comparison, load_search

SUMMARY = "write the report of a search or comparison"
TEXT = """\
Reads what a search or a comparison has left so far, shows its table, and
writes its report: one HTML file that needs no other. Trains nothing and
changes nothing else; the search or comparison may still run.

  python -m mtvision report runs/digits
  python -m mtvision report runs/digits-methods --output methods.html
  python -m mtvision report runs/digits --storage postgresql://me:word@host/db

Exit codes: 0, written; 1, what is there cannot be read; 2, no such folder, or
wrong options.
"""


def add_options(parser):
    """Adds the options of this command.

    Args:
        parser: Of the command.
    """
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        type=pathlib.Path,
        help="of the search or comparison, such as runs/digits",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=pathlib.Path,
        help="the page (default: report.html in the folder)",
    )
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="database of a search, needed if that is not in the folder",
    )


def run(options):
    """Writes a report.

    Args:
        options: Of the command line.

    Returns:
        Exit code.

    Raises:
        UsageError: If the folder is none of an experiment.
    """
    folder = options.folder
    found = [k for k, file in FILES.items() if (folder / file).exists()]
    if not found:
        raise UsageError(
            f"{folder} is not the folder of a search or comparison: expected "
            f"one of the files {sorted(FILES.values())} in it. It has the "
            "name that the experiment was given, as in runs/digits."
        )
    if found == ["search"]:
        result = load_search(folder, storage=options.storage)
    else:
        result = Comparison(folder)
    print(result)
    write_report(result, options.output or folder / "report.html")
    return 0
