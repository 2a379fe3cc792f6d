"""Files from strangers run no code: no pickle, no eval, no lambda."""

import ast
import hashlib
import io
import pathlib
import struct
import zipfile

import keras
import numpy as np
import pytest

import mtvision as mtv
from mtvision.recognition import gallery_file

PACKAGE = pathlib.Path(mtv.__file__).parent
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal"}
MODULES |= {"shelve", "yaml", "copyreg", "runpy", "code"}
CALLS = {"eval", "exec", "compile", "__import__", "execfile"}
UNSAFE = {"enable_unsafe_deserialization", "import_module", "load_module"}
UNSAFE |= {"exec_module", "system", "popen", "unpickle"}
# (file, name): why a file may.
ALLOWED = {
    # The user's own FILE, which the command is told to run.
    ("command_line/script.py", "exec_module"),
    # Names of the package's own modules.
    ("data/__init__.py", "import_module"),
    ("__init__.py", "import_module"),
}


def dangers(tree):
    """The names in a module by which a file could run code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name.split(".")[0] for alias in node.names}
            yield from names & MODULES
        elif isinstance(node, ast.ImportFrom):
            yield from {node.module.split(".")[0]} & MODULES
            yield from {alias.name for alias in node.names} & UNSAFE
        elif isinstance(node, ast.Name):
            yield from {node.id} & CALLS
        elif isinstance(node, ast.Attribute):
            yield from {node.attr} & UNSAFE
        elif isinstance(node, ast.keyword):
            value = getattr(node.value, "value", None)
            if (node.arg, value) in {
                ("allow_pickle", True),
                ("safe_mode", False),
                ("shell", True),
                ("weights_only", False),
            }:
                yield node.arg
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in ("np.load", "numpy.load"):
                known = [k for k in node.keywords if k.arg == "allow_pickle"]
                yield from [] if known else ["np.load without allow_pickle"]
            if name.endswith("torch.load"):
                yield name


def test_nothing_in_the_package_runs_what_a_file_says():
    found = {
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in PACKAGE.rglob("*.py")
        for name in dangers(ast.parse(path.read_text("utf-8")))
    }
    assert found == ALLOWED


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from marshal import loads",
        "eval('1')",
        "np.load(p, allow_pickle=True)",
        "np.load(p)",
        "torch.load(p)",
        "keras.saving.load_model(p, safe_mode=False)",
        "keras.config.enable_unsafe_deserialization()",
        "os.system('ls')",
        "subprocess.run(c, shell=True)",
    ],
)
def test_the_search_finds_each_danger(code):
    assert list(dangers(ast.parse(code)))


def saved(tmp_path, layer):
    """A `.keras` file with a layer, of a model of our own."""
    image = keras.Input((8, 8, 3))
    hidden = layer(keras.layers.Flatten()(image))
    model = mtv.MultiTaskModel(image, {"a": keras.layers.Dense(2)(hidden)})
    path = tmp_path / "model.keras"
    model.save(path)
    return path


def test_a_model_with_a_lambda_is_refused(tmp_path):
    path = saved(tmp_path, keras.layers.Lambda(lambda x: x * 2))
    with pytest.raises(ValueError, match="[Ll]ambda"):
        keras.saving.load_model(path)


def test_a_model_that_names_a_module_is_refused(tmp_path):
    path = saved(tmp_path, keras.layers.Dense(2, name="victim"))
    for module, name in [("os", "system"), ("builtins", "eval")]:
        changed = tmp_path / f"{module}.keras"
        replace_layer(path, changed, module, name)
        with pytest.raises((TypeError, ValueError), match=name):
            keras.saving.load_model(changed)


def replace_layer(path, changed, module, name):
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.namelist():
            content = old.read(entry)
            if entry == "config.json":
                text = content.decode()
                start = text.rindex('"module"', 0, text.index('"victim"'))
                end = text.index('"config"', start)
                head = f'"module": "{module}", "class_name": "{name}", '
                content = (text[:start] + head + text[end:]).encode()
            new.writestr(entry, content)


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (open, (self.path, "w"))


def write_gallery(path, body):
    """A file of a gallery whose checksum is right, whatever is in it."""
    digest = hashlib.sha256(body).digest()
    path.write_bytes(gallery_file.FORMAT + digest + body)


def test_a_gallery_with_a_pickle_is_refused(tmp_path):
    touched = tmp_path / "touched"
    memory = io.BytesIO()
    np.savez(memory, names=np.array([Touch(touched)], dtype=object))
    write_gallery(tmp_path / "faces", memory.getvalue())
    with pytest.raises(ValueError, match=r"faces.*allow_pickle=False"):
        gallery_file.read(tmp_path / "faces")
    assert not touched.exists()


def test_a_gallery_that_unfolds_is_refused(tmp_path):
    memory = io.BytesIO()
    np.savez_compressed(memory, rows=np.zeros(10**6))
    write_gallery(tmp_path / "faces", memory.getvalue())
    with pytest.raises(ValueError, match=r"faces.*more than the file has"):
        gallery_file.read(tmp_path / "faces")


@pytest.mark.parametrize("shape", ["(10000000000000, 4)", "(-1,)", "(2**70,)"])
def test_a_gallery_that_lies_of_its_shape_is_refused(tmp_path, shape):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}\n"
    array = b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head.encode()
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("rows.npy", array)
    write_gallery(tmp_path / "faces", memory.getvalue())
    with pytest.raises(ValueError, match=r"faces is no gallery.*be read"):
        gallery_file.read(tmp_path / "faces")
    write_gallery(tmp_path / "faces", b"no archive")
    with pytest.raises(ValueError, match=r"faces is no gallery.*zip"):
        gallery_file.read(tmp_path / "faces")


@pytest.mark.parametrize("kind", ["ExternalLink", "external", "virtual"])
def test_weights_that_lead_to_other_files_are_refused(tmp_path, kind):
    """Keras sees to it; this is to show if it ever stops."""
    import h5py

    own, path = tmp_path / "own.weights.h5", tmp_path / "new.weights.h5"
    mtv.trunks.SmallResNet((4, 4, 4, 4)).save_weights(own)
    path.write_bytes(own.read_bytes())
    with h5py.File(path, "a") as file:
        found = []
        file.visititems(lambda name, item: found.append((name, item)))
        name = next(n for n, v in found if getattr(v, "ndim", 0) == 4)
        shape, dtype = file[name].shape, file[name].dtype
        del file[name]
        if kind == "ExternalLink":
            file[name] = h5py.ExternalLink(str(own), name)
        elif kind == "external":
            external = [(str(own), 0, h5py.h5f.UNLIMITED)]
            file.create_dataset(name, shape, dtype, external=external)
        else:
            layout = h5py.VirtualLayout(shape, dtype)
            layout[...] = h5py.VirtualSource(str(own), name, shape)
            file.create_virtual_dataset(name, layout)
    with pytest.raises(ValueError, match=f"(?i)not allowed.*{kind}"):
        mtv.trunks.SmallResNet((4, 4, 4, 4), weights=str(path))
