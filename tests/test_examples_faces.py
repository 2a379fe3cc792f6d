"""The example of faces runs from end to end, on little data."""

import pathlib

import pytest

from batteries.examples import ROOT, run

ORL = ROOT / "../shared/data/face_verification_orl"


@pytest.mark.parametrize("data", [(), ("--data", ORL)])
def test_recognise_faces(tmp_path, data):
    if not all(map(pathlib.Path.exists, data[1:])):
        pytest.skip("the data set is not here")
    shown = run("recognise_faces.py", "--tiny", "--output", tmp_path, *data)
    for cell in ("| learned  ", "| pixels  ", "| both  ", "| TAR at FAR 1 % |"):
        assert cell in shown
    assert (tmp_path / "roc.png").exists()
