import itertools

import matplotlib.path
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mtvision.data.made.drawn import shapes
from mtvision.data.made.drawn.brush import Brush

GRID = np.meshgrid(np.linspace(-3, 3, 25), np.linspace(-3, 3, 25))
NUMBERS = st.floats(0.2, 2.0)


@given(st.integers(0, 200), st.integers(3, 9))
@settings(max_examples=30, deadline=None)
def test_polygons_are_those_of_matplotlib(seed, number):
    corners = np.random.default_rng(seed).uniform(-2, 2, (number, 2))
    places = np.stack(GRID, axis=-1).reshape(-1, 2)
    # Of edges that cross, each has its own idea of the inside.
    middle = corners - corners.mean(axis=0)
    order = np.argsort(np.arctan2(middle[:, 1], middle[:, 0]))
    corners = corners[order]
    found = shapes.polygon(corners).outside(*GRID)
    inside = matplotlib.path.Path([*corners, corners[0]], closed=True)
    clear = np.abs(found.ravel()) > 1e-6
    expected = inside.contains_points(places)
    assert (expected == (found.ravel() < 0))[clear].all()


def test_distances_from_a_polygon_are_those_of_its_edges():
    corners = np.array([[-1, -1], [2, -1], [0, 2]])
    found = shapes.polygon(corners).outside(*GRID)
    steps = np.linspace(0, 1, 400)[:, None]
    edge = np.concatenate(
        [a + steps * (b - a) for a, b in zip(corners, np.roll(corners, -1, 0))]
    )
    x, y = GRID
    nearest = np.hypot(x[..., None] - edge[:, 0], y[..., None] - edge[:, 1])
    np.testing.assert_allclose(np.abs(found), nearest.min(axis=-1), atol=0.01)


@given(NUMBERS, NUMBERS, st.floats(0, 3))
@settings(max_examples=20, deadline=None)
def test_ellipses_by_their_equation(a, b, turn):
    x, y = GRID
    along, across = (
        np.cos(turn) * x + np.sin(turn) * y,
        np.cos(turn) * y - np.sin(turn) * x,
    )
    inside = (along / a) ** 2 + (across / b) ** 2 < 1
    found = shapes.ellipse((0, 0), (a, b), turn=turn).outside(x, y)
    clear = np.abs(found) > 1e-6
    assert ((found < 0) == inside)[clear].all()


@given(st.floats(0, 0.5), st.floats(2, 4))
@settings(max_examples=20, deadline=None)
def test_the_edge_of_an_egg_is_on_its_edge(taper, power):
    form = {"taper": taper, "power": power}
    edge = shapes.egg_edge((1, 2), (2, 3), **form)
    found = shapes.egg((1, 2), (2, 3), **form).outside(*edge.T)
    np.testing.assert_allclose(found, 0, atol=1e-9)


def test_a_line_is_what_is_near_its_points():
    points = np.array([[-2, -1], [0, 1], [2, 0]])
    steps = np.linspace(0, 1, 500)[:, None]
    way = np.concatenate(
        [a + steps * (b - a) for a, b in itertools.pairwise(points)]
    )
    x, y = GRID
    nearest = np.hypot(x[..., None] - way[:, 0], y[..., None] - way[:, 1])
    found = shapes.line(points, 0.3).outside(x, y)
    np.testing.assert_allclose(found, nearest.min(axis=-1) - 0.3, atol=0.01)
    pointed = shapes.line([[-2, 0], [2, 0]], 0.5, end_width=0.1)
    assert pointed.outside(-2, 0) == -0.5
    np.testing.assert_allclose(pointed.outside(2, 0), -0.1)


def test_shapes_are_joined_as_sets():
    one, other = shapes.ellipse((0, 0), (1, 1)), shapes.ellipse((1, 0), (1, 1))
    x, y = GRID
    first, second = (shape.outside(x, y) < 0 for shape in (one, other))
    for joined, expected in (
        (shapes.both(one, other), first & second),
        (shapes.either(one, other), first | second),
        (shapes.without(one, other), first & ~second),
    ):
        found = joined.outside(x, y)
        assert ((found < 0) == expected)[np.abs(found) > 1e-9].all()


@given(NUMBERS, NUMBERS, st.floats(0, 3))
@settings(max_examples=20, deadline=None)
def test_shapes_lie_within_their_reach(a, b, turn):
    x, y = GRID
    corners = [[0, -b], [a, b], [-a, b]]
    for shape in (
        shapes.ellipse((0.5, 0), (a, b), turn=turn),
        shapes.egg((0, 0.5), (a, b), taper=0.3, power=3.0),
        shapes.line(corners, 0.2),
        shapes.polygon(corners, rounding=0.1),
    ):
        inside = shape.outside(x, y) < 0
        away = np.hypot(x - shape.centre[0], y - shape.centre[1])
        assert (away[inside] <= shape.reach * 1.2 + 1e-9).all()


def test_a_disc_has_its_area_and_place():
    picture = np.zeros((60, 80, 3))
    brush = Brush(picture, centre=(30, 25), scale=10, turn=0.7)
    brush.paint(shapes.ellipse((1, 0), (1.5, 1.5)), (1, 2, 3))
    area = picture.sum(axis=(0, 1))
    np.testing.assert_allclose(area / (1, 2, 3), np.pi * 15**2, rtol=2e-3)
    x, y = np.meshgrid(np.arange(80) + 0.5, np.arange(60) + 0.5)
    weights = picture[..., 0] / picture[..., 0].sum()
    middle = [(weights * x).sum(), (weights * y).sum()]
    expected = [30 + 10 * np.cos(0.7), 25 + 10 * np.sin(0.7)]
    np.testing.assert_allclose(middle, expected, atol=0.02)
    np.testing.assert_allclose(brush.to_pixels((1, 0)), expected)


def test_rims_shares_and_places_beyond_the_picture():
    picture = np.zeros((20, 20, 3))
    brush = Brush(picture, centre=(10, 10))
    disc = shapes.ellipse((0, 0), (4, 4))
    brush.paint(disc, (100, 100, 100), share=0.5)
    assert picture[10, 10, 0] == 50
    brush.paint(disc, (100, 100, 100), rim=3)
    assert picture[10, 10, 0] == 100
    assert 0 < picture[10, 15, 0] < 100
    before = picture.copy()
    for far in ((-40, 0), (0, 40), (30, -30)):
        brush.paint(shapes.ellipse(far, (4, 4)), (1, 1, 1))
    assert (picture == before).all()
