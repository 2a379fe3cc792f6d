import re

from mtvision.experiments.report.markup import tag
from mtvision.experiments.report.table import facts, table


def test_numbers_stand_to_the_right_with_their_heading():
    text = table(["name", "iou"], [["<a>", None], ["b", 0.5]], marked=[1])
    assert '<th scope="col">name</th>' in text
    assert '<th scope="col" class="number">iou</th>' in text
    assert '<td class="number">0.5</td>' in text
    assert "<td>&lt;a&gt;</td>" in text
    assert re.findall(r"<tr[^>]*>", text) == [
        "<tr>",
        "<tr>",
        '<tr class="marked">',
    ]


def test_cells_of_ones_own():
    cell = tag("td", "+1", class_="result better")
    assert cell in table(["sum"], [[cell]])


def test_an_empty_table_has_its_heading():
    assert '<th scope="col">a</th>' in table(["a"], [])


def test_facts_leave_out_what_is_not_known():
    text = facts([("seed", 0), ("pruner", None), ("order", "a < b")])
    assert text.count("<dt>") == 2
    assert "<dd>0</dd>" in text
    assert "<dd>a &lt; b</dd>" in text
