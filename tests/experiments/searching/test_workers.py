"""Several processes in one study, some of which die."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import uuid

import pytest

from mtvision.experiments import load_search

# SQLite, and servers that may be written to, as URLs between spaces.
URLS = [None, *os.environ.get("MTVISION_TEST_DATABASES", "").split()]
TESTS = pathlib.Path(__file__).parents[2]
PATHS = [str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")]


def start(folder, *arguments):
    command = [sys.executable, "-m", "batteries.small_search", folder]
    return subprocess.Popen(
        [*map(str, command), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(PATHS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process):
    said, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors[-3000:]
    return said


def wait_for(path, process):
    while not path.exists():
        assert process.poll() is None, process.stderr.read()[-3000:]
        time.sleep(0.1)


@pytest.mark.parametrize("place", range(len(URLS)))
def test_a_killed_worker_loses_no_finished_trial(tmp_path, place):
    """One worker is killed in its second trial; two others go on."""
    name, url = f"small {uuid.uuid4()}", URLS[place]
    options = ["--name", name, *(["--storage", url] if url else [])]
    hanging = tmp_path / "hanging"
    dying = start(tmp_path, *options, "--hang", hanging, "--hang-in", 1)
    wait_for(hanging, dying)
    (before,) = (
        trial
        for trial in load_search(tmp_path / name, storage=url).trials
        if trial["state"] == "complete"
    )
    dying.send_signal(signal.SIGKILL)
    dying.communicate()
    others = [start(tmp_path, *options), start(tmp_path, *options)]
    said = [end(other) for other in others]
    result = load_search(tmp_path / name, storage=url)
    numbers = [trial["number"] for trial in result.trials]
    assert numbers == list(range(len(numbers)))
    assert result.trials[0] == before
    killed = result.trials[1]
    assert (killed["state"], killed["error"]) == ("interrupted", None)
    complete = [t for t in result.trials if t["state"] == "complete"]
    assert killed["parameters"] in [t["parameters"] for t in complete]
    assert len(complete) >= 4
    # One of them has measured the chosen trial, both know the result.
    assert (tmp_path / "test.txt").read_text() == "made\n"
    assert all("| chosen trial |" in each for each in said)
