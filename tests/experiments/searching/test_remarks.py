from mtvision.experiments.searching.remarks import remarks

UP, DOWN = {"a": "maximize"}, {"a": "minimize"}


def said(before, valid, test, directions):
    """What is said after the remark that always is."""
    trials = [
        {"number": 1, "state": "complete", "values": {"a": before}},
        {"number": 2, "state": "failed", "values": {}},
    ]
    record = {"validation": {"a": valid}, "test": {"a": test}}
    found = remarks(trials, {"number": 1, "record": record}, directions)
    assert found[0].startswith("The best of 1 trials is chosen")
    return found[1:]


def test_more_than_five_percent_worse_is_a_warning():
    (line,) = said(0.8, 0.8, 0.6, UP)
    assert line.startswith("a is 25 % worse on the test split (0.6)")
    (line,) = said(2.0, 2.0, 2.2, DOWN)
    assert line.startswith("a is 10 % worse")
    assert said(0.8, 0.8, 0.77, UP) == said(0.8, 0.8, 0.9, UP) == []
    assert said(-1.0, -1.0, -1.02, UP) == said(2.0, 2.0, 1.0, DOWN) == []


def test_a_training_that_does_not_repeat_itself_is_a_warning():
    (line,) = said(0.8, 0.7, 0.7, UP)
    assert "does not repeat itself" in line


def test_what_is_not_measured_is_left_out():
    assert remarks([], None, UP) == []
    assert said(1.0, None, None, UP) == []
