"""XLA compiles the training step and the decoder of every recipe once.

    python benchmarks/compile_once.py
    python benchmarks/compile_once.py --backends jax --recipes RetinaNet

Each recipe is trained for 20 batches of `mtvision.data.Batches` with
`drop_remainder`, none to three objects in an image, and its decoder predicts
the same, in a process of their own. XLA writes down what it compiles: counted
are the modules of the step, and shapes in them whose size is not fixed. The
seconds are those of a core for the first batch, less those for another one;
XLA compiles for tests, without its dear passes.

What was found is kept in `--found`, so that a second run goes on, and becomes
the table in `compile_once.md`.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))
PAGE = HERE / "compile_once.md"
MARK = "<!-- of benchmarks/compile_once.py -->"
BACKENDS = ("tensorflow", "jax")
POLICIES = ("float32", "mixed_bfloat16", "mixed_float16")
QUICK = (
    "--xla_backend_optimization_level=0"
    " --xla_llvm_disable_expensive_passes=true"
    " --xla_dump_hlo_as_text --xla_dump_to="
)
# Names of the modules: of TensorFlow, and of JAX.
STEP = re.compile(r"one_step_on_data|jit_(train|predict)_step")
DYNAMIC = re.compile(r"\[[0-9,]*<=")
BATCHES = 20


def child(name, policy):
    """Trains and predicts; prints what was seen as JSON."""
    import keras

    keras.config.set_dtype_policy(policy)
    from batteries.small_recipes import RECIPES
    from batteries.small_samples import BATCH, batches

    keras.utils.set_random_seed(0)
    small = RECIPES[name]()
    number = BATCHES * BATCH + 2
    adam = keras.optimizers.Adam(1e-3)
    small.model.compile(adam, **small.losses, jit_compile=True)
    if small.decoder is not small.model:
        small.decoder.compile(jit_compile=True)
    found = {}
    with Dumped(found, "step") as seen:
        data = batches(small, number=number)
        options = {"verbose": 0, "callbacks": [seen.callback()]}
        first = small.model.fit(data, **options).history
    last = small.model.fit(data, verbose=0).history
    found["losses"] = [first["loss"][0], last["loss"][0]]
    with Dumped(found, "decoder") as seen:
        data = batches(small, number=number, model=small.decoder)
        options = {"verbose": 0, "callbacks": [seen.callback()]}
        values = small.decoder.predict(data, **options)
    values = keras.tree.flatten(values)
    found["types"] = sorted({str(x.dtype) for x in values})
    print(json.dumps(found))


class Dumped:
    """Counts the modules that XLA writes down in a block."""

    def __init__(self, found, kind):
        self.found, self.kind, self.times = found, kind, []
        self.folder = pathlib.Path(os.environ["XLA_DUMP"])

    def __enter__(self):
        self.before = set(self.folder.iterdir())
        return self

    def __exit__(self, *exception):
        new = [
            path
            for path in set(self.folder.iterdir()) - self.before
            if STEP.search(path.name)
            and path.name.endswith("before_optimizations.txt")
        ]
        texts = [path.read_text() for path in new]
        first, *others = self.times
        self.found[self.kind] = {
            "compiled": len(new),
            "dynamic": sum(bool(DYNAMIC.search(text)) for text in texts),
            "cpu_seconds": first - min(others),
        }

    def callback(self):
        """Notes how long each batch takes."""
        import time

        import keras

        state = {}

        def begin(batch, logs=None):
            state["start"] = time.process_time()

        def end(batch, logs=None):
            self.times.append(time.process_time() - state["start"])

        callback = keras.callbacks.Callback()
        for kind in ("train", "predict"):
            setattr(callback, f"on_{kind}_batch_begin", begin)
            setattr(callback, f"on_{kind}_batch_end", end)
        return callback


def measure(name, backend, policy):
    """What a process of its own sees, or its last words."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "KERAS_BACKEND": backend,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "XLA_DUMP": folder,
            "XLA_FLAGS": QUICK + folder,
        }
        # Keras leaves XLA out where operations are to be deterministic.
        environment.pop("TF_DETERMINISTIC_OPS", None)
        command = [sys.executable, __file__, "--child", name, policy]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True
        )
    if done.returncode:
        return {"error": done.stderr[-1000:]}
    return json.loads(done.stdout.splitlines()[-1])


def cell(result, kind):
    """How often and how long; what is wrong stands out."""
    if result is None:
        return ""
    if "error" in result:
        return "**fails**"
    if kind == "loss":
        return " to ".join(f"{loss:.3g}" for loss in result["losses"])
    seen = result[kind]
    dynamic = f", **{seen['dynamic']} dynamic**" if seen["dynamic"] else ""
    seconds = seen.get("cpu_seconds")
    took = f" ({seconds:.0f} s)" if seconds else ""
    return f"{seen['compiled']}{took}{dynamic}"


def table(found, policy):
    """A line for each recipe, three columns for each backend."""
    backends = [
        b for b in BACKENDS if any(k.endswith(f"{b} {policy}") for k in found)
    ]
    kinds = ("step", "decoder", "loss")
    heads = " | ".join(f"{b} {kind}" for b in backends for kind in kinds)
    lines = [f"| recipe | {heads} |"]
    lines.append("| --- " * (1 + 3 * len(backends)) + "|")
    for name in dict.fromkeys(key.split()[0] for key in found):
        results = [found.get(f"{name} {b} {policy}") for b in backends]
        if any(results):
            cells = [cell(r, kind) for r in results for kind in kinds]
            lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def write_page(found):
    """Puts the tables in their place."""
    before, _, after = PAGE.read_text().split(MARK)
    measured = {key.split()[2] for key in found}
    tables = [
        f"## {policy}\n\n{table(found, policy)}\n"
        for policy in POLICIES
        if policy in measured
    ]
    PAGE.write_text("\n".join([f"{before}{MARK}\n", *tables, f"{MARK}{after}"]))


def main():
    """Measures what was not measured before."""
    from batteries.small_recipes import RECIPES

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--recipes", nargs="*", default=list(RECIPES))
    parser.add_argument("--backends", nargs="*", default=BACKENDS)
    parser.add_argument("--policies", nargs="*", default=POLICIES[1:2])
    parser.add_argument("--found", default="runs/compile_once.json")
    given = parser.parse_args()
    kept = pathlib.Path(given.found)
    kept.parent.mkdir(parents=True, exist_ok=True)
    found = json.loads(kept.read_text()) if kept.exists() else {}
    for policy in given.policies:
        for backend in given.backends:
            for name in given.recipes:
                key = f"{name} {backend} {policy}"
                if key in found:
                    continue
                found[key] = measure(name, backend, policy)
                kept.write_text(json.dumps(found, indent=1))
                print(key, found[key], flush=True)
                write_page(found)


if __name__ == "__main__":
    child(*sys.argv[2:]) if sys.argv[1:2] == ["--child"] else main()
