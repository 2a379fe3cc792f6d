"""`python -m mtvision show`."""

import math
import pathlib
import zipfile

import keras

from mtvision.command_line.example import EXAMPLE
from mtvision.command_line.script import call_alone, read_script
from mtvision.command_line.usage_error import UsageError
from mtvision.experiments.runs.keyword_values import describe_value
from mtvision.training import MultiTaskModel, describe_tasks, format_table

# How many times of its bytes a part of a .keras file may unfold to.
UNFOLDED = 100

SUMMARY = "show the tasks of a model"
TEXT = f"""\
Shows of each task its output, loss, loss weight and metrics, how many
parameters it shares with other tasks and how many it has for itself; and how
the losses are balanced.

WHAT is a saved model (.keras; code in it is not run, Keras' safe mode), or a
Python file that names build, a function that makes a model.

  python -m mtvision show runs/digits/chosen.keras
  python -m mtvision show digits.py

A whole file:

{EXAMPLE}
Exit codes: 0, shown; 1, the model cannot be loaded or built; 2, wrong options
or file.
"""


def add_options(parser):
    """Adds the options of this command.

    Args:
        parser: Of the command.
    """
    parser.add_argument(
        "what", metavar="WHAT", type=pathlib.Path, help=".keras or .py file"
    )


def run(options):
    """Shows a model.

    Args:
        options: Of the command line.

    Returns:
        Exit code.

    Raises:
        UsageError: If there is no such file, or no `MultiTaskModel` in it.
    """
    model = _model(options.what)
    if not isinstance(model, MultiTaskModel):
        raise UsageError(
            f"{options.what} gives a {type(model).__name__}; expected a "
            "MultiTaskModel, whose outputs are tasks."
        )
    print(headline(model))
    print()
    rows = describe_tasks(model)
    print(format_table([_cells(row) for row in rows]))
    return 0


def headline(model):
    """One line about a whole model.

    Args:
        model: A `MultiTaskModel`.

    Returns:
        String.
    """
    trained = sum(math.prod(each.shape) for each in model.trainable_weights)
    parts = [
        f"{model.name}: {len(model.task_names)} tasks",
        f"{model.count_params():,} parameters, {trained:,} of them trained",
    ]
    if not model.compiled:
        return "; ".join([*parts, "not compiled"])
    balancing = "none, the plain sum"
    if model.balancer is not None:
        config = describe_value(model.balancer)
        options = [f"{k}={v!r}" for k, v in config.items() if k != "class"]
        balancing = f"{config['class']}({', '.join(options)})"
    optimizer = type(model.optimizer).__name__
    return "; ".join(
        [*parts, f"optimizer {optimizer}", f"balancing {balancing}"]
    )


def _model(path):
    if path.suffix != ".keras":
        build = read_script(path).get("build")
        if build is None:
            raise UsageError(f"{path} names no `build`, which makes a model.")
        return call_alone(build, "build", path)
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    _refuse_bombs(path)
    return keras.saving.load_model(path)


def _refuse_bombs(path):
    """Raises for an archive that unfolds: Keras packs without compression."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is no whole .keras file: {error}.") from error
    for entry in entries:
        if entry.file_size > UNFOLDED * entry.compress_size + 2**20:
            raise ValueError(
                f"{path} is no .keras file of a model: {entry.filename!r:.80} "
                f"unfolds from {entry.compress_size} bytes to "
                f"{entry.file_size}."
            )


def _cells(row):
    texts = {
        "output": row["output"],
        "loss": row["loss"] or "none",
        "weight": "" if row["loss"] is None else f"{row['loss_weight']:g}",
        "metrics": ", ".join(row["metrics"]),
        "shared": f"{row['shared']:,}",
        "private": f"{row['private']:,}",
    }
    texts = {"task": row["task"], **texts}
    # Names from a file could command the terminal.
    return {k: v if v.isprintable() else ascii(v) for k, v in texts.items()}
