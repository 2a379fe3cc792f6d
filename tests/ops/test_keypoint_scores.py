import numpy as np
import pytest

from batteries.backend import to_numpy
from mtvision.ops import COCO_KEYPOINTS
from mtvision.ops.keypoint_scores import (
    keypoint_distances,
    object_areas,
    object_boxes,
    object_keypoint_similarity,
    read_keypoints,
    reference_lengths,
    require_reference,
)

NAN = np.nan
RNG = np.random.default_rng(0)


def test_forms_of_truth():
    points = np.array([[[1, 2, 2], [3, 4, 0], [NAN, 1, 1]]], "float32")
    read = read_keypoints(points)
    assert to_numpy(read.given).tolist() == [[True, False, False]]
    assert to_numpy(read.points)[0].tolist() == [[1, 2], [0, 0], [0, 0]]
    places = np.array([[[1, 2], [NAN, 4], [np.inf, 1]]], "float32")
    assert to_numpy(read_keypoints(places).given).tolist() == [
        [True, False, False]
    ]
    assert (to_numpy(object_boxes(read)) == [[1, 2, 1, 2]]).all()


@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_minus_one_marks_missing_points(dtype):
    points = np.array([[[-1, -1], [5, -1], [3, 4]]], dtype)
    given = [[False, True, True]]
    assert to_numpy(read_keypoints(points).given).tolist() == given
    # A visibility knows better.
    points = np.insert(points, 2, [[2, 2, 0]], axis=2)
    given = [[True, True, False]]
    assert to_numpy(read_keypoints(points).given).tolist() == given


def test_a_misspelt_field_is_told():
    fields = {"keypoints": np.ones((1, 2, 3)), "bbox": np.ones((1, 4))}
    with pytest.raises(ValueError, match=r"'present', 'box', 'area'.*'bbox'"):
        read_keypoints(fields)
    with pytest.raises(ValueError, match=r"with 'keypoints'.*\['box'\]"):
        read_keypoints({"box": np.ones((1, 4))})


def test_boxes_and_areas_of_a_dict():
    points = np.tile([[[1.0, 2.0], [5.0, 4.0]]], (3, 1, 1))
    box = np.array([[0, 0, 9, 5], [NAN, 0, 0, 0], [0, 0, 0, 0]], "float32")
    read = read_keypoints({"keypoints": points, "box": box})
    assert to_numpy(object_areas(read)).tolist() == [45, 8, 8]
    area = np.array([7.0, NAN, -1.0])
    read = read_keypoints({"keypoints": points, "box": box, "area": area})
    assert to_numpy(object_areas(read)).tolist() == [7, 8, 8]


def test_lengths_that_are_not_known_are_zero():
    read = read_keypoints([[[1.0, 2, 0], [5, 4, 2]], [[0, 0, 2], [3, 4, 2]]])
    assert to_numpy(reference_lengths(read, (0, 1))).tolist() == [0, 5]


@pytest.mark.parametrize(
    "reference", ["size", (0, 0), (0, 2), (0,), 1.0, (0.0, 1.0)]
)
def test_wrong_references(reference):
    with pytest.raises(ValueError, match="Expected reference as None"):
        require_reference(reference, 2)


def test_similarity_is_pycocotools():
    coco = pytest.importorskip("pycocotools.coco")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    truth = RNG.uniform(0, 100, (4, 17, 3))
    truth[..., 2] = RNG.integers(0, 3, (4, 17))
    truth[:, 0, 2] = 2
    found = truth + RNG.normal(0, 8, truth.shape)
    areas = RNG.uniform(500, 5000, 4)
    expected = []
    for k in range(4):
        fields = {"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0}
        box = [0, 0, 100, 100]
        true = {
            **fields,
            "keypoints": truth[k].ravel().tolist(),
            "num_keypoints": int((truth[k, :, 2] > 0).sum()),
            "area": areas[k],
            "bbox": box,
        }
        guess = {**fields, "keypoints": found[k].ravel().tolist(), "score": 1.0}
        evaluated = evaluation.COCOeval(iouType="keypoints")
        evaluated.cocoGt = evaluated.cocoDt = coco.COCO()
        evaluated.params.imgIds, evaluated.params.catIds = [1], [1]
        evaluated._gts = {(1, 1): [true]}
        evaluated._dts = {(1, 1): [guess]}
        expected.append(float(evaluated.computeOks(1, 1)[0, 0]))
    read = read_keypoints(truth)
    similarity = object_keypoint_similarity(
        keypoint_distances(read, found),
        read.given,
        areas,
        COCO_KEYPOINTS.sigmas,
    )
    np.testing.assert_allclose(to_numpy(similarity), expected, rtol=1e-4)
