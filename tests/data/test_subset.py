import numpy as np

from mtvision.data import Subset
from mtvision.data.readers.findings import Findings


class Photos(list):
    files = ("a.png", "b c.png", "d.png")
    findings = Findings(
        {"tiny": ["d.png (2)", "b c.png: x"], "left out": ["e.png"]}
    )

    def column(self, name):
        columns = {
            "label": np.arange(3),
            "boxes": [np.zeros((0, 4)), None, np.ones((2, 4))],
        }
        return columns[name]

    def report(self):
        return f"{len(self)} samples in photos\n{self.findings}"


def test_a_part_says_what_concerns_it():
    part = Subset(Photos("abd"), [2, 0])
    assert part.findings == {"tiny": ["d.png (2)"]}
    assert part.report() == ("2 of 3 samples in photos\ntiny: 1 (d.png (2))")
    assert part.column("label").tolist() == [2, 0]
    boxes = part.column("boxes")
    assert [len(each) for each in boxes] == [2, 0]
    assert Subset(Photos("abd"), [1]).column("boxes") == [None]


def test_lists_say_nothing_of_files():
    part = Subset("abc", [0])
    for name in ("files", "path", "findings", "column", "report"):
        assert not hasattr(part, name)
