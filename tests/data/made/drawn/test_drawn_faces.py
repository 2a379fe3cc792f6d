import dataclasses

import numpy as np
import pytest

import mtvision as mtv
from mtvision.data import DrawnFaces, RandomPairs
from mtvision.data.resizing import resize_image


def test_a_picture_is_a_function_of_seed_split_and_place():
    def made(split="train", index=5, **options):
        options = {"num_people": 4, "images_per_person": 2, **options}
        return DrawnFaces(split, image_size=32, **options)[index]["image"]

    first = made()
    assert (made() == first).all()
    # More people, or pictures without a face, change nothing of the others.
    assert (made(num_people=9) == first).all()
    for other in (made("test"), made(index=4), made(seed=1)):
        assert np.abs(other - first.astype(float)).mean() > 5


def test_people_of_the_splits_are_others():
    widths = [
        DrawnFaces(split, seed=seed).person(number).width
        for split in ("train", "validation", "test")
        for seed in (0, 1)
        for number in range(20)
    ]
    assert len(set(widths)) == len(widths)


def test_a_person_is_the_same_in_each_picture():
    faces = DrawnFaces("train", num_people=2)
    first, again, other = (faces.person(k) for k in (0, 0, 1))
    for field in dataclasses.fields(first):
        assert np.all(getattr(first, field.name) == getattr(again, field.name))
    assert first.width != other.width


def aligned(sample):
    """The head alone, in one size, without the colour of the light."""
    x1, y1, x2, y2 = np.rint(sample["box"]).astype(int)
    head = resize_image(sample["image"][y1:y2, x1:x2], (16, 16)).astype(float)
    head -= head.mean(axis=(0, 1))
    return head / head.std()


def rank_score(distances, same):
    """Share of pairs of pairs that are in the right order (area under ROC)."""
    return (distances[same == 1][:, None] < distances[same == 0]).mean()


def test_people_can_be_told_apart_but_not_by_pixels():
    faces = DrawnFaces("test", num_people=12, images_per_person=4)
    pairs = RandomPairs(faces, num_pairs=160)
    samples = [faces[k] for k in range(len(faces))]
    scores = []
    for view in (lambda s: s["image"].astype(float), aligned):
        views = np.stack([view(sample) for sample in samples])
        first, second = (views[rows] for rows in pairs.pairs.T)
        distances = ((first - second) ** 2).mean(axis=(1, 2, 3))
        scores.append(rank_score(distances, pairs.column("same")))
    assert scores[0] < 0.7
    assert scores[1] > 0.8


def test_landmarks_are_in_the_order_of_a_face():
    faces = DrawnFaces("train", num_people=30, images_per_person=1)
    for sample in faces:
        points = dict(zip(faces.keypoint_names, sample["keypoints"]))
        if min(p[2] for p in points.values()) == 0:
            continue
        place = {name: point[:2] for name, point in points.items()}
        across = place["left_eye_outer"] - place["right_eye_outer"]
        down = np.array([-across[1], across[0]])
        assert across[0] > 0
        assert down[1] > 0
        for right, left in faces.flip_pairs:
            names = faces.keypoint_names
            way = (
                place[names[max(right, left)]] - place[names[min(right, left)]]
            )
            sign = 1 if names[max(right, left)].startswith("left") else -1
            assert sign * (way @ across) > 0
        order = ("right_brow", "right_eye_inner", "nose", "left_mouth", "chin")
        depths = [place[name] @ down for name in order]
        assert depths == sorted(depths)
        x1, y1, x2, y2 = sample["box"]
        for x, y in place.values():
            assert x1 - 1 < x < x2 + 1
            assert y1 - 1 < y < y2 + 1


def test_eyes_are_where_the_picture_changes():
    """Brows, whites and pupils against the skin between nose and chin."""
    faces = DrawnFaces("train", num_people=40, images_per_person=1)
    wins = []
    for sample in faces:
        points = sample["keypoints"]
        if points[[2, 3, 7], 2].min() == 0:
            continue
        contrasts = []
        for row, column in ((2, 3), (6, 6)):
            x, y = ((points[row, :2] + points[column, :2]) / 2).astype(int)
            if row == 6:
                x -= 8
            patch = sample["image"][y - 2 : y + 3, x - 2 : x + 3]
            contrasts.append(np.ptp(patch.mean(axis=-1)))
        wins.append(contrasts[0] > contrasts[1])
    assert len(wins) > 30
    assert np.mean(wins) > 0.9


def test_pictures_without_a_face():
    options = {"num_people": 30, "images_per_person": 2, "image_size": 16}
    faces = DrawnFaces("train", absent=0.4, **options)
    presence = faces.column("present")
    assert 0.25 < 1 - presence.mean() < 0.55
    for index, sample in enumerate(faces):
        assert sample["present"] == presence[index]
        assert sample["identity"] == faces.column("identity")[index]
        if sample["present"]:
            assert sample["identity"] == index // 2
        else:
            assert sample["identity"] == -1
            assert not sample["box"].any()
            assert not sample["keypoints"].any()
    assert DrawnFaces("test", **options).column("present").all()
    assert not DrawnFaces("test", absent=1, **options).column("present").any()


def test_batches():
    faces = DrawnFaces("train", num_people=3, images_per_person=2, absent=0.3)
    mirror = mtv.data.Augment([mtv.data.RandomFlip(horizontal=1.0)])
    targets = {"who": "identity", "where": "keypoints"}
    options = {"image_size": 32, "workers": 1}
    _, plain, weights = mtv.data.Batches(faces, targets, **options)[0]
    _, turned, _ = mtv.data.Batches(faces, targets, augment=mirror, **options)[
        0
    ]
    assert (weights["who"] == faces.column("present")).all()
    first = int(np.flatnonzero(faces.column("present"))[0])
    right, left = (
        faces.keypoint_names.index(f"{s}_brow") for s in ("right", "left")
    )
    np.testing.assert_allclose(
        turned["where"][first, right, :2],
        [32, 0] + plain["where"][first, left, :2] * [-1, 1],
        rtol=1e-5,
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "valid"}, "'validation'"),
        ({"num_people": 0}, "num_people"),
        ({"images_per_person": 0}, "images_per_person"),
        ({"image_size": 8}, "image_size"),
        ({"absent": 2}, "absent"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_options_are_errors(options, message):
    with pytest.raises(ValueError, match=message):
        DrawnFaces(**{"split": "train", **options})


@pytest.mark.parametrize("identity", [-1, 2, 0.5])
def test_people_beyond_the_split_are_errors(identity):
    faces = DrawnFaces("train", num_people=2)
    with pytest.raises(IndexError, match=f"no person {identity} of 2 of split"):
        faces.person(identity)


def test_unknown_columns_and_places_are_errors():
    faces = DrawnFaces("train", num_people=1, images_per_person=1)
    with pytest.raises(ValueError, match="'identity', 'present'"):
        faces.column("label")
    with pytest.raises(IndexError, match="no picture 1"):
        faces[1]
