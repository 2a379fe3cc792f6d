import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

import mtvision as mtv
from batteries.properties import cases
from mtvision.plotting import show

IMAGE = np.full((10, 20, 3), 99, "uint8")
MASK = np.zeros((10, 20), "int32")
MASK[2:6, 3:9] = 1


def sample(**labels):
    return {"image": IMAGE, **labels}


def titles(*arguments, **options):
    figure = show(*arguments, **options)
    return [axis.get_title().splitlines() for axis in figure.axes]


def outlines(axis):
    """The boxes; each is drawn twice, over a dark rim."""
    return [p for p in axis.patches if isinstance(p, Rectangle)][1::2]


def texts(axis):
    return [text.get_text() for text in axis.texts]


def legend(axis):
    found = axis.get_legend()
    return [] if found is None else [t.get_text() for t in found.get_texts()]


def test_objects_have_outlines_names_and_masks():
    masks = np.stack([MASK, np.roll(MASK, 8, axis=1)]).astype("uint8")
    axis = show(
        sample(
            boxes=np.array([[3, 2, 9, 6], [11, 2, 17, 6.0]]),
            classes=np.array([1, 0]),
            masks=masks,
            crowd=np.array([0, 1]),
        ),
        class_names=["cat", "dog"],
    ).axes[0]
    places = [patch.get_bbox().extents.tolist() for patch in outlines(axis)]
    assert places == [[2.5, 1.5, 8.5, 5.5], [10.5, 1.5, 16.5, 5.5]]
    assert [p.get_linestyle() for p in outlines(axis)] == ["-", "--"]
    assert texts(axis) == ["dog", "cat"]
    overlay = axis.images[1].get_array()
    colours = np.unique(overlay.reshape(-1, 4), axis=0)
    assert len(colours) == 3, "one for each instance, and none"
    np.testing.assert_array_equal(overlay[..., 3] > 0, masks.any(axis=0))


def test_key_points_are_filled_hollow_or_left_out():
    points = [[[1, 1, 2], [5, 5, 1], [0, 0, 0], [8, 8, 2]]]
    axis = show(
        sample(keypoints=np.array(points, "float32")),
        skeleton=[(0, 1), (1, 2), (0, 3)],
    ).axes[0]
    visible, hidden = axis.lines
    assert visible.get_xydata().tolist() == [[0.5, 0.5], [7.5, 7.5]]
    assert hidden.get_xydata().tolist() == [[4.5, 4.5]]
    assert hidden.get_markerfacecolor() == "none"
    assert visible.get_markerfacecolor() != "none"
    (bones,) = (c for c in axis.collections if isinstance(c, LineCollection))
    assert len(bones.get_segments()) == 2, "none to what is not labelled"


def test_key_points_of_two_numbers():
    points = np.array([[1, 1], [np.nan, np.nan], [4, 4]])
    (line,) = show(sample(keypoints=points)).axes[0].lines
    assert len(line.get_xdata()) == 2


def test_a_skeleton_beyond_the_key_points():
    with pytest.raises(ValueError, match="COCO counts from 1"):
        show(sample(keypoints=np.ones((2, 3))), skeleton=[(1, 2)])


def test_a_map_has_a_legend_of_the_classes_that_are_there():
    numbers = MASK.copy()
    numbers[:2] = 3
    numbers[9] = 255
    names = {"semantic": ["background", "cat", "dog", "cow"]}
    figure = show(sample(semantic=numbers), class_names=names)
    (axis,) = figure.axes
    assert legend(axis) == ["cow", "cat"], "the largest first"
    drawn = axis.images[1].get_array()[..., 3] > 0
    np.testing.assert_array_equal(drawn, (numbers > 0) & (numbers < 255))
    names = {"semantic": ["sky", "cat", "dog", "cow"]}
    (axis,) = show(sample(semantic=numbers), class_names=names).axes
    assert legend(axis) == ["sky", "cow", "cat"]


