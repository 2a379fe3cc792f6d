"""Phrases are written at their boxes, proposals drawn thin."""

import numpy as np
import pytest

from mtvision.plotting import show

SIZE = 16
WORDS = ["", "<unknown>", "a", "red", "seven"]
NAMES = {"classes": ["zero", "seven"], "phrases": WORDS}
OBJECTS = {"boxes": "boxes", "classes": "classes"}
FIELDS = {"boxes": OBJECTS, "captions": {**OBJECTS, "phrases": "phrases"}}


def sample():
    return {
        "image": np.zeros((SIZE, SIZE, 3)),
        "boxes": np.array([[3.0, 5, 12, 9], [1, 6, 4, 9], [0, 0, 0, 0]]),
        "classes": np.array([1, 0, -1]),
        "phrases": np.array([[2, 3, 4, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
    }


def batch():
    """As of a model that takes boxes and phrases of the truth as inputs."""
    one = {name: value[None] for name, value in sample().items()}
    inputs = {
        "image": one["image"],
        "proposals": one["boxes"][:, :2],
        "phrases": one["phrases"][:, :2],
    }
    targets = {
        task: {name: one[name] for name in reads}
        for task, reads in FIELDS.items()
    }
    return inputs, targets


def texts(axis):
    return [text.get_text() for text in axis.texts]


def test_the_words_of_a_sample_stand_at_its_boxes():
    (axis,) = show(sample(), class_names=NAMES).axes
    assert texts(axis) == ["seven\na red seven", "zero"]
    assert axis.get_title() == ""
    assert len(axis.patches) == 4


def test_without_words_there_are_numbers():
    (axis,) = show(sample(), class_names=NAMES["classes"]).axes
    assert texts(axis)[0] == "seven\n2 3 4"
    with pytest.raises(ValueError, match="name for the class 3, received 3"):
        show(sample(), class_names={**NAMES, "phrases": WORDS[:3]})


def test_phrases_without_classes_and_long_ones():
    one = sample()
    del one["classes"]
    one["phrases"] = np.full((3, 12), 4)
    (axis,) = show(one, class_names=NAMES).axes
    assert texts(axis) == ["\n".join(["seven seven seven seven"] * 3)] * 2


@pytest.mark.parametrize("fields", [None, FIELDS])
def test_a_batch_and_what_a_detector_gives(fields):
    found = {name: value[None] for name, value in sample().items()}
    del found["image"]
    found["scores"] = np.array([[0.9, 0.1, 0]])
    found["phrase_scores"] = np.array([[-1.0, -2, 0]])
    figure = show(batch(), found, fields=fields, class_names=NAMES)
    truth, predicted = figure.axes
    assert truth.get_title() == "truth\nproposals: 2, thin lines"
    assert texts(truth) == ["seven\na red seven", "zero"]
    assert predicted.get_title() == "predicted"
    assert texts(predicted) == ["seven 90 %\na red seven"]


@pytest.mark.parametrize("name", ["proposals", "proposal_boxes"])
def test_proposals_are_thin(name):
    one = {"image": sample()["image"], name: sample()["boxes"]}
    (axis,) = show(one).axes
    assert axis.get_title() == f"{name}: 2, thin lines"
    assert not axis.patches
    (lines,) = axis.collections
    assert lines.get_linewidths()[0] < 1
    corners = lines.get_segments()[0]
    assert corners.min(axis=0).tolist() == [2.5, 4.5]
    assert corners.max(axis=0).tolist() == [11.5, 8.5]
    with pytest.raises(ValueError, match=r"expected the shape \(R, 4\)"):
        show(one | {name: np.zeros((2, 5))})
