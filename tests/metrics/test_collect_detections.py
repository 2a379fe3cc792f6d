import warnings

import keras
import numpy as np
import pytest

from mtvision.metrics import coco_evaluate, collect_detections

BOX, OTHER = [1.0, 1.0, 6.0, 6.0], [2.0, 2.0, 8.0, 8.0]


class Echo:
    """A detector that finds what the image tells: not functional."""

    def __init__(self, **found):
        self.found = found

    def predict_on_batch(self, inputs):
        rows = range(len(inputs))
        return {
            name: np.array([value for _ in rows])
            for name, value in self.found.items()
        }


DETECTOR = Echo(
    boxes=[BOX, OTHER, [0] * 4], scores=[0.9, 0.8, 0], classes=[0, 1, -1]
)


def batch(number=3, **fields):
    objects = {
        "boxes": np.array([[BOX, [0] * 4]] * number, "float32"),
        "classes": np.array([[0, -1]] * number),
        **fields,
    }
    return np.zeros((number, 8, 8, 3)), {"boxes": objects}


def collect(data, **options):
    return collect_detections(data, DETECTOR, verbose=0, **options)


def test_padding_is_dropped():
    truth, found = collect([batch(2), batch(1)])
    assert [len(image["classes"]) for image in truth] == [1, 1, 1]
    assert [len(image["boxes"]) for image in found] == [2, 2, 2]
    assert found[0]["scores"].tolist() == [0.9, 0.8]


@pytest.mark.parametrize(
    ("weights", "number"),
    [
        (None, 3),
        ({"boxes": [1, 0, 0.5]}, 2),
        ({"boxes": np.array([[1], [0], [0]])}, 1),
        ({"other": [0, 0, 0]}, 3),
        (np.array([0, 1, 0]), 1),
    ],
)
def test_samples_without_a_label_are_left_out(weights, number):
    truth, found = collect([(*batch(), weights)])
    assert len(truth) == len(found) == number


def test_boxes_of_nan_are_no_label_and_no_object_is_one():
    inputs, y_true = batch()
    y_true["boxes"]["boxes"][1] = np.nan
    y_true["boxes"]["classes"][2] = -1
    truth, _ = collect([(inputs, y_true)])
    assert [len(image["classes"]) for image in truth] == [1, 0]


def test_further_fields_go_along():
    fields = {
        "crowd": np.array([[1, -1]] * 3),
        "difficult": np.array([[0, -1]] * 3),
        "area": np.array([[9.0, 0]] * 3),
        "annotated": np.array([[1, 0]] * 3),
    }
    truth, _ = collect([batch(**fields)])
    assert {k: truth[0][k].tolist() for k in fields} == {
        "crowd": [1],
        "difficult": [0],
        "area": [9.0],
        "annotated": [1, 0],
    }


def test_class_that_is_not_annotated():
    truth, found = collect([batch(annotated=np.array([[1, 1]] * 3))])
    assert coco_evaluate(truth, found).scores["AP"] == pytest.approx(1)
    # As a class of its own, the second detection is wrong or left out.
    objects = {"classes": np.array([[0, 1], [0, -1]])}
    objects["boxes"] = np.array([[BOX, OTHER], [BOX, [0] * 4]])
    for annotated, score in (([1, 1], 0.5), ([1, 0], 1.0)):
        y = objects | {"annotated": np.array([[1, 1], annotated])}
        truth, found = collect([(np.zeros((2, 8, 8, 3)), {"boxes": y})])
        found[1]["scores"][1] = 0.95
        scores = coco_evaluate(truth, found).class_scores
        assert scores[1] == pytest.approx(score)


def test_masks_become_run_lengths():
    masks = np.zeros((1, 2, 8, 8), "uint8")
    masks[0, 0, 1:6, 1:6] = 1
    probable = np.concatenate([0.9 * masks[0], 0.2 * masks[0, :1]])
    detector = Echo(
        boxes=DETECTOR.found["boxes"],
        scores=[0.9, 0.8, 0],
        classes=[0, 1, -1],
        masks=probable,
    )
    truth, found = collect_detections(
        [batch(1, masks=masks)], detector, kind="masks", verbose=0
    )
    assert [len(each[0]["masks"]) for each in (truth, found)] == [1, 2]
    assert truth[0]["masks"] == found[0]["masks"][:1]
    assert coco_evaluate(truth, found, kind="masks").scores["AP"] > 0.99


