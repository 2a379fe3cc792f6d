import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.warp_sample import warp_sample
from mtvision.data.resizing import resize_sample

SEEDS = st.integers(0, 10**6)


def test_the_identity_changes_nothing(make_sample):
    sample = make_sample(0)
    # A box that is not that of its mask, as annotators draw them.
    sample["boxes"] += 0.25
    shape = sample["image"].shape[:2]
    same = warp_sample(sample, np.eye(3), shape)
    assert list(same) == list(sample)
    for name, value in sample.items():
        np.testing.assert_array_equal(same[name], value)


@given(SEEDS, st.booleans(), st.booleans())
def test_mirroring_twice_is_the_identity(
    make_sample, seed, horizontal, vertical
):
    sample = make_sample(seed)
    shape = sample["image"].shape[:2]
    matrix = matrices.mirror(shape, horizontal=horizontal, vertical=vertical)
    pairs = [(0, 1), (3, 2)]
    once = warp_sample(sample, matrix, shape, flip_pairs=pairs)
    twice = warp_sample(once, matrix, shape, flip_pairs=pairs)
    for name, value in sample.items():
        if name == "keypoints":
            # width - (width - x) is rounded to float32.
            np.testing.assert_allclose(twice[name], value, atol=1e-5)
        else:
            np.testing.assert_array_equal(twice[name], value)


@given(
    SEEDS,
    st.tuples(st.integers(1, 50), st.integers(1, 50)),
    st.sampled_from(["stretch", "letterbox"]),
)
def test_fitting_is_resize_sample(make_sample, seed, size, method):
    sample = make_sample(seed, masks=False)
    matrix = matrices.fit(sample["image"].shape[:2], size, method)
    moved = warp_sample(sample, matrix, size, min_visible=0)
    expected = resize_sample(sample, size, method=method)
    for name, value in expected.items():
        if name in ("boxes", "keypoints"):
            np.testing.assert_allclose(moved[name], value, atol=1e-4)
        elif name in ("semantic", "depth"):
            inside = moved["semantic"] >= 0
            np.testing.assert_array_equal(moved[name][inside], value[inside])
        else:
            np.testing.assert_array_equal(moved[name], value)


@given(SEEDS, st.integers(-12, 12), st.integers(-12, 12))
def test_shifts_by_whole_pixels_are_exact(make_sample, box_of, seed, x, y):
    sample = make_sample(seed)
    height, width = shape = sample["image"].shape[:2]
    moved = warp_sample(sample, matrices.translate(x, y), shape, min_visible=0)
    wide = {
        name: np.pad(
            sample[name].astype("float32"),
            [(0, 0)] * (name == "masks") + [(20, 20), (20, 20)],
            constant_values={"semantic": -1, "depth": np.nan, "masks": 0}[name],
        )[..., 20 - y : 20 - y + height, 20 - x : 20 - x + width]
        for name in ("semantic", "depth", "masks")
    }
    for name in ("semantic", "depth"):
        np.testing.assert_array_equal(moved[name], wide[name])
    stay = wide["masks"].any(axis=(1, 2))
    np.testing.assert_array_equal(moved["masks"], wide["masks"][stay])
    np.testing.assert_array_equal(moved["classes"], np.flatnonzero(stay))
    boxes = sample["boxes"][stay] + np.array([x, y, x, y], "float32")
    inside = (boxes >= 0).all(axis=1) & (boxes <= [width, height] * 2).all(
        axis=1
    )
    np.testing.assert_array_equal(moved["boxes"][inside], boxes[inside])


@given(
    SEEDS,
    st.floats(-180, 180),
    st.floats(0.2, 3),
    st.floats(-20, 20),
    st.booleans(),
)
def test_a_box_is_the_bounding_box_of_its_mask(
    make_sample, box_of, seed, degrees, factor, x, mirrored
):
    sample = make_sample(seed, objects=4)
    shape = sample["image"].shape[:2]
    matrix = matrices.mirror(shape, horizontal=mirrored, vertical=False)
    matrix = matrices.scale(factor, factor) @ matrices.rotate(degrees) @ matrix
    moved = warp_sample(
        sample, matrices.translate(x, 3) @ matrix, (30, 40), min_visible=0
    )
    assert len(moved["boxes"]) == len(moved["masks"]) == len(moved["classes"])
    for box, mask in zip(moved["boxes"], moved["masks"]):
        np.testing.assert_array_equal(box, box_of(mask))
    # A mask lies where a map with the same shape lies.
    for number, mask in zip(moved["classes"], moved["masks"]):
        drawn = {**sample, "semantic": sample["masks"][number]}
        drawn = warp_sample(drawn, matrices.translate(x, 3) @ matrix, (30, 40))
        np.testing.assert_array_equal(drawn["semantic"] == 1, mask == 1)


