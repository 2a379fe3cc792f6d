import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.models import check_model
from batteries.recipes import (
    check_losses_fall,
    check_plots,
    without_xla,
)
from mtvision.models import (
    DeepPose,
    HeatMapPose,
    deep_pose_detector,
    deep_pose_losses,
    heat_map_pose_detector,
    heat_map_pose_losses,
)

RNG = np.random.default_rng(0)
STAGES = ["keypoints", "keypoints_2", "keypoints_3"]
# There; there, with a point that is not given; absent.
TRUTH = {
    "keypoints": np.array(
        [
            [[20, 8, 2], [50, 40, 2]],
            [[30, 30, 1], [0, 0, 0]],
            [[0, 0, 0], [0, 0, 0]],
        ],
        "float32",
    ),
    "present": np.array([1, 1, 0], "float32"),
}


def trunk():
    return mtv.trunks.SmallResNet((4, 8, 8, 8))


def deep(**options):
    options = {"filters": 8, "hidden": 8, "stages": 2, **options}
    return DeepPose(2, trunk=trunk(), **options)


def by_maps(**options):
    options = {"filters": (8, 8, 8), "depth": 0, **options}
    return HeatMapPose(2, trunk=trunk(), **options)


def images(number=3, size=(64, 64)):
    return RNG.uniform(0, 255, (number, *size, 3)).astype("float32")


def squares(number):
    """Dark images with a bright square at each key point."""
    points = RNG.integers(8, 56, (number, 2, 2))
    pictures = np.zeros((number, 64, 64, 3), "float32")
    for picture, pair in zip(pictures, points):
        for colour, (x, y) in enumerate(pair):
            picture[y - 4 : y + 4, x - 4 : x + 4, colour] = 255
    visible = np.full((number, 2, 1), 2)
    return pictures, np.concatenate([points, visible], -1).astype("float32")


def test_regression_trains_with_another_task():
    model = deep(heads={"scene": mtv.tasks.ClassificationHead(4)})
    losses = {"scene": mtv.tasks.ClassificationLoss()}
    model.compile(
        keras.optimizers.Adam(0.01),
        **deep_pose_losses(stages=2, losses=losses),
        metrics={
            "keypoints": [
                mtv.tasks.KeypointsError(2),
                mtv.tasks.KeypointsPCK(2),
                mtv.tasks.KeypointsSimilarity(sigmas=(0.1, 0.1)),
                mtv.tasks.KeypointsPresence(),
            ]
        },
        **without_xla(),
    )
    truth = {**dict.fromkeys(STAGES[:2], TRUTH), "scene": np.array([0, 1, 2])}
    check_model(model, images(), truth, epochs=8)


def test_maps_train_with_another_task():
    model = by_maps(heads={"scene": mtv.tasks.ClassificationHead(4)})
    losses = {"scene": mtv.tasks.ClassificationLoss()}
    model.compile(
        keras.optimizers.Adam(0.01),
        **heat_map_pose_losses(losses=losses, sigma=1.5),
        metrics={"keypoints": mtv.tasks.KeypointsError(2)},
        **without_xla(),
    )
    truth = {"keypoints": TRUTH, "scene": np.array([0, 1, 2])}
    check_model(model, images(), truth, epochs=8)


@pytest.mark.parametrize("merge", [None, "add", "concatenate"])
def test_maps_have_the_stride_of_the_finest_level(merge):
    filters = None if merge == "add" else (8, 8, 8)
    model = by_maps(merge=merge, filters=filters, task="face")
    detector = heat_map_pose_detector(model, task="face", threshold=0.5)
    picture = images(2, (64, 96))
    maps = to_numpy(model(picture)["face"])
    assert maps.shape == (2, 16, 24, 6)
    assert maps[0, -1, -1, 2:].tolist() == [92, 60, 96, 64]
    found = to_numpy(detector(picture))
    assert found["keypoints"].shape == (2, 2, 3)


def test_each_stage_moves_the_points_of_the_one_before():
    model = deep(stages=3, image_size=None, refinement={"share": 0.5})
    assert model.task_names == STAGES
    assert model.get_layer("keypoints_3").share == 0.5
    picture = images(1, (96, 64))
    outputs = to_numpy(model(picture))
    for stage, name in enumerate(STAGES, 1):
        found = to_numpy(deep_pose_detector(model, stage=stage)(picture))
        points = outputs[name][:, 1:].reshape(1, 2, 2)
        np.testing.assert_allclose(found["keypoints"][..., :2], points)
    last = to_numpy(deep_pose_detector(model)(picture))
    np.testing.assert_allclose(last["keypoints"], found["keypoints"])


def test_one_stage_is_plain_regression():
    model = deep(stages=1, task="face")
    assert model.task_names == ["face"]
    model.compile("adam", **deep_pose_losses(stages=1, task="face"))
    detector = deep_pose_detector(model, task="face")
    assert detector.output["present"].shape == (None,)