def test_panoptic_maps_have_seams_and_classes():
    segments = np.full((10, 20), -1)
    segments[:, :5], segments[:, 5:10], segments[:, 10:15] = 1001, 1002, 2000
    names = {"semantic": ["a", "cow", "grass"]}
    axis = show(sample(panoptic=segments), class_names=names).axes[1]
    assert legend(axis) == ["cow", "grass"]
    overlay = axis.images[1].get_array()
    assert len(np.unique(overlay.reshape(-1, 4), axis=0)) == 4
    assert (overlay[:, 15:] == 0).all()
    seams = axis.images[2].get_array()[0, :, 3]
    assert np.flatnonzero(seams).tolist() == [4, 5, 9, 10, 14, 15]


def test_depth_has_a_panel_and_one_scale_for_truth_and_prediction():
    depth = np.linspace(1, 2, 200).reshape(10, 20)
    depth[0, 0] = np.nan
    figure = show(sample(depth=depth), {"depth": depth[..., None] + 2})
    _, true, guess = figure.axes
    assert [axis.get_title() for axis in (true, guess)] == [
        "depth",
        "predicted depth",
    ]
    limits = np.nanmin(depth), np.nanmax(depth) + 2
    for axis in (true, guess):
        np.testing.assert_allclose(axis.images[0].get_clim(), limits)
        (bar,) = axis.child_axes
        assert bar.get_xlabel() == "m"
        assert axis.images[0].get_array().mask.sum() == 1


def test_labels_of_the_whole_image_are_written():
    found = sample(
        file="a/b/c.jpg",
        label=1,
        attributes=np.array([1, 0, np.nan, 1]),
        caption="two cows",
        identity=7,
        count=3,
        same=1,
    )
    names = {"label": ["cat", "dog"], "attributes": list("wxyz")}
    assert titles(found, class_names=names) == [
        [
            "c.jpg",
            "label: dog",
            "attributes: w, z (1 not given)",
            "caption: two cows",
            "identity: 7",
            "count: 3",
            "same: yes",
        ]
    ]


def test_unknown_fields_are_told_by_their_type_and_shape():
    found = sample(
        breed=np.int32(2),
        outline=MASK,
        heat=np.ones((10, 20), "float32"),
        features=np.ones((7, 3)),
    )
    figure = show(found)
    title = figure.axes[0].get_title().splitlines()
    assert title == ["breed: 2", "features: 7 x 3 float64"]
    assert legend(figure.axes[0]) == ["1"]
    assert figure.axes[1].get_title() == "heat"


def test_names_are_no_formulas_and_not_hidden(tmp_path):
    found = sample(
        semantic=MASK + 1,
        caption="$x_$ for $",
        boxes=np.array([[1, 1, 5, 5.0]]),
        classes=np.array([0]),
    )
    names = {"semantic": ["a", "_stuff_", "$y^$"], "classes": ["$^$"]}
    figure = show(found, class_names=names)
    figure.savefig(tmp_path / "a.png")
    (axis,) = figure.axes
    assert axis.get_title() == "caption: $x_$ for $"
    assert legend(axis) == ["_stuff_", "$y^$"]
    assert texts(axis) == ["$^$"]


def test_what_is_missing_is_listed_and_not_drawn():
    found = sample(
        label=-1,
        boxes=None,
        classes=None,
        depth=np.full((10, 20), np.nan),
        semantic=np.full((10, 20), -1),
        caption=None,
    )
    figure = show(found)
    (axis,) = figure.axes
    title = "missing: label, boxes, depth, semantic, caption"
    assert " ".join(axis.get_title().splitlines()) == title
    assert len(axis.images) == 1
    assert not axis.patches


def test_no_objects_are_a_label():
    nothing = sample(boxes=np.zeros((0, 4)), classes=np.zeros(0, "int32"))
    assert titles([nothing, sample()]) == [
        ["boxes: none"],
        ["missing: boxes"],
    ]


def test_an_absent_object_has_no_box():
    absent = sample(present=np.float32(0), box=np.zeros(4))
    figure = show(absent)
    assert figure.axes[0].get_title() == "present: no"
    assert not figure.axes[0].patches
    there = sample(present=np.float32(1), box=np.array([1, 1, 4, 4]))
    assert len(outlines(show(there).axes[0])) == 1
    assert titles(there) == [[]]


