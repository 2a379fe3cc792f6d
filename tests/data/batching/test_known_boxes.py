import numpy as np
import pytest

from mtvision import data

IMAGE = np.zeros((8, 8, 3), "uint8")
TARGETS = {"d": {"boxes": "boxes", "classes": "classes"}}


class Signs(list):
    """A source that knows its boxes, as readers do, and counts its reads."""

    def __init__(self, number, faulty=()):
        self.boxes = [
            np.array([[1, 1, 5, 5.0]] * (k % 3)) for k in range(number)
        ]
        for index, box in dict(faulty).items():
            self.boxes[index] = np.array([[0, 0, 4, 4], box], "float32")
        self.reads = 0
        self.files = [f"{k}.png" for k in range(number)]
        super().__init__(range(number))

    def __getitem__(self, index):
        self.reads += 1
        boxes = self.boxes[index].reshape(-1, 4)
        return {
            "image": IMAGE,
            "boxes": boxes,
            "classes": np.zeros(len(boxes), "int32"),
            "file": self.files[index],
        }

    def column(self, name):
        if name != "boxes":
            raise ValueError(name)
        return [*self.boxes[:-1], None]


def batches(source, **options):
    return data.Batches(source, TARGETS, max_objects=3, **options)


WRAPPED = {
    "alone": lambda source: source,
    "subset": lambda source: data.Subset(source, range(500)),
    "translated": lambda source: data.Translated(source),
    "mixed": lambda source: data.mix({"signs": source}),
}


@pytest.mark.parametrize("wrap", WRAPPED)
def test_faulty_boxes_are_found_when_built(wrap):
    source = Signs(500, {321: [3, 3, 3, 6], 400: [9, 9, 2, 2]})
    match = r"task 'd', field 'boxes', sample 321 \((signs: )?321.png\): box 1"
    with pytest.raises(ValueError, match=match) as caught:
        batches(WRAPPED[wrap](source))
    assert "of 2 samples" in str(caught.value)
    assert source.reads < 10


def test_not_where_they_are_mended_or_skipped():
    source = Signs(9, {7: [3, 3, 3, 6]})
    for options in ({"invalid_boxes": "drop"}, {"on_error": "skip"}):
        assert len(batches(source, **options)) == 1
    assert len(batches(Signs(9))) == 1