def test_the_three_forms_of_truth_train_alike():
    points, present = TRUTH["keypoints"], TRUTH["present"]
    places = np.where(points[..., 2:] > 0, points[..., :2], np.nan)
    vectors = np.concatenate([present[:, None], places.reshape(3, 4)], axis=1)
    x, losses = images(), []
    for truth in (TRUTH, vectors):
        keras.utils.set_random_seed(1)
        model = deep(stages=1)
        model.compile("sgd", **deep_pose_losses(stages=1), **without_xla())
        losses.append(model.evaluate(x, {"keypoints": truth}, verbose=0))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_no_sample_is_labelled():
    model = deep(stages=1)
    model.compile("sgd", **deep_pose_losses(stages=1), **without_xla())
    before = [w.copy() for w in model.get_weights()]
    nothing = {"keypoints": np.full((3, 5), np.nan, "float32")}
    history = model.fit(images(), nothing, verbose=0).history
    assert history["loss"] == [0]
    names = [w.path for w in model.weights]
    for name, old, new in zip(names, before, model.get_weights()):
        if "moving" not in name and "seed" not in name:
            np.testing.assert_array_equal(old, new)


def test_squares_are_found():
    x, y = squares(16)
    for model, losses, names in (
        (deep(), deep_pose_losses(stages=2, presence_weight=0.0), STAGES[:2]),
        (
            by_maps(merge="add", filters=None),
            heat_map_pose_losses(),
            STAGES[:1],
        ),
    ):
        model.compile(keras.optimizers.Adam(0.01), **losses, **without_xla())
        check_losses_fall(model, x, dict.fromkeys(names, y), epochs=5)


def test_plots():
    check_plots(deep())
    check_plots(by_maps())


def test_what_does_not_fit_is_an_error():
    with pytest.raises(ValueError, match="stages"):
        deep(stages=0)
    with pytest.raises(ValueError, match="smaller"):
        by_maps(image_size=16)
    with pytest.raises(ValueError, match="as a layer or model"):
        HeatMapPose(2, trunk=mtv.trunks.SmallResNet)
    with pytest.raises(ValueError, match="are outputs of the model already"):
        by_maps(heads={"keypoints": mtv.tasks.ClassificationHead(4)})
    with pytest.raises(ValueError, match="take `deep_pose_detector`"):
        heat_map_pose_detector(deep(stages=1))
    with pytest.raises(ValueError, match="take `heat_map_pose_detector`"):
        deep_pose_detector(by_maps())
    with pytest.raises(ValueError, match="task='keypoints_4'"):
        deep_pose_detector(deep(), stage=4)
    model = deep(stages=1)
    with pytest.raises(ValueError, match="expects one of the losses"):
        model.compile("sgd", **heat_map_pose_losses())
    model.compile("sgd", **deep_pose_losses(stages=1), **without_xla())
    for wrong, message in (
        (np.ones((3, 4), "float32"), r"Task 'keypoints'.*vectors \(B, 5\)"),
        ({**TRUTH, "present": np.full(3, 7.0)}, "sample 0 has a presence of 7"),
        (TRUTH["keypoints"] * [99, 99, 1], "images have 64 x 64"),
    ):
        with pytest.raises(ValueError, match=message):
            model.fit(images(), {"keypoints": wrong}, verbose=0)


@pytest.mark.by_heart
def test_faces_are_learned():
    options = {"images_per_person": 4, "absent": 0.2}
    faces = mtv.data.DrawnFaces("train", num_people=120, **options)
    others = mtv.data.DrawnFaces("test", num_people=30, **options)
    model = DeepPose(
        10,
        trunk=mtv.trunks.SmallResNet(),
        stages=2,
        heads={"maps": mtv.tasks.KeypointMapsHead(10)},
    )
    fields = {name: name for name in ("keypoints", "present", "box")}
    targets = dict.fromkeys(model.task_names, fields)
    train, test = (
        mtv.data.Batches(x, targets, batch_size=16, cache=True, shuffle=True)
        for x in (faces, others)
    )
    losses = {"maps": mtv.tasks.KeypointMapsLoss(sigma=1.5)}
    error, presence = mtv.tasks.KeypointsError, mtv.tasks.KeypointsPresence
    model.compile(
        keras.optimizers.AdamW(2e-3),
        **deep_pose_losses(stages=2, losses=losses),
        metrics={
            "keypoints": [error(10), presence()],
            "keypoints_2": error(10),
            "maps": error(10),
        },
    )
    model.fit(train, epochs=8, verbose=0)
    found = model.evaluate(test, verbose=0, return_dict=True)
    known = mtv.data.gather_truth(train)["maps"]
    guess = mtv.tasks.constant_keypoints(known)[1:].reshape(1, 10, 2)
    truth = mtv.data.gather_truth(test)["maps"]
    metric = mtv.metrics.KeypointError(10)
    metric.update_state(truth, np.tile(guess, (len(others), 1, 1)))
    guessed = float(metric.result())
    assert found["keypoints_presence"] > 0.85
    assert found["keypoints_error"] < 0.4 * guessed
    assert found["keypoints_2_error"] < 0.9 * found["keypoints_error"]
    assert found["maps_error"] < 0.4 * guessed
