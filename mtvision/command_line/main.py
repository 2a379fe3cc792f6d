"""From the words of a command line to an exit code."""

import argparse
import sys
import traceback

from mtvision.command_line import check, compare, report, search, show
from mtvision.command_line.script import error_text
from mtvision.command_line.usage_error import UsageError
from mtvision.experiments.runs.command import this_command

COMMANDS = {
    "search": search,
    "compare": compare,
    "report": report,
    "check": check,
    "show": show,
}
TEXT = """\
One convolutional model, many vision tasks. `python -m mtvision COMMAND --help`
says what a command does, and shows a file for it.
"""
DONE, FAULT, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments=None):
    """Does what the words of a command line say.

    Args:
        arguments: List of texts, the words after `python -m mtvision`; `None`
            for those of this process.

    Returns:
        Exit code: 0, done; 1, the thing asked for has a fault, or failed; 2,
        the command line or a file that it names is wrong; 130, interrupted.

    Raises:
        SystemExit: After help, and for wrong options, with code 0 and 2.

    Example:

    >>> main(["report", "nowhere"])
    2
    """
    options = make_parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        _say("\nInterrupted.")
        if options.command in ("search", "compare"):
            _say(f"What has ended is kept. To go on:\n  {this_command()}")
        return INTERRUPTED
    except Exception as error:
        if options.traceback:
            traceback.print_exc()
        else:
            text = error_text(error, getattr(options, "file", None))
            _say(f"mtvision {options.command}: error: {text}")
        return USAGE if isinstance(error, UsageError) else FAULT


def make_parser():
    """The parser of all commands.

    Returns:
        `argparse.ArgumentParser`.
    """
    parser = argparse.ArgumentParser(
        prog="python -m mtvision", description=TEXT
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True
    )
    for name, command in COMMANDS.items():
        one = commands.add_parser(
            name,
            help=command.SUMMARY,
            description=f"{command.SUMMARY.capitalize()}.",
            epilog=command.TEXT,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_options(one)
        one.add_argument(
            "--traceback",
            action="store_true",
            help="show where in the code an error is raised",
        )
        one.set_defaults(run=command.run)
    return parser


def _say(text):
    print(text, file=sys.stderr, flush=True)
