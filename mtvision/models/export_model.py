"""A model as a file that other programs run."""

import contextlib
import importlib.util
import pathlib
import re

import keras

from mtvision.models.onnx_selection import select_by_condition
from mtvision.ops.exporting import exporting
from mtvision.ops.option_checks import require_flag

NEEDED = {".onnx": "tf2onnx"}


def export_model(model, path, *, float16=False):
    """Writes a model for ONNX Runtime, LiteRT or TensorFlow Serving.

    Give it the model with its decoder, such as what `retinanet_detector`
    returns. Its inputs and outputs keep their names, and the size of the
    batch stays free. `docs/export.md` says which recipe goes where.

    `model.export` of Keras writes operations into the file that only
    TensorFlow knows, such as loops that XLA compiles, and an ONNX file that
    no program can read, without an error. Here, they take another form, and
    what the format cannot hold is an error.

    Args:
        model: Functional model; its outputs are a dict of tensors, or one
            tensor, which gets the name of its layer.
        path: Where to write, `"model.onnx"`, `"model.tflite"`, or, without a
            suffix, the folder of a SavedModel, whose signature is
            `"serving_default"`. Folders above it are made, and a model that
            is there is replaced.
        float16: Whether LiteRT keeps the weights in half of the bytes. It
            computes in float32 all the same.

    Returns:
        The path, a `pathlib.Path`.

    Raises:
        ValueError: If the backend is not TensorFlow, the suffix is none of
            these, something else is there, the outputs are nested, or the
            format lacks an operation.
        ImportError: If a package is missing.

    Example:

    >>> import tempfile
    >>> trunk = mtv.trunks.ContractingPath((4, 8))
    >>> segment = mtv.models.segmenter(mtv.models.UNet(3, trunk=trunk))
    >>> if keras.backend.backend() == "tensorflow":
    ...     with tempfile.TemporaryDirectory() as folder:
    ...         path = export_model(segment, f"{folder}/segmenter")
    """
    path = pathlib.Path(path)
    require_flag(float16, "float16")
    _require_possible(path, float16)
    model = _with_named_outputs(model)
    _make_place(path)
    with exporting():
        if not path.suffix:
            model.export(path, format="tf_saved_model", verbose=False)
            return path
        with _replaced(path) as part:
            if path.suffix == ".tflite":
                _write_litert(model, part, float16)
            else:
                _write_onnx(model, part)
    return path


def _require_possible(path, float16):
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Expected the backend tensorflow to export, received "
            f"{keras.backend.backend()}. Save the model as a .keras file, and "
            "load and export it where KERAS_BACKEND=tensorflow."
        )
    if path.suffix not in ("", ".onnx", ".tflite"):
        raise ValueError(
            "Expected path to end in .onnx or .tflite, or to be a folder "
            f"without a suffix, received {str(path)!r}."
        )
    if float16 and path.suffix != ".tflite":
        raise ValueError(
            f"Expected a .tflite file for float16=True, received {str(path)!r}."
        )
    needed = NEEDED.get(path.suffix)
    if needed and importlib.util.find_spec(needed) is None:
        raise ImportError(
            f"Expected the package {needed} to write {path.suffix} files. "
            'Install it: pip install "mtvision[export]".'
        )


def _make_place(path):
    """Makes the folder above; raises where something else would be lost."""
    if path.suffix:
        lost = path.is_dir()
    else:
        is_model = (path / "saved_model.pb").is_file()
        is_empty = path.is_dir() and not any(path.iterdir())
        lost = path.exists() and not is_model and not is_empty
    if lost:
        kind = "a file" if path.suffix else "the folder of a SavedModel"
        raise ValueError(
            f"Expected path as {kind} to write or to replace; {str(path)!r} is "
            "there already and something else. Give another path, or remove it."
        )
    path.parent.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def _replaced(path):
    """A path beside, of a file that takes the place when it is whole."""
    part = path.with_suffix(f".partial{path.suffix}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _with_named_outputs(model):
    """A model whose outputs are a flat dict of tensors."""
    outputs = getattr(model, "output", None)
    if isinstance(outputs, keras.KerasTensor):
        return keras.Model(model.input, {model.output_names[0]: outputs})
    is_flat = isinstance(outputs, dict) and all(
        isinstance(x, keras.KerasTensor) for x in outputs.values()
    )
    if not is_flat:
        raise ValueError(
            "Expected a functional model whose outputs are a dict of tensors, "
            f"or one tensor; received {type(model).__name__} with "
            f"{type(outputs).__name__}. Name the outputs: "
            "keras.Model(model.input, {name: tensor, ...})."
        )
    return model


def _write_litert(model, path, float16):
    from mtvision.ops._tensorflow import litert_options

    options = litert_options(float16=float16)
    try:
        model.export(path, format="litert", verbose=False, **options)
    except Exception as error:
        # The converter's own error, which lists the operations.
        if type(error).__name__ != "ConverterError":
            raise
        lacking = re.search(r"TF Select ops: (.*)", str(error))
        lacking = lacking[1] if lacking else str(error)
        raise ValueError(
            f"LiteRT lacks an operation of the model {model.name!r}, so that "
            f"its interpreter could not run the file: {lacking}"
        ) from error


def _write_onnx(model, path):
    import onnx

    select_by_condition()

    model.export(
        path,
        format="onnx",
        verbose=False,
        # Without it, Keras refuses a model that was not called yet.
        input_signature=[keras.tree.map_structure(_spec, model.input)],
    )
    try:
        onnx.checker.check_model(str(path))
    except onnx.checker.ValidationError as error:
        raise ValueError(
            f"ONNX lacks an operation of the model {model.name!r}, so that no "
            f"program could read the file: {error}"
        ) from error


def _spec(tensor):
    shape = (None, *tensor.shape[1:])
    return keras.InputSpec(shape=shape, dtype=tensor.dtype, name=tensor.name)
