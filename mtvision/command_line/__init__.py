"""What `python -m mtvision` does: search, compare, report, check, show."""

from mtvision.command_line.main import main


def __dir__():
    return ["main"]
