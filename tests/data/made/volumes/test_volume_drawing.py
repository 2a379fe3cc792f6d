import numpy as np
from scipy import ndimage

from mtvision.data.made.volumes.volume_drawing import (
    curve,
    egg,
    soften,
    tube,
    voxel_centres,
)


def test_a_sphere_has_its_volume():
    places = voxel_centres((24, 30, 20), (1.0, 0.8, 1.2))
    inside = soften(egg(places, np.zeros(3), np.eye(3), (8.0,) * 3), 0.1)
    found = inside.sum() * 0.8 * 1.2
    np.testing.assert_allclose(found, 4 / 3 * np.pi * 8**3, rtol=0.01)
    # scipy's centre of mass, in voxels whose first centre is at 0.5.
    centre = np.array(ndimage.center_of_mass(inside)) + 0.5
    np.testing.assert_allclose(centre, [12, 15, 10], atol=1e-3)


def test_a_tube_is_as_far_as_scipy_says():
    """The distance transform of a straight line of voxels."""
    places = voxel_centres((9, 9, 21), (1.0, 1.0, 1.0))
    line = np.array([[0.0, 0.0, -6.0], [0.0, 0.0, 0.0], [0.0, 0.0, 6.0]])
    outside = np.ones(places.shape[:-1])
    outside[4, 4, 4:17] = 0
    np.testing.assert_allclose(
        tube(places, line, 1.5) + 1.5,
        ndimage.distance_transform_edt(outside),
        atol=1e-5,
    )


def test_an_egg_is_wider_at_the_first_end():
    places = np.array([[x, 1.1, 0.0] for x in (-1.0, 0.0, 1.0)])
    distances = egg(places, np.zeros(3), np.eye(3), (2.0, 1.0, 1.0), taper=0.4)
    assert distances[0] > distances[1] > 0 > distances[2] - 0.2
    tips = np.array([[-2.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    np.testing.assert_allclose(
        egg(tips, np.zeros(3), np.eye(3), (2.0, 1.0, 1.0), taper=0.4), 0
    )


def test_a_curve_begins_towards_its_bend():
    points = curve(np.zeros(3), np.array([0, 1.0, 0]), np.array([1.0, 1, 0]))
    first = points[1] - points[0]
    assert first[1] > 5 * first[0] > 0
