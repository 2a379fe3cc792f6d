"""Tiny files, and the data sets beside the repository where there are some."""

import json
import pathlib

import numpy as np
import pytest
from PIL import Image

SHARED = pathlib.Path(__file__).parents[3] / "../shared/data"


@pytest.fixture(scope="session")
def shared():
    """Gives the folder of a data set, or skips."""

    def find(name):
        if not (SHARED / name).is_dir():
            pytest.skip(f"needs ../shared/data/{name}")
        return SHARED / name

    return find


@pytest.fixture
def draw(tmp_path):
    """Writes an image file of 12 x 16 pixels (height x width)."""

    def write(name, *, size=(12, 16), seed=0):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        generator = np.random.default_rng(seed)
        pixels = generator.integers(0, 256, (*size, 3), "uint8")
        Image.fromarray(pixels).save(path)
        return path

    return write


@pytest.fixture
def write(tmp_path):
    """Writes a text file, or a JSON file, or a PNG file of numbers."""

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, np.ndarray):
            Image.fromarray(content).save(path)
        elif isinstance(content, str):
            path.write_text(content)
        else:
            path.write_text(json.dumps(content))
        return path

    return write
