"""`python -m mtvision show`."""

import math
import pathlib

import keras

from mtvision.command_line.example import EXAMPLE
from mtvision.command_line.script import call_alone, read_script
from mtvision.command_line.usage_error import UsageError
from mtvision.experiments.runs.keyword_values import describe_value
from mtvision.training import MultiTaskModel, describe_tasks, format_table

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
    return keras.saving.load_model(path)


def _cells(row):
    texts = {
        "output": row["output"],
        "loss": row["loss"] or "none",
        "weight": "" if row["loss"] is None else f"{row['loss_weight']:g}",
        "metrics": ", ".join(row["metrics"]),
        "shared": f"{row['shared']:,}",
        "private": f"{row['private']:,}",
    }
    return {"task": row["task"], **texts}
