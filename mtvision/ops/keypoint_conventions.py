"""Which points of a person data sets name, and in which order."""

from typing import NamedTuple


class KeypointConvention(NamedTuple):
    """The key points of one kind of object, counted from 0.

    Args:
        names: K names; left and right are the person's own.
        flip_pairs: Pairs of points that change places in a mirrored image.
        skeleton: Pairs of points to draw lines between.
        sigmas: How far annotators differ for each point, as a share of the
            object's size, for object key point similarity; `None` where
            nobody measured it.
    """

    names: tuple
    flip_pairs: tuple
    skeleton: tuple
    sigmas: tuple | None = None


# Lin et al., Microsoft COCO, 2014. Sigmas as in pycocotools' `kpt_oks_sigmas`.
COCO_KEYPOINTS = KeypointConvention(
    names=(
        "nose",
        "left_eye",
        "right_eye",
        "left_ear",
        "right_ear",
        "left_shoulder",
        "right_shoulder",
        "left_elbow",
        "right_elbow",
        "left_wrist",
        "right_wrist",
        "left_hip",
        "right_hip",
        "left_knee",
        "right_knee",
        "left_ankle",
        "right_ankle",
    ),
    flip_pairs=(
        (1, 2),
        (3, 4),
        (5, 6),
        (7, 8),
        (9, 10),
        (11, 12),
        (13, 14),
        (15, 16),
    ),
    skeleton=(
        (15, 13),
        (13, 11),
        (16, 14),
        (14, 12),
        (11, 12),
        (5, 11),
        (6, 12),
        (5, 6),
        (5, 7),
        (6, 8),
        (7, 9),
        (8, 10),
        (1, 2),
        (0, 1),
        (0, 2),
        (1, 3),
        (2, 4),
        (3, 5),
        (4, 6),
    ),
    sigmas=(
        0.026,
        0.025,
        0.025,
        0.035,
        0.035,
        0.079,
        0.079,
        0.072,
        0.072,
        0.062,
        0.062,
        0.107,
        0.107,
        0.087,
        0.087,
        0.089,
        0.089,
    ),
)

# Johnson and Everingham, Clustered pose and nonlinear appearance models for
# human pose estimation, 2010 (Leeds Sports Pose).
LSP_KEYPOINTS = KeypointConvention(
    names=(
        "right_ankle",
        "right_knee",
        "right_hip",
        "left_hip",
        "left_knee",
        "left_ankle",
        "right_wrist",
        "right_elbow",
        "right_shoulder",
        "left_shoulder",
        "left_elbow",
        "left_wrist",
        "neck",
        "head_top",
    ),
    flip_pairs=((0, 5), (1, 4), (2, 3), (6, 11), (7, 10), (8, 9)),
    skeleton=(
        (0, 1),
        (1, 2),
        (2, 3),
        (3, 4),
        (4, 5),
        (6, 7),
        (7, 8),
        (8, 12),
        (12, 9),
        (9, 10),
        (10, 11),
        (12, 13),
        (2, 8),
        (3, 9),
    ),
)
