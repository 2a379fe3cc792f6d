"""Bytes that take the readers of single files along lines not run before.

    pip install atheris
    KERAS_BACKEND=torch python benchmarks/fuzz_atheris.py -max_total_time=60

The first byte says which file of `fuzz_parsers.TEXTS` the others are. Ends
with the bytes of the first fault. Options are libFuzzer's.
"""

import contextlib
import pathlib
import sys
import tempfile

import atheris

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

with atheris.instrument_imports(include=["mtvision.data.readers"]):
    import fuzz_parsers

NAMES = list(fuzz_parsers.TEXTS)


def main():
    """Fuzzes until the time is over, or something is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        corpus = folder / "corpus"
        corpus.mkdir()
        for number, (name, text) in enumerate(fuzz_parsers.TEXTS.items()):
            (corpus / name).write_bytes(bytes([number]) + text)

        def try_bytes(data):
            number, text = data[:1] or b"\0", data[1:]
            name = NAMES[number[0] % len(NAMES)]
            with contextlib.suppress(ValueError, OSError):
                fuzz_parsers.parse(name, text, folder)

        atheris.Setup([*sys.argv, str(corpus)], try_bytes)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
