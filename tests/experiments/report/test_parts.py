from batteries.run_records import record
from mtvision.experiments.report import parts


def test_runs_without_weights_are_left_out():
    plain = {"history": {"loss": [1.0]}, "conflicts": None}
    assert parts.weights_over_time({"sum": plain}) == []
    assert parts.conflicts({"sum": plain}) == []


def test_a_run_with_weights_is_drawn():
    runs = {"PCGrad, seed 0": record()}
    for elements in (parts.weights_over_time(runs), parts.conflicts(runs)):
        assert "<figcaption>PCGrad, seed 0</figcaption>" in elements[1]


def test_errors_are_escaped():
    (element,) = parts.errors(
        [{"name": "a", "seed": 3, "error": "<x>", "traceback": "<y>"}]
    )
    assert "<b>a, seed 3</b> &lt;x&gt;" in element
    assert "<pre>&lt;y&gt;</pre>" in element


def test_versions_seeds_and_command():
    runs = [record() | {"seed": seed} for seed in range(20)]
    text = "".join(filter(None, parts.origin(runs, "python a.py '<b>'")))
    assert "python a.py &#x27;&lt;b&gt;&#x27;</pre>" in text
    assert f"<td>{record()['versions']['keras']}</td>" in text
    assert "The seeds of 20 runs" in text
    assert "17, 18, 19</pre>" in text


def test_before_the_first_run_only_the_command_is_known():
    assert parts.origin([], None) == [None]
    assert "python a.py" in parts.origin([], "python a.py")[0]
