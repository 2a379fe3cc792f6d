import pathlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mtvision.data import DepthMaps, edges_of_classes, normals_of_depth

ROOMS = pathlib.Path(__file__).parents[3] / "shared/data/depth_rgbd_dining"
MAPS = arrays.arrays(
    "int32",
    st.tuples(st.integers(1, 6), st.integers(1, 7)),
    elements=st.sampled_from([0, 1, 2, 255, -1]),
)


def literal_edges(semantic):
    height, width = semantic.shape
    edges = np.zeros(semantic.shape, int)
    for y, x in np.ndindex(height, width):
        beside = [
            semantic[v, u]
            for v, u in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1))
            if 0 <= v < height and 0 <= u < width
        ]
        if semantic[y, x] in (-1, 255):
            edges[y, x] = 255
        elif {*beside} - {semantic[y, x], -1, 255}:
            edges[y, x] = 1
        elif {*beside} & {-1, 255}:
            edges[y, x] = 255
    return edges


@given(MAPS)
def test_edges_equal_a_loop(semantic):
    edges = edges_of_classes(semantic)
    np.testing.assert_array_equal(edges, literal_edges(semantic))
    assert edges.dtype == np.int32
    mirrored = edges_of_classes(semantic[:, ::-1])
    np.testing.assert_array_equal(mirrored, edges[:, ::-1])


def test_classes_that_count():
    semantic = np.array([[255, 255, 3, 3]], "uint8")
    assert edges_of_classes(semantic).tolist() == [[255, 255, 255, 0]]
    edges = edges_of_classes(semantic, ignore_class=None)
    assert edges.tolist() == [[0, 1, 1, 0]]
    assert edges_of_classes(np.array([[True, False]])).tolist() == [[1, 1]]


def plane(normal, *, shape=(12, 16), focal_length=14.0, centre=None):
    """Depth of the plane normal * point = 4, by intersecting each ray.

    The normal is that of a sample: z towards the camera.
    """
    x, y = centre or (shape[1] / 2, shape[0] / 2)
    depth = np.empty(shape)
    for row, column in np.ndindex(shape):
        ray = np.array(
            [
                (column + 0.5 - x) / focal_length,
                (row + 0.5 - y) / focal_length,
                1,
            ]
        )
        # Axes of the camera, z forward; the plane's normal points to it.
        depth[row, column] = -4 / (ray @ (np.array(normal) * [1, 1, -1]))
    return depth


def assert_same(normals, expected):
    expected = np.broadcast_to(expected, normals.shape)
    np.testing.assert_allclose(normals, expected, atol=1e-5)


UNIT = st.tuples(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6))


@given(UNIT, st.integers(1, 3))
def test_planes_are_exact(tilt, radius):
    normal = np.array([*tilt, 1.0]) / np.linalg.norm([*tilt, 1.0])
    depth = plane(normal)
    found = normals_of_depth(depth, focal_length=14.0, radius=radius, jump=9)
    assert_same(found, normal)
    assert found.dtype == np.float32


def test_a_wall_and_a_floor():
    wall = normals_of_depth(np.full((4, 6), 3.0), focal_length=5.0)
    assert_same(wall, [0, 0, 1])
    floor = 2 / (np.arange(4)[:, None] + np.ones((1, 5)))  # below the axis
    found = normals_of_depth(
        floor, focal_length=5.0, centre=(2.5, -0.5), jump=9
    )
    assert_same(found, [0, -1, 0])


def test_the_centre_of_the_image_can_be_elsewhere():
    normal = np.array([0.6, 0.0, 0.8])
    depth = plane(normal, centre=(2.0, 9.0))
    found = normals_of_depth(depth, focal_length=14.0, centre=(2.0, 9.0))
    np.testing.assert_allclose(found[6, 8], normal, atol=1e-5)
    other = normals_of_depth(depth, focal_length=14.0)
    assert np.abs(other[6, 8] - normal).max() > 0.1


