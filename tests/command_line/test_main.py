"""The whole command, with its exit codes, in a process of its own."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from mtvision.command_line import main
from mtvision.command_line.example import EXAMPLE
from mtvision.experiments import Comparison, load_search

TESTS = pathlib.Path(__file__).parents[1]


def start(*arguments, **environment):
    quiet = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.Popen(
        [sys.executable, "-m", "mtvision", *arguments],
        env={**quiet, "PYTHONPATH": f"{TESTS}:{TESTS.parent}", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stop(process, path, number):
    """Sends a signal once a path is there."""
    while not path.exists():
        assert process.poll() is None, process.stderr.read()[-3000:]
        time.sleep(0.1)
    process.send_signal(number)
    return process.communicate(timeout=300)


def test_help_comes_without_messages_of_a_backend():
    process = start("--help")
    said, errors = process.communicate()
    assert process.returncode == 0
    assert errors == ""
    for command in ("search", "compare", "report", "check", "show"):
        assert f"\n    {command} " in said


@pytest.mark.parametrize(
    "command", ["search", "compare", "report", "check", "show"]
)
def test_help_of_a_command_teaches(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    said = capsys.readouterr().out
    assert end.value.code == 0
    assert "Exit codes: 0" in said
    assert f"python -m mtvision {command} " in said.split("options:")[1]
    if command != "report":
        # argparse leaves one empty line of two.
        assert EXAMPLE.replace("\n\n\n", "\n\n") in said


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["train"],
        ["search"],
        ["search", "x.py", "--trials", "many"],
        ["search", "x.py", "--sampler", "best"],
        ["compare", "x.py", "--seeds", "0;1"],
        ["show", "a.keras", "b.keras"],
    ],
)
def test_wrong_words_end_with_2(words, capsys):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_an_interrupted_search_says_how_to_go_on(script, tmp_path):
    words = ["search", script("heartbeat = 2"), "--trials", "3"]
    hanging = tmp_path / "hanging"
    process = start(*words, HANG=str(hanging))
    said, errors = stop(process, hanging, signal.SIGINT)
    assert process.returncode == 130, errors
    assert said.startswith("trial 0 complete (1 of 3)")
    assert f"go on:\n  {sys.executable} -m mtvision search small.py" in errors
    assert "Traceback" not in errors
    before = load_search("runs/small").trials
    assert main(words) == 0
    after = load_search("runs/small").trials
    assert after[0] == before[0]
    assert [t["state"] for t in after].count("complete") == 3
    assert before[1]["parameters"] in [t["parameters"] for t in after[2:]]


def test_a_killed_comparison_repeats_nothing(script, tmp_path):
    words = ["compare", script()]
    hanging = tmp_path / "hanging"
    process = start(*words, HANG=str(hanging))
    stop(process, hanging, signal.SIGKILL)
    (before,) = Comparison("runs/small-methods").records
    assert main(words) == 0
    records = Comparison("runs/small-methods").records
    assert len(records) == 2 * 4
    assert before in records
