from mtvision.command_line import main
from mtvision.experiments import load_search


def test_options_win_over_the_file(script, capsys):
    words = ["search", script(), "--trials", "1", "--seed", "3"]
    assert main([*words, "--folder", "here", "--name", "mine"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("trial 0 complete (1 of 1)")
    assert "| chosen trial |" in said
    assert said.endswith("\nThe report is here/mine/report.html.\n")
    with open("here/mine/report.html") as file:
        assert file.read().startswith("<!DOCTYPE html>")
    result = load_search("here/mine")
    assert result.settings["seed"] == 3
    assert result.settings["sampler"] == "random"
    assert len(result.trials) == 1


def test_a_second_call_shows_the_same(script, capsys):
    words = ["search", script(), "--verbose", "0"]
    assert main(words) == 0
    first = capsys.readouterr().out
    assert main(words) == 0
    assert capsys.readouterr().out == first
    assert first.startswith("small: 2 complete\n")


def test_what_the_file_lacks_is_named(script, capsys):
    assert main(["search", script("del space, epochs")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("mtvision search: error: small.py lacks `space`, ")
    assert "`epochs`, which `search` needs; " in said
    assert main(["search", "none.py"]) == 2
    assert "none.py" in capsys.readouterr().err


def test_errors_are_lines_unless_a_traceback_is_wanted(script, capsys):
    words = ["search", script("objectives = {'a_size': 'minimize'}")]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert said.startswith("mtvision search: error: ")
    assert "['a_size']" in said
    assert "Traceback" not in said
    assert main([*words, "--name", "other", "--traceback"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_search_without_a_result_ends_with_1(script, capsys):
    lines = """
    def build(rate):
        raise KeyError("no such layer")
    """
    assert main(["search", script(lines)]) == 1
    said = capsys.readouterr()
    assert "trial 0 failed: KeyError: 'no such layer'" in said.out
    assert "no such layer" in said.err


def test_a_comparison_is_not_mixed_in(script, capsys):
    words = [script(), "--name", "one", "--epochs", "1"]
    assert main(["search", *words]) == 0
    assert main(["compare", *words]) == 2
    assert "runs/one holds a search already" in capsys.readouterr().err
