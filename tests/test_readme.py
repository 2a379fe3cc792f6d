"""What the README promises, run."""

import json
import pathlib
import re

import numpy as np
import pytest

from batteries.examples import step_by_step

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture
def script():
    text = (ROOT / "README.md").read_text()
    return re.search(r"## One script\n\n```python\n(.*?)```", text, re.S)[1]


def test_the_script_trains(script, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = script.replace("ResNet50", "SmallResNet").replace("=10", "=1")
    rng = np.random.default_rng(0)
    images = rng.uniform(0, 255, (2, 66, 50, 3)).astype("float32")
    truth = {
        "scene": np.array([5, -1]),
        "animal": np.array([[1, 3, 4, 30, 40, 7], [0, 0, 0, 0, 0, -1.0]]),
        "mask": rng.integers(0, 21, (2, 66, 50)),
    }

    names = {}
    code = compile(script.split("model.fit")[0], "README.md", "exec")
    exec(code, names)
    names["model"].fit(images, truth, epochs=1, batch_size=2, verbose=0)
    rest = "model.save" + script.split("model.save")[1]
    exec(compile(rest, "README.md", "exec"), names)
    assert (tmp_path / "multitask.keras").exists()
    found = names["find"].predict(images, verbose=0)
    assert found["box"].shape == (2, 4)


def whole_scripts():
    text = (ROOT / "README.md").read_text().split("## Guide")[1]
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    return [block for block in blocks if "import mtvision" in block]


@pytest.mark.parametrize("number", range(len(whole_scripts())))
def test_the_scripts_of_the_guide_run(number, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    write_coco(tmp_path)
    script = whole_scripts()[number].replace("epochs=12", "epochs=1")
    small = "image_size=64, trunk=mtv.trunks.SmallResNet((4, 8, 8, 8)))"
    script = script.replace("image_size=512)", small).replace("=512", "=64")
    with step_by_step():
        exec(compile(script, "README.md", "exec"), {})


def write_coco(folder):
    """Two images in COCO's format, one of them without an object."""
    image = pytest.importorskip("PIL.Image")
    (folder / "images").mkdir()
    rng = np.random.default_rng(0)
    images = []
    for number in (1, 2):
        file = f"{number}.png"
        pixels = rng.integers(0, 255, (80, 96, 3)).astype("uint8")
        image.fromarray(pixels).save(folder / "images" / file)
        size = {"height": 80, "width": 96}
        images.append({"id": number, "file_name": file, **size})
    outline = [10, 10, 60, 10, 60, 50, 10, 50]
    annotation = {
        **{"id": 1, "image_id": 1, "category_id": 7, "iscrowd": 0},
        **{"bbox": [10, 10, 50, 40], "area": 2000, "segmentation": [outline]},
    }
    content = {
        "images": images,
        "annotations": [annotation],
        "categories": [{"id": 7, "name": "cup"}],
    }
    (folder / "instances.json").write_text(json.dumps(content))


def test_ci_calls_the_readmes_own_commands():
    commands = re.findall(
        r"```bash\n(pip .*?)\n```", (ROOT / "README.md").read_text()
    )
    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci" / "run").read_text()
    assert (ROOT / commands[0].split("python ")[1]).exists()