@pytest.mark.parametrize("kind", ["list", "tuple"])
def test_several_images_stand_side_by_side(kind):
    pair = {"first_image": IMAGE, "second_image": IMAGE[:, :8], "same": 0}
    batch = [pair] * 3 if kind == "list" else (pair,) * 3
    found = titles(batch, [{"same": 0.9}] * 3, num_images=1)
    assert found == [["same: no", "✗ predicted same: yes"], ["second_image"]]


def test_labels_lie_on_the_image_of_their_prefix():
    found = {
        "image": IMAGE,
        "right_image": IMAGE,
        "right_boxes": np.array([[1, 1, 5, 5.0]]),
        "boxes": np.array([[1, 1, 5, 5.0], [2, 2, 6, 6]]),
    }
    left, right = show(found).axes
    assert len(outlines(left)) == 2
    assert len(outlines(right)) == 1


class Source:
    classes = ("cat", "dog")

    def __len__(self):
        return 3

    def __getitem__(self, index):
        found = sample(label=np.int32(index - 1), semantic=MASK)
        if index < 2:
            found["boxes"] = np.array([[1, 1, 5, 5]] * (index + 1), "float32")
            found["classes"] = np.arange(index + 1)
            found["present"] = np.float32(1)
            found["box"] = found["boxes"][0]
        return found


TARGETS = {
    "digit": "label",
    "objects": {"boxes": "boxes", "classes": "classes"},
    "head": ("present", "box"),
    "outline": "semantic",
}


def batches(max_objects):
    return mtv.data.Batches(
        Source(), TARGETS, batch_size=3, max_objects=max_objects
    )


def drawn(figure):
    """What the figure shows, for comparing figures."""
    return [
        (axis.get_title(), texts(axis), len(axis.patches), len(axis.images))
        for axis in figure.axes
    ]


def test_batches_show_what_their_samples_show():
    found = batches(5)
    figure = show(found[0], fields=found.targets)
    lines = [axis.get_title().splitlines() for axis in figure.axes]
    assert lines == [
        ["missing: label"],
        ["label: 0"],
        ["label: 1", "missing: boxes, box"],
    ]
    assert [len(outlines(axis)) for axis in figure.axes] == [2, 3, 0]
    assert drawn(figure)[0] == drawn(show(found.source[0]))[0]


@given(rows=st.integers(2, 12))
@cases(5)
def test_more_padding_shows_the_same(rows):
    found = show(batches(rows)[0], fields=TARGETS)
    assert drawn(found) == drawn(show(batches(2)[0], fields=TARGETS))


@pytest.mark.parametrize("padding", [0, 3])
def test_padding_without_classes(padding):
    boxes = np.zeros((2 + padding, 4))
    boxes[:2] = [[1, 1, 5, 5], [2, 2, 7, 7]]
    assert len(outlines(show(sample(boxes=boxes)).axes[0])) == 2


def test_predictions_have_the_structure_of_the_targets():
    found = batches(4)
    inputs, truth, weights = found[0]
    logits = np.zeros((3, 10, 20, 2))
    logits[..., 1] = np.where(MASK, 5, -5)
    predicted = {
        "digit": np.array([[0.9, 0.1], [0.2, 0.8], [0.2, 0.8]]),
        "head": np.nan_to_num(truth["head"], nan=1.0),
        "objects": {
            "boxes": truth["objects"]["boxes"],
            "classes": np.where(truth["objects"]["classes"] >= 0, 0, -1),
            "scores": np.full((3, 4), 0.75),
        },
        "outline": logits,
    }
    names = {"label": ["cat", "dog"], "classes": ["cat", "dog"]}
    options = {"fields": found.targets, "class_names": names}
    figure = show((inputs, truth, weights), predicted, **options)
    guesses = [axis.get_title().splitlines() for axis in figure.axes[1::2]]
    assert guesses[0] == [
        "predicted",
        "label: cat (90 %)",
        "box: IoU 1.00",
        "semantic: 100.0 % of pixels right",
    ]
    assert guesses[1][1] == "✗ label: dog (80 %)"
    assert guesses[2] == [
        "predicted",
        "label: dog (80 %)",
        "boxes: none",
        "semantic: 100.0 % of pixels right",
    ]
    assert texts(figure.axes[1]) == ["cat 75 %"]
    # The second object is of the other class.
    assert texts(figure.axes[3]) == ["cat 75 %", "✗ cat 75 %"]


