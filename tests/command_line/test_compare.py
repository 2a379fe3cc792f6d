import argparse

import pytest

from mtvision.command_line import main
from mtvision.command_line.compare import read_seeds
from mtvision.experiments import Comparison


def test_a_comparison_and_a_later_seed(script, capsys):
    words = ["compare", script(), "--seeds"]
    assert main([*words, "1"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("seed 0  sum")
    assert "| UPGrad | 1 " in said
    assert said.endswith("The report is runs/small-methods/report.html.\n")
    assert main([*words, "0,5", "--verbose", "0"]) == 0
    assert capsys.readouterr().out.startswith("| method ")
    assert Comparison("runs/small-methods").settings["seeds"] == [0, 5]


def test_failed_runs_end_with_1(script, capsys):
    lines = """
    right = build


    def build(balancing=None):
        if balancing is not None:
            raise ValueError("too hard")
        return right(balancing=balancing)
    """
    assert main(["compare", script(lines), "--seeds", "1"]) == 1
    said = capsys.readouterr().out
    assert "UPGrad, seed 0: failed, ValueError: too hard" in said
    assert "The report is" in said


def test_seeds_are_a_number_or_a_list():
    assert read_seeds("4") == 4
    assert read_seeds("0,7") == [0, 7]
    with pytest.raises(argparse.ArgumentTypeError, match="'a'"):
        read_seeds("a")
