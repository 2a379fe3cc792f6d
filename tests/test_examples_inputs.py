"""The examples of several inputs and outputs run, on little data."""

import pytest

from batteries.examples import run


@pytest.mark.parametrize(
    ("arguments", "cells", "files"),
    [
        (
            ["price_clothing.py"],
            ("| constant ", "| three averaged ", "| joint ", "| without text "),
            ("prices.png",),
        ),
        (
            ["date_novels.py"],
            ("| date  | mae ", "| genre | sparse", "'zyx qwv'", ": ''"),
            ("dates.png", "novels.keras"),
        ),
        (
            ["profile_posts.py", "--methods", "PCGrad", "LogLoss"],
            ("| constant ", "| alone ", "| (0.25, 1, 10) ", "| PCGrad "),
            ("methods.png",),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_example(tmp_path, arguments, cells, files):
    shown = run(*arguments, "--tiny", "--output", tmp_path)
    for cell in cells:
        assert cell in shown
    for name in files:
        assert (tmp_path / name).exists()