def test_decoded_fields_need_no_structure():
    truth = sample(label=1, box=np.array([1, 1, 5, 5.0]))
    guess = {"label": 0, "score": 0.6, "box": np.array([11, 1, 15, 5.0])}
    assert titles(truth, guess)[1] == [
        "predicted",
        "✗ label: 0 (60 %)",
        "✗ box: IoU 0.00",
    ]


def test_detections_of_a_task_named_as_one_of_its_fields():
    objects = {
        "boxes": np.array([[[3, 2, 9, 6.0]]]),
        "classes": np.array([[1]]),
    }
    found = {**objects, "scores": np.array([[0.75]])}
    axes = show(
        (IMAGE[None], {"boxes": objects}),
        {"boxes": found},
        fields={"boxes": {"boxes": "boxes", "classes": "classes"}},
        class_names=["cat", "dog"],
    ).axes
    assert texts(axes[0]) == ["dog"]
    assert texts(axes[1]) == ["dog 75 %"]


EMPTY = {"boxes": np.zeros((1, 2, 4)), "classes": np.array([[-1, -1]])}
ONE = {"boxes": np.array([[[3, 2, 9, 6.0]]]), "classes": np.array([[1]])}


@pytest.mark.parametrize(
    ("true", "expected"), [(EMPTY, "boxes: none"), (ONE, "✗ boxes: none")]
)
def test_no_detection_is_right_where_nothing_is(true, expected):
    images, found = IMAGE[None], {**EMPTY, "scores": np.zeros((1, 2))}
    assert titles((images, true), found)[1] == ["predicted", expected]


@pytest.mark.parametrize("names", [("cells",), ("cells_map", "cells_size")])
def test_detections_without_their_task(names):
    """What a detector gives, in one call."""
    reads = {"boxes": "boxes", "classes": "classes"}
    fields = {"digit": "label"} | dict.fromkeys(names, reads)
    found = mtv.data.Batches(Source(), fields, batch_size=3, max_objects=4)
    batch = found[0]
    detections = batch[1][names[0]] | {"scores": np.full((3, 4), 0.75)}
    bare = drawn(show(batch, detections, fields=fields))
    by_task = {names[0]: detections}
    assert bare == drawn(show(batch, by_task, fields=fields))
    rows = [{k: v[row] for k, v in detections.items()} for row in range(3)]
    assert bare == drawn(show(batch, rows, fields=fields))


def test_detections_of_one_of_several_tasks():
    fields = {
        "cats": {"boxes": "cat_boxes", "classes": "cat_classes"},
        "dogs": {"boxes": "dog_boxes", "classes": "dog_classes"},
    }
    objects = {"boxes": np.zeros((1, 2, 4)), "classes": np.zeros((1, 2))}
    batch = np.zeros((1, *MASK.shape[-2:], 3)), dict.fromkeys(fields, objects)
    detections = objects | {"scores": np.ones((1, 2))}
    with pytest.raises(ValueError, match="{'cats': detections}"):
        show(batch, detections, fields=fields)


def test_unsure_detections_are_not_drawn():
    found = {**ONE, "scores": np.array([[0.4]])}
    images = IMAGE[None]
    axes = show((images, ONE), found).axes
    assert texts(axes[1]) == ["1 40 %"]
    axes = show((images, ONE), found, score_threshold=0.5).axes
    assert texts(axes[1]) == []


def test_a_decoder_of_one_task_may_give_several_fields():
    images = np.zeros((1, 10, 20, 3))
    truth = {"breed": np.array([1])}
    guess = {"breed": {"label": np.array([0]), "score": np.array([0.5])}}
    assert titles((images, truth), guess, fields={"breed": "breed"}) == [
        ["truth", "breed: 1"],
        ["predicted", "✗ breed: 0 (50 %)"],
    ]


