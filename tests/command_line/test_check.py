import json

import keras
import numpy as np
import pytest

from mtvision.command_line import main

SCENES = """
import numpy as np

rng = np.random.default_rng(0)


def sample(label):
    image = rng.integers(0, 255, (8, 8, 3), "uint8")
    return {"image": image, "label": np.array(label)}


train = [sample(0), sample(1)]


def valid(seed):
    return [sample(seed)]
"""


def test_sound_data_end_with_0(script, capsys):
    assert main(["check", script(base=SCENES)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("3 samples: 0 defects")
    assert "valid" in said


def test_defects_end_with_1(script, capsys):
    path = script("valid = lambda: [train[1]]", base=SCENES)
    assert main(["check", path]) == 1
    assert "duplicate between splits" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("del train, valid", "names none of"),
        ("def train(augment): pass", "`train` of small.py is called without"),
        ("valid = train, train", "`valid` of small.py is a tuple"),
        ("train = iter(train)", "`train` of small.py is a list_iterator"),
        ("train = len(missing)", "small.py, line 17: NameError: name 'miss"),
    ],
)
def test_what_cannot_be_checked(script, capsys, lines, words):
    assert main(["check", script(lines, base=SCENES)]) == 2
    assert words in capsys.readouterr().err


@pytest.fixture
def photos(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        image = rng.integers(0, 255, (16, 16, 3))
        keras.utils.save_img(tmp_path / name / "0.png", image, scale=False)
    return tmp_path


def test_a_folder_needs_its_reader(photos, capsys):
    assert main(["check", str(photos)]) == 2
    assert "ClassFolders" in capsys.readouterr().err
    words = ["check", str(photos), "--reader"]
    assert main([*words, "ClassFolders"]) == 0
    assert capsys.readouterr().out.startswith("2 samples: 0 defects")
    (photos / "dog" / "1.png").write_bytes(b"no image")
    assert main([*words, "ClassFolders"]) == 1
    said = capsys.readouterr().out.split("left out by the reader (1):\n  ")[1]
    assert said.startswith("dog/1.png: ")
    assert "cannot be read as an image" in said
    assert main([*words, "Folders"]) == 2
    assert "not 'Folders'" in capsys.readouterr().err


def test_arguments_of_a_reader(photos, capsys):
    words = ["check", str(photos / "cat"), "--reader", "CocoInstances"]
    assert main([*words, "boxes=1"]) == 2
    said = capsys.readouterr().err
    assert "unknown: boxes; lacking: annotations." in said
    assert main([*words, "annotations"]) == 2
    assert "received 'annotations'" in capsys.readouterr().err
    content = {
        "images": [{"id": 1, "file_name": "0.png", "width": 16, "height": 16}],
        "categories": [{"id": 7, "name": "cat"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 7, "bbox": [2, 2, 9, 9]}
        ],
    }
    path = photos / "instances.json"
    path.write_text(json.dumps(content))
    assert main([*words, f"annotations={path}", "masks=False"]) == 0
    assert capsys.readouterr().out.startswith("1 samples: 0 defects")
