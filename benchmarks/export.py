"""Exports every recipe with its decoder, and runs the files.

    python benchmarks/export.py
    python benchmarks/export.py RetinaNet UNet

Each is written by `mtvision.models.export_model` as a SavedModel, as ONNX and
as LiteRT, and run by TensorFlow, ONNX Runtime and the LiteRT interpreter, on
random images in batches of 1 and of 3. The weights are random: it is the graph
that counts. Needs the extra `export`.

All of them take an hour. What was found is kept in `--found`, so that a second
run goes on, and becomes the table in `docs/export.md`.
"""

import argparse
import json
import logging
import os
import pathlib
import sys
import tempfile
import warnings

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import mtvision as mtv

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from batteries.small_recipes import RECIPES  # noqa: E402
from batteries.small_samples import SIZE  # noqa: E402

PAGE = ROOT / "docs" / "export.md"
MARK = "<!-- of benchmarks/export.py -->"
HEADING = (
    "| recipe | SavedModel | ONNX | LiteRT | float16 bytes | float16 equal |\n"
    "| --- | --- | --- | --- | --- | --- |\n"
)
BATCHES = (1, 3)
CLOSE = 0.01


def build(name, seed=0):
    """A model whose scores differ, so that their order is no accident."""
    keras.utils.set_random_seed(seed)
    model = RECIPES[name]().decoder
    random = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        noise = random.normal(scale=0.1, size=variable.shape)
        variable.assign(np.asarray(variable) + noise)
    return model


def inputs_of(model, batch, seed=0):
    """Random inputs by name."""
    random = np.random.default_rng(seed)
    return {x.name: _values(x, batch, random) for x in model.inputs}


def _values(tensor, batch, random):
    shape = [batch, *(n or 5 for n in tensor.shape[1:])]
    if tensor.name == "proposals":
        corners = random.uniform(0, SIZE / 2, (*shape[:2], 2))
        sides = random.uniform(8, SIZE / 2, (*shape[:2], 2))
        return np.concatenate([corners, corners + sides], -1).astype("float32")
    if tensor.dtype == "int32":
        return random.integers(1, 9, shape).astype("int32")
    top = 255 if len(shape) == 4 else 1
    return random.uniform(0, top, shape).astype("float32")


def run_saved_model(path, inputs):
    """Outputs of the signature of a SavedModel, by name."""
    import tensorflow as tf

    run = tf.saved_model.load(path).signatures["serving_default"]
    return [
        {k: v.numpy() for k, v in run(**_constants(tf, x)).items()}
        for x in inputs
    ]


def run_onnx(path, inputs):
    """Outputs of ONNX Runtime, by name."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    names = [output.name for output in session.get_outputs()]
    return [dict(zip(names, session.run(None, x))) for x in inputs]


def run_litert(path, inputs):
    """Outputs of the LiteRT interpreter, by name."""
    from ai_edge_litert.interpreter import Interpreter

    found = []
    for x in inputs:
        interpreter = Interpreter(str(path))
        run = interpreter.get_signature_runner("serving_default")
        found.append(run(**x))
    return found


FORMATS = {
    "SavedModel": ("model", run_saved_model, {}),
    "ONNX": ("model.onnx", run_onnx, {}),
    "LiteRT": ("model.tflite", run_litert, {}),
    "float16": ("half.tflite", run_litert, {"float16": True}),
}


def predictions(model, inputs):
    """What `predict` gives, by name."""
    found = []
    for x in inputs:
        x = x if isinstance(model.input, dict) else next(iter(x.values()))
        values = model.predict(x, verbose=0)
        is_dict = isinstance(values, dict)
        found.append(values if is_dict else {model.output_names[0]: values})
    return found


def differences(expected, found):
    """Of all numbers, in units of the number or of 1 if that is larger."""
    values = []
    for right, other in zip(expected, found, strict=True):
        if set(right) != set(other):
            raise ValueError(f"names {sorted(other)}, not {sorted(right)}")
        for name in right:
            a, b = (np.float64(x[name]) for x in (right, other))
            if a.shape != b.shape:
                raise ValueError(f"{name} of {b.shape}, not {a.shape}")
            values.append(np.abs(a - b) / np.maximum(np.abs(a), 1))
    return np.concatenate([x.reshape(-1) for x in values])


def talkative(name):
    """A model, inputs and predictions that are not padding alone."""
    for seed in range(9):
        model = build(name, seed)
        inputs = [inputs_of(model, batch) for batch in BATCHES]
        expected = predictions(model, inputs)
        each = [x for found in expected for x in found.values()]
        if any(np.unique(x).size > 1 for x in each):
            return model, inputs, expected
    raise SystemExit(f"{name} finds nothing with any of nine seeds.")


def measure(name, folder):
    """Differences in each format, or what went wrong there."""
    model, inputs, expected = talkative(name)
    found = {}
    for kind, (file, run, options) in FORMATS.items():
        path = folder / file
        try:
            mtv.models.export_model(model, path, **options)
            apart = differences(expected, run(path, inputs))
        except Exception as error:  # whatever a converter or runtime raises
            found[kind] = {"error": f"{type(error).__name__}: {error}"}
            continue
        found[kind] = {
            "largest": float(apart.max()),
            "close": float((apart < CLOSE).mean()),
            "bytes": path.stat().st_size,
        }
    return found


def row(name, found):
    """A line of the table."""
    cells = [_cell(found[kind]) for kind in ("SavedModel", "ONNX", "LiteRT")]
    half, full = found["float16"], found["LiteRT"]
    if "error" in half or "error" in full:
        cells += ["-", "-"]
    else:
        cells.append(f"{half['bytes'] / full['bytes']:.2f}")
        cells.append(f"{half['close']:.3f}")
    return f"| `{name}` | {' | '.join(cells)} |"


def _cell(result):
    if "error" in result:
        return "no"
    return f"{result['largest']:.0e}" if result["largest"] else "0"


def _constants(tf, inputs):
    return {name: tf.constant(values) for name, values in inputs.items()}


def write_page(found):
    """Puts the table in its place."""
    before, _, after = PAGE.read_text().split(MARK)
    rows = [row(name, found[name]) for name in RECIPES if name in found]
    table = f"\n{HEADING}{chr(10).join(rows)}\n"
    PAGE.write_text(f"{before}{MARK}\n{table}\n{MARK}{after}")


def main():
    """Measures what was not measured before."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipes", nargs="*", default=list(RECIPES))
    parser.add_argument("--found", default="runs/export.json")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)
    kept = pathlib.Path(given.found)
    kept.parent.mkdir(parents=True, exist_ok=True)
    found = json.loads(kept.read_text()) if kept.exists() else {}
    for name in given.recipes:
        if name not in found:
            with tempfile.TemporaryDirectory() as folder:
                found[name] = measure(name, pathlib.Path(folder))
            kept.write_text(json.dumps(found, indent=1))
        print(row(name, found[name]), flush=True)
        for kind, result in found[name].items():
            if "error" in result:
                print(f"  {kind}: {result['error'][:500]}", flush=True)
        write_page(found)


if __name__ == "__main__":
    main()