@given(SEEDS, st.floats(-180, 180), st.floats(0.5, 2), st.booleans())
def test_boxes_without_masks_hold_their_moved_corners(
    make_sample, seed, degrees, factor, mirrored
):
    sample = make_sample(seed, masks=False)
    shape = sample["image"].shape[:2]
    matrix = matrices.mirror(shape, horizontal=mirrored, vertical=False)
    matrix = matrices.scale(factor, factor) @ matrices.rotate(degrees) @ matrix
    matrix = matrices.translate(200, 200) @ matrix
    moved = warp_sample(sample, matrix, (400, 400))
    for box, old in zip(moved["boxes"], sample["boxes"]):
        x, y = np.meshgrid(old[[0, 2]], old[[1, 3]])
        corners = matrix @ np.stack([x.ravel(), y.ravel(), np.ones(4)])
        expected = [*corners[:2].min(axis=1), *corners[:2].max(axis=1)]
        np.testing.assert_allclose(box, expected, rtol=1e-6)


@given(SEEDS, st.floats(-180, 180), st.floats(2.0, 4.0))
def test_key_points_move_with_the_pixels(seed, degrees, factor):
    """Painted pixels are found again where their key points say."""
    generator = np.random.default_rng(seed)
    image = np.zeros((15, 20, 3), "uint8")
    row, column = generator.integers([15, 20])
    image[row, column] = 255
    sample = {
        "image": image,
        "semantic": (image[..., 0] > 0).astype("int32"),
        "keypoints": np.array([[column + 0.5, row + 0.5, 2]], "float32"),
    }
    matrix = matrices.about_centre(matrices.rotate(degrees), (15, 20))
    matrix = matrices.scale(factor, factor) @ matrix
    matrix = matrices.translate(40, 40) @ matrix
    moved = warp_sample(sample, matrix, (160, 160))
    for map_ in (
        moved["semantic"] == 1,
        moved["image"][..., 0].astype("float64"),
    ):
        rows, columns = np.indices(map_.shape) + 0.5
        found = [
            (columns * map_).sum() / map_.sum(),
            (rows * map_).sum() / map_.sum(),
        ]
        np.testing.assert_allclose(moved["keypoints"][0, :2], found, atol=1.2)
    assert moved["keypoints"][0, 2] == 2


def test_depth_keeps_step_with_classes(make_sample):
    sample = make_sample(1)
    matrix = matrices.about_centre(matrices.rotate(20), sample["depth"].shape)
    moved = warp_sample(sample, matrix, sample["depth"].shape)
    assert moved["semantic"].dtype == np.int32
    outside = moved["semantic"] == -1
    assert outside.any()
    np.testing.assert_array_equal(np.isnan(moved["depth"]), outside)
    np.testing.assert_array_equal(
        moved["depth"][~outside], moved["semantic"][~outside] + 1
    )


def test_objects_leave_with_all_their_rows():
    masks = np.zeros((3, 10, 10), "uint8")
    masks[0, :, :5] = masks[1, :, 5:] = masks[2, :5] = 1
    sample = {
        "image": np.zeros((10, 10, 3), "uint8"),
        "cat_masks": masks,
        "cat_classes": np.arange(3),
        "cat_difficult": np.array([0, 1, 0]),
        "boxes": np.array([[0, 0, 5, 9]]),
        "classes": np.array([7]),
    }
    moved = warp_sample(sample, matrices.translate(-5, 0), (10, 10))
    assert moved["cat_classes"].tolist() == [1, 2]
    assert moved["cat_difficult"].tolist() == [1, 0]
    assert moved["cat_masks"].sum(axis=(1, 2)).tolist() == [50, 25]
    assert moved["boxes"].shape == (0, 4)
    assert moved["classes"].shape == (0,)


@pytest.mark.parametrize(("min_visible", "left"), [(0.29, 1), (0.31, 0)])
@pytest.mark.parametrize("masks", [True, False])
def test_the_visible_share_decides(min_visible, left, masks):
    mask = np.ones((1, 10, 10), "uint8")
    sample = {
        "image": np.zeros((10, 10, 3), "uint8"),
        "boxes": np.array([[0, 0, 10, 10]]),
    } | ({"masks": mask} if masks else {})
    moved = warp_sample(
        sample, matrices.translate(7, 0), (10, 10), min_visible=min_visible
    )
    assert len(moved["boxes"]) == left


def test_an_object_without_a_mask_of_its_own_is_judged_by_its_box():
    sample = {
        "image": np.zeros((10, 10, 3), "uint8"),
        "boxes": np.array([[1.5, 1, 4, 4]]),
        "masks": np.zeros((1, 10, 10), "uint8"),
    }
    moved = warp_sample(sample, matrices.translate(2, 0), (10, 10))
    assert moved["boxes"].tolist() == [[3.5, 1, 6, 4]]


def test_single_objects_that_leave_are_not_present():
    sample = {
        "image": np.zeros((10, 10, 3), "uint8"),
        "box": np.array([[0, 0, 4, 4], [6, 0, 9, 4], [np.nan] * 4], "float32"),
        "present": np.array([1, 1, -1]),
        "cat_box": np.array([6.0, 0, 12, 4]),
    }
    moved = warp_sample(sample, matrices.translate(-5, 0), (10, 10))
    np.testing.assert_array_equal(
        moved["box"], [[np.nan] * 4, [1, 0, 4, 4], [np.nan] * 4]
    )
    assert moved["present"].tolist() == [0, 1, -1]
    assert moved["cat_box"].tolist() == [1, 0, 7, 4]


