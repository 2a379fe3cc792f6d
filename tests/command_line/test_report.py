import pathlib

from mtvision.command_line import main


def test_reports_are_written_from_what_is_there(script, capsys):
    words = [script(), "--verbose", "0"]
    assert main(["search", *words]) == 0
    assert main(["compare", *words, "--seeds", "1"]) == 0
    capsys.readouterr()
    pathlib.Path("small.py").unlink()
    pathlib.Path("runs/small/report.html").unlink()
    assert main(["report", "runs/small"]) == 0
    assert "2 complete" in capsys.readouterr().out
    assert pathlib.Path("runs/small/report.html").exists()
    words = ["runs/small-methods", "--output", "methods.html"]
    assert main(["report", *words]) == 0
    assert "| UPGrad | 1 " in capsys.readouterr().out
    assert "UPGrad" in pathlib.Path("methods.html").read_text()


def test_a_folder_of_something_else(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 2
    assert "['comparison.json', 'search.json']" in capsys.readouterr().err