def test_pictures_go_on_in_the_next_row():
    found = [sample(depth=np.ones((10, 20)))] * 3
    assert len(show(found, columns=2).axes) == 6
    bottoms = {round(a.get_position().y0, 4) for a in show(found).axes}
    assert len(bottoms) == 2
    assert len(show(found, num_images=2).axes) == 4


def test_titles_legends_and_pictures_do_not_overlap():
    found = sample(
        caption=" ".join(["word"] * 40),
        masks=MASK[None],
        semantic=MASK,
        depth=np.ones((10, 20)),
    )
    figure = show([found] * 3, columns=2)
    figure.canvas.draw()
    boxes = [axis.get_tightbbox() for axis in figure.axes]
    for k, one in enumerate(boxes):
        assert one.x0 >= 0
        assert one.y0 >= 0
        assert one.y1 <= figure.bbox.y1
        for other in boxes[k + 1 :]:
            assert not one.overlaps(other)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("boxes", np.zeros((2, 5)), r"\(M, 4\)"),
        ("boxes", np.zeros(4), r"\(M, 4\)"),
        ("cat_masks", np.zeros((2, 5, 5)), "size of the image 10 x 20"),
        ("depth", np.zeros((5, 5)), "size of the image 10 x 20"),
        ("keypoints", np.zeros((2, 4)), r"\(M, K, 3\)"),
        ("label", np.zeros((2, 4), "int32"), "one number"),
        ("attributes", np.zeros((2, 4)), r"\(N,\)"),
        ("left_image", np.zeros((3, 10, 20)), r"\(H, W, C\)"),
    ],
)
def test_wrong_shapes_are_named(field, value, expected):
    with pytest.raises(ValueError, match=f"{field}.*{expected}"):
        show(sample(**{field: value}))


def test_objects_have_as_many_rows():
    with pytest.raises(ValueError, match="'boxes': 2, 'classes': 3"):
        show(sample(boxes=np.ones((2, 4)), classes=np.ones(3, "int32")))


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ({}, "field 'image'"),
        ({"label": 3}, "field 'image'"),
        ([], "list of samples"),
        (IMAGE, "a sample"),
        ((IMAGE[None], np.zeros(1)), "dict of targets by task"),
        ((IMAGE[None], {"label": np.zeros(2)}), "one length B.*'label': 2"),
    ],
)
def test_other_forms_are_refused(batch, message):
    with pytest.raises(ValueError, match=message):
        show(batch)


def test_predictions_of_another_length_are_refused():
    with pytest.raises(ValueError, match="for 1 samples, received 2"):
        show([sample()], [{}, {}])


def test_a_task_that_the_batch_lacks():
    with pytest.raises(ValueError, match=r"\['digti'\].*\['digit'\]"):
        show(
            (IMAGE[None], {"digit": np.zeros(1, "int32")}),
            fields={"digti": "label"},
        )


def test_joined_vectors_of_another_length_are_refused():
    batch = IMAGE[None], {"head": np.zeros((1, 6))}
    with pytest.raises(ValueError, match=r"'head'.*\(1, 6\)"):
        show(batch, fields={"head": ("box", "present", "box")})


def test_no_window_is_opened(tmp_path):
    before = "matplotlib.pyplot" in sys.modules
    show(sample(semantic=MASK)).savefig(tmp_path / "a.png")
    assert ("matplotlib.pyplot" in sys.modules) == before
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_attributes_that_are_not_given_are_not_judged():
    truth = sample(attributes=np.array([1, np.nan, 0]))
    found = titles(truth, {"attributes": np.array([0.9, 0.8, 0.1])})
    assert found[1] == ["predicted", "attributes: 0, 1"]
    found = titles(truth, {"attributes": np.array([0.9, 0.8, 0.7])})
    assert found[1] == ["predicted", "✗ attributes: 0, 1, 2"]


def test_areas_of_objects_are_not_drawn():
    sample = {
        "image": np.zeros((8, 8, 3)),
        "boxes": np.array([[1, 1, 5, 5]]),
        "classes": np.array([0]),
        "area": np.array([np.nan]),
    }
    for area in ([np.nan], [7.0]):
        figure = show(sample | {"area": np.array(area)})
        assert [axis.get_title() for axis in figure.axes] == [""]
