import re

from mtvision.experiments.report.significance import significance

PAIRS = [
    {"a": "sum", "b": "UPGrad", "difference": -2.0, "p": 0.0004},
    {"a": "sum", "b": "<b>", "difference": 1.0, "p": 0.3},
    {"a": "UPGrad", "b": "<b>", "difference": 3.0, "p": 0.04},
]


def test_every_pair_stands_twice_with_opposite_signs():
    _, table = significance(["UPGrad", "sum", "<b>", "no runs"], PAIRS)
    cells = re.findall(r'<td class="(result[^"]*)">([^<]*)<br>', table)
    assert cells == [
        ("result better", "+2.0"),
        ("result better", "+3.0"),
        ("result worse", "-2.0"),
        ("result", "+1.0"),
        ("result worse", "-3.0"),
        ("result", "-1.0"),
    ]
    assert table.count("p &lt; 0.001") == 2
    assert "<b>&lt;b&gt;</b>" in table
    assert "no runs" not in table


def test_a_reason_instead_of_a_table():
    assert significance(["a"], "One seed < 2.") == ["<p>One seed &lt; 2.</p>"]
    assert significance(["a"], None) == []
