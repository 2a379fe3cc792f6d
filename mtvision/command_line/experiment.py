"""What `search` and `compare` have in common on the command line."""

import pathlib
import sys

from mtvision.command_line.progress_line import with_progress
from mtvision.command_line.script import arguments_of, read_script
from mtvision.command_line.usage_error import UsageError

# Which file says that a folder holds a search, or a comparison.
FILES = {"search": "search.json", "comparison": "comparison.json"}


def add_options(parser):
    """Adds the file, and the options that both commands have.

    Args:
        parser: Of the command.
    """
    parser.add_argument("file", metavar="FILE", help="Python file, see below")
    parser.add_argument(
        "--name", help="of the folder of what is found; the same goes on there"
    )
    parser.add_argument(
        "--folder", help="where that folder is made (default: runs)"
    )
    parser.add_argument(
        "--epochs", type=int, metavar="N", help="epochs of each training"
    )
    parser.add_argument(
        "--verbose",
        type=int,
        choices=(0, 1, 2),
        help="0: the results alone; 1: a line each training (default); 2: more",
    )


def run(function, options, names, kind):
    """Runs a search or a comparison, shows its table, writes its report.

    Args:
        function: `search` or `compare`.
        options: Of the command line.
        names: Names of the options that are arguments of the function.
        kind: `"search"` or `"comparison"`.

    Returns:
        What the function returns.

    Raises:
        UsageError: If the file lacks an argument, or the folder holds another
            kind of experiment.
    """
    names = ("name", "folder", "epochs", "verbose", *names)
    given = {name: getattr(options, name) for name in names}
    given = {name: value for name, value in given.items() if value is not None}
    script = read_script(options.file)
    stem = pathlib.Path(options.file).stem
    if "name" not in script:
        given = {
            "name": stem if kind == "search" else f"{stem}-methods"
        } | given
    arguments = {"folder": "runs", "verbose": 1} | arguments_of(
        function, script, given, options.file
    )
    folder = pathlib.Path(arguments["folder"]) / str(arguments["name"])
    _check_folder(folder, kind)
    if arguments["verbose"] == 1 and sys.stderr.isatty():
        callbacks = arguments.get("callbacks", ())
        arguments["callbacks"] = with_progress(callbacks)
    result = function(**arguments)
    print(result)
    write_report(result, folder / "report.html")
    return result


def write_report(result, path):
    """Writes a report, and says where it is.

    Args:
        result: `SearchResult` or `Comparison`.
        path: Of the file.
    """
    result.report(path)
    print(f"\nThe report is {path}.")


def _check_folder(folder, kind):
    for other, file in FILES.items():
        if other != kind and (folder / file).exists():
            raise UsageError(
                f"{folder} holds a {other} already. Give this {kind} a name "
                "of its own by --name."
            )
