"""The examples run from end to end, on little data."""

import pytest

from batteries.examples import ROOT, run

PETS = ROOT / "../shared/data/multitask_pets"


def test_quickstart(tmp_path):
    shown = run(
        *("quickstart.py", "--images", 64, "--epochs", 1),
        *("--output", tmp_path),
    )
    for cell in ("| digit | accuracy", "| mask  | mean", "| where | box_iou"):
        assert cell in shown
    assert "The reloaded model predicts the same" in shown
    for name in ("predictions.png", "quickstart.keras", "logs"):
        assert (tmp_path / name).exists()


@pytest.mark.skipif(not PETS.exists(), reason="the data set is not here")
def test_train_pets(tmp_path):
    shown = run(
        *("train_pets.py", "--epochs", 1),
        *("--data", PETS, "--output", tmp_path),
    )
    for cell in ("Abyssinian_34.jpg", "| breed   | acc", "| head    | box"):
        assert cell in shown
    assert (tmp_path / "predictions.png").exists()


def test_train_many_datasets(tmp_path):
    shown = run(
        *("train_many_datasets.py", "--seeds", 1, "--images", 30),
        *("--epochs", 1, "--steps", 2, "--batch", 2, "--size", 32),
        *("--output", tmp_path),
    )
    for cell in ("| where   | box_iou", "| outline | mean", "| kind    | acc"):
        assert cell in shown
    assert (tmp_path / "predictions.png").exists()


def test_train_detector(tmp_path):
    shown = run(
        *("train_detector.py", "--images", 32, "--epochs", 1),
        *("--output", tmp_path),
    )
    for cell in ("| boxes    | AP50", "| count    | acc", "| semantic | mean"):
        assert cell in shown
    for name in ("predictions.png", "detector.keras"):
        assert (tmp_path / name).exists()


def test_train_mask_rcnn(tmp_path):
    shown = run(
        *("train_mask_rcnn.py", "--images", 16, "--epochs", 1),
        *("--output", tmp_path),
    )
    for cell in ("| boxes | AP50", "| masks | AP50"):
        assert cell in shown
    for name in ("predictions.png", "mask_rcnn.keras"):
        assert (tmp_path / name).exists()


def test_train_dense_captioning(tmp_path):
    shown = run(
        *("train_dense_captioning.py", "--images", 16, "--epochs", 1),
        *("--output", tmp_path),
    )
    assert "| beam search |" in shown
    for name in ("predictions.png", "dense_captioning.keras"):
        assert (tmp_path / name).exists()


def test_train_rooms(tmp_path):
    shown = run(
        *("train_rooms.py", "--tiny", "--balancing", "PCGrad"),
        *("--output", tmp_path),
    )
    for cell in ("| semantic | mean", "| depth    | abs", "| normals  | mean"):
        assert cell in shown
    assert "All tasks together: " in shown
    assert (tmp_path / "predictions.png").exists()


def test_balancing_toys(tmp_path):
    shown = run(
        *("balancing_toys.py", "--quick", "--only", "noise", "scales"),
        *("--output", tmp_path),
    )
    for cell in ("exp(s / 2)", "GradNorm's weight"):
        assert cell in shown
    assert (tmp_path / "scales.png").exists()


def test_find_landmarks(tmp_path):
    shown = run("find_landmarks.py", "--tiny", "--output", tmp_path)
    for cell in ("| fork ", "| all ", "median mm", "mean voxels, guessed"):
        assert cell in shown
    for name in ("slices.png", "landmarks.keras"):
        assert (tmp_path / name).exists()


@pytest.mark.parametrize(
    "data",
    [
        (),
        pytest.param(
            ("--data", PETS),
            marks=pytest.mark.skipif(
                not PETS.exists(), reason="the data set is not here"
            ),
        ),
    ],
)
def test_train_diagnosis(tmp_path, data):
    shown = run(
        *("train_diagnosis.py", "--images", 16, "--epochs", 1, *data),
        *("--filters", 4, "--output", tmp_path),
    )
    for cell in ("| kind    | accuracy", "| outline | mean_iou"):
        assert cell in shown
    assert (tmp_path / "predictions.png").exists()


@pytest.mark.parametrize(
    ("command", "options", "cells"),
    [
        ("compare", ("--seeds", 1), ("| alone", "| sum", "| NashMTL")),
        ("search", ("--trials", 2), ("| trial", "| digit_accuracy")),
    ],
)
def test_digit_experiments(tmp_path, command, options, cells):
    script = (ROOT / "examples/digit_experiments.py").read_text()
    sizes = '{"train": 2000, "validation": 500, "test": 1000}'
    assert sizes in script
    few = dict.fromkeys(("train", "validation", "test"), 32)
    script = script.replace(sizes, str(few))
    (tmp_path / "digits.py").write_text(f"{script}\nmethods = methods[-1:]\n")
    shown = run(
        *(ROOT / "mtvision/__main__.py", command, tmp_path / "digits.py"),
        *("--epochs", 1, "--folder", tmp_path, *options),
    )
    for cell in cells:
        assert cell in shown
    assert len([*tmp_path.glob("*/report.html")]) == 1