def test_key_points():
    points = np.array([[[2.0, 3.0, 2.0]], [[0, 0, 0]]])
    detector = Echo(
        scores=[0.9, 0],
        classes=[0, -1],
        keypoints=points + np.array([0.1, 0, 0]),
    )
    data = [batch(2, keypoints=np.array([points] * 2))]
    truth, found = collect_detections(
        data, detector, kind="keypoints", verbose=0
    )
    assert truth[0]["keypoints"].shape == (1, 1, 3)
    result = coco_evaluate(truth, found, kind="keypoints", sigmas=[0.1])
    assert result.scores["AP"] == pytest.approx(1)


def test_tf_data():
    tf = pytest.importorskip("tensorflow")
    inputs, y_true = batch(4)
    data = tf.data.Dataset.from_tensor_slices((inputs, y_true)).batch(3)
    truth, _ = collect(data)
    assert len(truth) == 4
    assert len(collect(data.filter(lambda x, y: True))[0]) == 4
    with pytest.raises(ValueError, match=r"Leave out \.repeat"):
        collect(data.repeat())


def test_tensors_of_the_backend():
    inputs, y_true = batch(2)
    tensors = keras.tree.map_structure(
        keras.ops.convert_to_tensor, (inputs, y_true)
    )
    assert len(collect([tensors])[0]) == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (iter([batch()]), "received an iterator"),
        ([], "the data has none"),
        ([(*batch(), {"boxes": np.zeros(3)})], "found none in 1 batches"),
        ([(batch()[0], {"mask": 1})], r"Batch 0: .*'boxes', .*\['mask'\]"),
        ([(batch()[0], batch()[1]["boxes"])], "a dict for the task 'boxes'"),
        ([batch(), (batch()[0], 3)], "Batch 1: .* received no dict"),
        ([(batch()[0], {"boxes": {"boxes": 1}})], r"received \['boxes'\]"),
        ([batch(classes=np.zeros(3))], r"Batch 0: of the truth, .* \(3,\)"),
        ([batch(crowd=np.zeros((3, 1)))], r"\(3, 2\), but 'crowd' .*\(3, 1\)"),
    ],
)
def test_bad_data(data, message):
    with pytest.raises(ValueError, match=message):
        collect(data)


def test_a_detector_that_gives_something_else():
    with pytest.raises(ValueError, match="a detector that gives the fields"):
        collect_detections([batch()], Echo(boxes=[BOX]), verbose=0)
    short = Echo(boxes=[BOX], scores=[0.9, 0.8], classes=[0, 1])
    message = r"Batch 0: of a detector, .* but 'boxes' has \(3, 1, 4\)"
    with pytest.raises(ValueError, match=message):
        collect_detections([batch()], short, verbose=0)


def test_a_task_that_has_the_fields_is_named():
    inputs, y_true = batch()
    masks = {"masks": np.zeros((3, 2, 8, 8)), "classes": np.zeros((3, 2))}
    detector = Echo(masks=np.zeros((1, 8, 8)), scores=[0.9], classes=[0])
    data = [(inputs, {**y_true, "outline": masks})]
    options = {"kind": "masks", "verbose": 0}
    with pytest.raises(ValueError, match="Pass task='outline', which has"):
        collect_detections(data, detector, **options)
    with pytest.raises(ValueError, match="'mask', received.*task='outline'"):
        collect_detections(data, detector, **options, task="mask")


@pytest.mark.parametrize("as_dict", [True, False])
def test_a_detector_of_some_of_the_inputs(as_dict):
    """As that of a model that takes boxes of the truth while training."""
    image = keras.Input((8, 8, 3), name="image")
    box = image[:, :1, :4, 0]
    found = {"boxes": box, "scores": box[..., 2], "classes": box[..., 0] * 0}
    detector = keras.Model({"image": image} if as_dict else image, found)
    pixels, y_true = batch()
    pixels = pixels + 1 * (np.arange(8)[:, None] > 1)
    inputs = {"proposals": np.zeros((3, 2, 4)), "image": pixels}
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        truth, _ = collect_detections([(inputs, y_true)], detector, verbose=0)
    assert len(truth) == 3