def test_key_points_outside_are_not_given():
    sample = {
        "image": np.zeros((10, 10, 3), "uint8"),
        "keypoints": np.array([[1, 1, 2], [8, 1, 1]]),
        "nose_keypoints": np.array([[1.0, 1]]),
    }
    moved = warp_sample(sample, matrices.translate(-5, 0), (10, 10))
    assert moved["keypoints"].tolist() == [[0, 0, 0], [3, 1, 1]]
    assert np.isnan(moved["nose_keypoints"]).all()


def test_key_points_without_a_label_stay_zero():
    points = np.array([[0.0, 0, 0], [8, 1, 1]])
    sample = {"image": np.zeros((10, 20, 3), "uint8"), "keypoints": points}
    mirror = matrices.mirror((10, 20), horizontal=True, vertical=False)
    for matrix in (mirror, matrices.fit((10, 20), (10, 10), "letterbox")):
        moved = warp_sample(sample, matrix, (10, 20))["keypoints"]
        assert moved[0].tolist() == [0, 0, 0]
        assert moved[1, 2] == 1


def test_left_and_right_change_places_in_mirrors_only():
    points = np.array([[[1, 1, 2], [8, 1, 1], [5, 5, 2]]])
    sample = {"image": np.zeros((10, 10, 3), "uint8"), "keypoints": points}
    mirror = matrices.mirror((10, 10), horizontal=True, vertical=False)
    moved = warp_sample(sample, mirror, (10, 10), flip_pairs=[(0, 1)])
    assert moved["keypoints"].tolist() == [[[2, 1, 1], [9, 1, 2], [5, 5, 2]]]
    named = {"keypoints": [(0, 1)], "other_keypoints": [(7, 8)]}
    again = warp_sample(sample, mirror, (10, 10), flip_pairs=named)
    np.testing.assert_array_equal(again["keypoints"], moved["keypoints"])
    both = matrices.mirror((10, 10), horizontal=True, vertical=True)
    turned = warp_sample(sample, both, (10, 10), flip_pairs=[(0, 1)])
    assert turned["keypoints"][0, :, 2].tolist() == [2, 1, 2]
    with pytest.raises(ValueError, match="'keypoints': flip_pairs name .* 5"):
        warp_sample(sample, mirror, (10, 10), flip_pairs=[(0, 5)])


def test_what_does_not_lie_on_the_image_stays():
    sample = {
        "image": np.zeros((10, 10, 3), "uint8"),
        "other_image": np.ones((4, 4, 3), "uint8"),
        "semantic": np.array(-1),
        "depth": None,
        "attributes": np.array([0.0, np.nan]),
        "caption": "ten by ten",
    }
    moved = warp_sample(sample, matrices.scale(2, 2), (20, 20))
    assert moved["image"].shape == (20, 20, 3)
    for name in list(sample)[1:]:
        np.testing.assert_array_equal(moved[name], sample[name])


@pytest.mark.parametrize("name", ["semantic", "masks", "cat_mask"])
def test_a_map_of_another_size_is_refused(name):
    sample = {"image": np.zeros((10, 10, 3)), name: np.zeros((4, 4, 4))}
    with pytest.raises(ValueError, match=f"'{name}'.*size of the image"):
        warp_sample(sample, matrices.scale(2, 2), (20, 20))


def test_objects_of_different_numbers_are_refused():
    sample = {
        "image": np.zeros((10, 10, 3)),
        "boxes": np.zeros((2, 4)),
        "classes": np.zeros(3),
    }
    with pytest.raises(ValueError, match="'boxes': 2, 'classes': 3"):
        warp_sample(sample, matrices.scale(2, 2), (20, 20))


@pytest.mark.parametrize("masks", [True, False])
def test_areas_grow_as_the_plane_and_are_cut_as_the_object(masks):
    whole = np.ones((3, 10, 10), "uint8")
    sample = {
        "image": np.zeros((10, 10, 3), "uint8"),
        "boxes": np.array([[0, 0, 10, 10], [0, 0, 4, 4], [5, 5, 10, 10]]),
        "area": np.array([80.0, 7.0, np.nan]),
        "lot_area": np.array(3.0),
    } | ({"masks": whole} if masks else {})
    if masks:
        whole[1:] = 0
        whole[1, :4, :4] = whole[2, 5:, 5:] = 1
    matrix = matrices.scale(2, 3) @ matrices.translate(-4, 0)
    moved = warp_sample(sample, matrix, (30, 20))
    np.testing.assert_allclose(moved["area"], [80 * 6 * 0.6, np.nan])
    assert moved["area"].dtype == np.float32
    assert moved["lot_area"] == 3
    turned = matrices.about_centre(matrices.rotate(90), (10, 10))
    turned = warp_sample(sample, turned, (10, 10))
    np.testing.assert_allclose(turned["area"], sample["area"])
