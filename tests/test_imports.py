"""The way data flows is the way rooms may import: see CONTRIBUTING.md."""

import ast
import importlib
import pathlib
import subprocess
import sys

import pytest

PACKAGE = pathlib.Path(__file__).parents[1] / "mtvision"
MAY_IMPORT = {
    "ops": set(),
    "layers": {"ops"},
    "trunks": {"layers", "ops"},
    "necks": {"layers", "ops"},
    "losses": {"ops"},
    "metrics": {"ops"},
    "tasks": {"layers", "losses", "metrics", "ops"},
    "balancing": {"ops"},
    "training": {"balancing", "ops"},
    "models": {
        "trunks",
        "necks",
        "layers",
        "losses",
        "tasks",
        "training",
        "ops",
    },
    "data": {"ops"},
    "plotting": {"ops"},
    "recognition": {"ops"},
    "command_line": {"experiments", "training", "data"},
    "experiments": {
        "models",
        "training",
        "balancing",
        "data",
        "metrics",
        "plotting",
        "ops",
    },
}
# Only these may be imported when a module is; the rest inside functions.
LIGHT = {"keras", "numpy", "mtvision", *sys.stdlib_module_names}
# Loaded on first use, see mtvision/data/__init__.py, or by functions.
LAZY = {
    "data/digit_scenes/digit_scenes.py",
    "data/digit_scenes/digit_scenes_config.py",
    "data/readers/tfds_features.py",
    "data/readers/tfds_source.py",
    "experiments/searching/patient_storage.py",
    "experiments/searching/point_sampler.py",
    "experiments/searching/trial_sampler.py",
}
BACKENDS = {"tensorflow", "jax", "torch"}
FILES = sorted(PACKAGE.rglob("*.py"))


def parse(path):
    return ast.parse(path.read_text(), filename=str(path))


def imported(nodes):
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "write absolute imports"
            yield node.module
            yield from (f"{node.module}.{a.name}" for a in node.names)


def relative(path):
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_rooms_import_only_what_they_may(path):
    parts = path.relative_to(PACKAGE).parts
    if len(parts) == 1:
        return
    room = parts[0]
    for name in imported(ast.walk(parse(path))):
        steps = name.split(".")
        if steps[0] != "mtvision" or len(steps) == 1:
            continue
        assert steps[1] in MAY_IMPORT[room] | {room}, f"{room} <- {name}"
        if room == "tasks" and len(parts) > 2 and steps[1] == "tasks":
            assert steps[2] == parts[1], f"one task imports another: {name}"


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_modules_import_nothing_heavy_nor_private(path):
    tree = parse(path)
    own = {path.stem.removeprefix("_")} & BACKENDS
    for name in imported(ast.walk(tree)):
        assert "keras.src" not in name
        private = [s for s in name.split(".") if s.startswith("_")]
        assert name.startswith("mtvision") or private in ([], ["__future__"])
        assert name.split(".")[0] not in BACKENDS - own
    assert not own or path.parent.name in ("ops", "training")
    if relative(path) not in LAZY:
        top = {name.split(".")[0] for name in imported(tree.body)}
        assert top <= LIGHT | own, top - LIGHT


def test_every_room_is_in_the_table():
    rooms = {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").exists()}
    assert rooms == set(MAY_IMPORT)


def test_import_needs_keras_and_numpy_only():
    """Whatever else is installed, `import mtvision` does not load it."""
    code = (
        "import sys, keras; "
        "names = lambda: {name.split('.')[0] for name in sys.modules}; "
        "before = names(); import mtvision; "
        "print(sorted(names() - before - set(sys.stdlib_module_names)))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    assert loaded.stdout.strip() == "['mtvision']"


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_files_and_functions_stay_small(path):
    source = path.read_text()
    assert source.count("\n") <= 400
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 45, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_rooms_list_what_they_export(room):
    module = importlib.import_module(f"mtvision.{room}")
    tree = parse(PACKAGE / room / "__init__.py")
    exported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    lazy = set(getattr(module, "_LAZY", ()))
    listed = {name for name in dir(module) if not name.startswith("_")}
    assert listed == exported | lazy
