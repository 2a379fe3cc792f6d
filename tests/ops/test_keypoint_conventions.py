import numpy as np
import pytest

from mtvision.data.readers.keypoint_names import flip_pairs
from mtvision.ops import COCO_KEYPOINTS, LSP_KEYPOINTS

CONVENTIONS = pytest.mark.parametrize(
    ("points", "number"), [(COCO_KEYPOINTS, 17), (LSP_KEYPOINTS, 14)]
)


@CONVENTIONS
def test_pairs_are_those_the_names_tell(points, number):
    assert len(set(points.names)) == number
    assert sorted(points.flip_pairs) == flip_pairs(list(points.names))


@CONVENTIONS
def test_a_skeleton_hangs_together(points, number):
    joined = {0}
    for _ in range(number):
        joined |= {
            k for bone in points.skeleton for k in bone if set(bone) & joined
        }
    assert joined == set(range(number))


@CONVENTIONS
def test_a_skeleton_looks_alike_in_a_mirror(points, number):
    order = np.arange(number)
    for left, right in points.flip_pairs:
        order[[left, right]] = right, left
    bones = {frozenset(bone) for bone in points.skeleton}
    assert {frozenset(order[list(bone)].tolist()) for bone in bones} == bones


def test_sigmas_are_pycocotools():
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    wanted = evaluation.Params(iouType="keypoints").kpt_oks_sigmas
    np.testing.assert_allclose(COCO_KEYPOINTS.sigmas, wanted)
