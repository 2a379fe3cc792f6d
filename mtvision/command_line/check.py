"""`python -m mtvision check`."""

import ast
import inspect
import pathlib
import sys
import warnings

from mtvision import data
from mtvision.command_line.example import EXAMPLE
from mtvision.command_line.script import call_alone, read_script
from mtvision.command_line.usage_error import UsageError
from mtvision.data.checking.reader_findings import PREFIX
from mtvision.data.readers.scanning import DAMAGED

# Of files that a reader cannot use, so many are named.
SHOWN = 10
SPLITS = ("train", "valid", "test")
READERS = (
    "ClassFolders",
    "CocoInstances",
    "CocoPanoptic",
    "DepthMaps",
    "Folder",
    "IdentityFolders",
    "KeypointTable",
    "VerificationPairs",
    "VocDetection",
    "Yolo",
)
SUMMARY = "check data before training on them"
TEXT = f"""\
Reads every sample once and reports what is in the data and what is wrong with
them: boxes without area, classes out of range, masks of another size, files
that cannot be read, images that occur in two splits, and more. Changes
nothing.

WHAT is a Python file that names train, valid or test (sources of samples,
Batches of them, or functions that make them), or a folder of images with the
--reader of mtvision.data that knows its labels. Arguments of the reader
follow as NAME=VALUE.

  python -m mtvision check digits.py
  python -m mtvision check photos --reader ClassFolders
  python -m mtvision check val2017 --reader CocoInstances \\
      annotations=instances_val2017.json masks=True

A whole file:

{EXAMPLE}
Exit codes: 0, no defect; 1, defects, or data that cannot be read; 2, wrong
options or file; 130, interrupted by Ctrl-C.
"""


def add_options(parser):
    """Adds the options of this command.

    Args:
        parser: Of the command.
    """
    parser.add_argument("what", metavar="WHAT", help="Python file, or folder")
    parser.add_argument(
        "--reader",
        nargs="+",
        metavar=("READER", "NAME=VALUE"),
        help="what reads the folder, and its arguments",
    )
    parser.add_argument(
        "--near-duplicates",
        type=int,
        metavar="BITS",
        help="find images that differ little, such as 4 of 64 bits of a hash",
    )


def run(options):
    """Checks data.

    Args:
        options: Of the command line.

    Returns:
        Exit code.
    """
    report = data.check(
        _source(options),
        near_duplicates=options.near_duplicates,
        verbose=int(sys.stdout.isatty()),
    )
    print(report)
    damaged = report.findings.get(PREFIX + DAMAGED, ())
    if damaged:
        print(f"\nDamaged, and left out by the reader ({len(damaged)}):")
    for place in damaged[:SHOWN]:
        print(f"  {place.detail}")
    return 1 if report.defects or damaged else 0


def _source(options):
    what = pathlib.Path(options.what)
    if options.reader is not None:
        reader, *texts = options.reader
        return open_reader(reader, what, texts)
    if what.is_dir():
        raise UsageError(
            f"{what} is a folder: say by --reader which of {list(READERS)} "
            "knows its labels."
        )
    return splits_of(read_script(what), what)


def splits_of(names, path):
    """The splits that a file names.

    Args:
        names: Dict of what it names.
        path: Of the file.

    Returns:
        Dict from split to what `mtvision.data.check` takes.

    Raises:
        UsageError: If there is none, or one is not made of samples.
    """
    found = {name: names[name] for name in SPLITS if name in names}
    found = {
        name: call_alone(value, name, path)
        for name, value in found.items()
        if value is not None
    }
    if not found:
        raise UsageError(f"{path} names none of {list(SPLITS)}.")
    for name, value in found.items():
        if isinstance(value, tuple) or not hasattr(value, "__getitem__"):
            raise UsageError(
                f"`{name}` of {path} is a {type(value).__name__}. Samples are "
                "checked one by one: give a source, as the readers of "
                "mtvision.data, a list of samples, or Batches of them."
            )
    return found


def open_reader(name, folder, texts):
    """Opens a folder by a reader.

    Args:
        name: Of the reader.
        folder: First argument of the reader.
        texts: List of `"name=value"`; a value is Python's, or a text.

    Returns:
        A source.

    Raises:
        UsageError: If the reader lacks an argument, or has none of a name.
    """
    if name not in READERS:
        raise UsageError(f"Expected a reader of {list(READERS)}, not {name!r}.")
    reader = getattr(data, name)
    first, *others = inspect.signature(reader).parameters.values()
    known = {one.name: one for one in others}
    given = dict(_pair(text) for text in texts)
    unknown = sorted(set(given) - set(known))
    empty = inspect.Parameter.empty
    lacking = [k for k, v in known.items() if v.default is empty]
    lacking = [k for k in lacking if k not in given]
    if unknown or lacking:
        raise UsageError(
            f"{name} takes {', '.join(known)} beside {first.name}, the folder; "
            f"unknown: {', '.join(unknown) or 'none'}; "
            f"lacking: {', '.join(lacking) or 'none'}. Write them as "
            "NAME=VALUE."
        )
    with warnings.catch_warnings():
        # What cannot be read is a finding, and the report lists them all.
        warnings.filterwarnings("ignore", ".* are damaged and left out")
        return reader(folder, **({"on_error": "skip"} | given))


def _pair(text):
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError(f"Expected NAME=VALUE, received {text!r}.")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value