def test_what_is_not_measured_has_no_normal():
    depth = np.full((6, 8), 2.0)
    depth[2, 3], depth[4, 4], depth[0, 0] = np.nan, 0, np.inf
    missing = ~(np.isfinite(depth) & (depth > 0))
    found = normals_of_depth(depth, focal_length=5.0)
    np.testing.assert_array_equal(np.isnan(found).any(-1), missing)
    assert_same(found[~missing], [0, 0, 1])
    # One row of pixels says nothing of what is above and below.
    row = np.full((5, 5), np.nan)
    row[2] = 2.0
    assert np.isnan(normals_of_depth(row, focal_length=5.0)).all()


def test_a_jump_belongs_to_neither_surface():
    depth = np.where(np.arange(10) < 5, 1.0, 2.0) * np.ones((8, 1))
    assert_same(normals_of_depth(depth, focal_length=9.0), [0, 0, 1])
    bent = normals_of_depth(depth, focal_length=9.0, jump=9)
    assert (np.abs(bent[:, 4:6, 0]) > 0.5).all()


def test_mirrored_depth_has_mirrored_normals():
    depth = np.random.default_rng(0).uniform(1, 1.2, (7, 9))
    found = normals_of_depth(depth, focal_length=9.0)
    mirrored = normals_of_depth(depth[:, ::-1], focal_length=9.0)
    np.testing.assert_allclose(mirrored[:, ::-1], found * [-1, 1, 1], atol=1e-5)
    turned = normals_of_depth(np.rot90(depth, -1), focal_length=9.0)
    turned = np.rot90(turned)
    # Clockwise x becomes y, and y becomes -x.
    np.testing.assert_allclose(turned[..., 1], found[..., 0], atol=1e-5)
    np.testing.assert_allclose(turned[..., 0], -found[..., 1], atol=1e-5)


@pytest.mark.skipif(not ROOMS.exists(), reason="the data set is not here")
def test_a_real_room():
    room = DepthMaps(ROOMS / "color", ROOMS / "depth", unit=0.001)[0]
    depth = room["depth"][::4, ::4]
    found = normals_of_depth(depth, focal_length=520 / 4)
    known = ~np.isnan(found).any(axis=-1)
    assert known.sum() > 0.95 * np.isfinite(depth).sum()
    np.testing.assert_allclose(
        np.linalg.norm(found[known], axis=-1), 1, rtol=1e-5
    )
    # Surfaces are seen from their front.
    rows, columns = np.indices(depth.shape) + 0.5
    height, width = depth.shape
    to_camera = np.stack(
        [width / 2 - columns, height / 2 - rows, np.full(depth.shape, 130)],
        axis=-1,
    )
    assert ((found * to_camera).sum(-1)[known] > 0).all()
    # Walls and tables are flat.
    beside = known[:, 1:] & known[:, :-1]
    cosine = (found[:, 1:] * found[:, :-1]).sum(-1)[beside]
    assert np.median(np.degrees(np.arccos(np.clip(cosine, -1, 1)))) < 10


@pytest.mark.parametrize(
    ("depth", "options", "message"),
    [
        (np.ones(3), {"focal_length": 1.0}, r"\(H, W\).*\(3,\)"),
        (np.ones((3, 3)), {"focal_length": 0.0}, "focal_length"),
        (
            np.ones((3, 3)),
            {"focal_length": 1.0, "radius": 0},
            "radius.*received 0",
        ),
        (np.ones((3, 3)), {"focal_length": 1.0, "jump": 0}, "jump.*received 0"),
        (np.ones((3, 3)), {"focal_length": "a"}, "focal_length.*'a'"),
        *(
            (np.ones((3, 3)), {"focal_length": 1.0, name: wrong}, name)
            for name, values in {
                "radius": (2.0, "a", np.nan),
                "jump": ("a", np.nan),
                "centre": ((1,), 5, "ab", (1, "a"), (0, np.nan)),
            }.items()
            for wrong in values
        ),
    ],
)
def test_errors_of_normals(depth, options, message):
    with pytest.raises(ValueError, match=message):
        normals_of_depth(depth, **options)


@pytest.mark.parametrize("wrong", [np.ones((2, 2)), np.ones(3, "int32")])
def test_errors_of_edges(wrong):
    with pytest.raises(ValueError, match="map of class numbers"):
        edges_of_classes(wrong)
