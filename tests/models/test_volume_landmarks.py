import keras
import numpy as np
import pytest

import mtvision as mtv
from batteries.backend import to_numpy
from batteries.models import check_model
from mtvision.models import (
    VolumeLandmarks,
    predict_tiles,
    volume_landmarks_detector,
    volume_landmarks_losses,
)

RNG = np.random.default_rng(0)
NAN = np.nan
TRUTH = np.array(
    [
        [[5.0, 6.0, 7.0, 1], [12.0, 3.0, 9.0, 1]],
        [[10.0, 9.0, 2.0, 1], [NAN, NAN, NAN, 0]],
        [[NAN, NAN, NAN, NAN], [NAN, NAN, NAN, NAN]],
    ],
    "float32",
)
TASKS = ("landmarks_presence", "landmarks_displacement")


def tiny(**options):
    trunk = mtv.trunks.VolumeNet((3, 4), depth=1)
    return VolumeLandmarks(2, **{"trunk": trunk, "hidden": 4, **options})


def volumes(number=3, size=(16, 16, 16)):
    return RNG.normal(size=(number, *size, 1)).astype("float32")


def test_trains_with_another_task():
    model = tiny(heads={"age": keras.layers.GlobalAveragePooling3D(name="age")})
    model.compile(
        keras.optimizers.Adam(0.01),
        **volume_landmarks_losses(
            losses={"age": "mse"}, loss_weights={"age": 0.5}, reach=3.0
        ),
    )
    truth = {**dict.fromkeys(TASKS, TRUTH), "age": np.ones((3, 4))}
    check_model(model, volumes(), truth, epochs=5)


def test_volumes_of_any_size_and_cells_of_any_shape():
    trunk = mtv.trunks.VolumeNet(
        (3, 4), strides=(2, (1, 2, 2)), volume_shape=(None, None, None, 2)
    )
    model = tiny(trunk=trunk, channels=2, task="valve")
    detector = volume_landmarks_detector(model, task="valve", min_share=0.5)
    maps = model.predict(np.zeros((1, 8, 12, 16, 2)), verbose=0)
    last = maps["valve_presence"][0, -1, -1, -1, -6:]
    assert last.tolist() == [6, 8, 12, 8, 12, 16]
    found = detector.predict(np.zeros((1, 8, 12, 16, 2)), verbose=0)
    assert found["landmarks"].shape == (1, 2, 3)


def sure(model):
    """Makes the cells sure of something, so that few vote."""
    kernel, bias = model.get_layer(TASKS[0]).values.get_weights()
    model.get_layer(TASKS[0]).values.set_weights([kernel * 2000, bias - 20])
    kernel, bias = model.get_layer(TASKS[1]).values.get_weights()
    model.get_layer(TASKS[1]).values.set_weights([kernel * 20, bias])


def test_moved_by_a_cell_the_landmarks_are_moved():
    model = tiny()
    sure(model)
    detector = volume_landmarks_detector(model, min_share=0.5)
    # Zeros all around, so that borders see the same.
    volume = np.zeros((1, 48, 48, 48, 1), "float32")
    volume[:, 16:28, 16:28, 16:28] = volumes(1, (12, 12, 12))
    moved = np.roll(volume, (4, -8, 4), axis=(1, 2, 3))
    found, after = (to_numpy(detector(x)) for x in (volume, moved))
    np.testing.assert_allclose(
        after["landmarks"], found["landmarks"] + [4, -8, 4], atol=1e-3
    )
    np.testing.assert_allclose(after["scores"], found["scores"], rtol=1e-4)


def test_tiles_of_a_large_volume_give_the_landmarks_of_the_whole():
    model = tiny()
    volume = volumes(1, (24, 64, 48))
    maps = predict_tiles(
        model,
        volume[0],
        tile_size=(24, 48, 48),
        overlap=(0, 32, 32),
        margin=(0, 16, 16),
        stride=4,
        verbose=0,
    )
    decode = mtv.tasks.DecodeVolumeLandmarks()
    tiled = to_numpy(decode([maps[task][None] for task in TASKS]))
    whole = to_numpy(volume_landmarks_detector(model)(volume))
    for name, value in whole.items():
        np.testing.assert_allclose(tiled[name], value, atol=1e-3)


def test_what_does_not_fit_is_an_error():
    with pytest.raises(ValueError, match="whole number of voxels"):
        tiny(trunk=keras.layers.Conv3D(2, 5))
    with pytest.raises(ValueError, match="as a layer or model"):
        tiny(trunk=mtv.trunks.VolumeNet)
    with pytest.raises(ValueError, match="volume_size"):
        tiny(volume_size=(16, 16))
    with pytest.raises(ValueError, match="task='valve_presence'"):
        volume_landmarks_detector(tiny(), task="valve")
    model = tiny()
    losses = volume_landmarks_losses()
    swapped = dict(zip(TASKS, reversed(losses["loss"].values())))
    with pytest.raises(ValueError, match="expects one of the losses"):
        model.compile("sgd", swapped)
    model.compile("sgd", **losses)
    truth = dict.fromkeys(TASKS, TRUTH[..., :3])
    with pytest.raises(ValueError, match=r"Task 'land.*shape \(B, 2, 4\)"):
        model.fit(volumes(), truth, verbose=0)


@pytest.mark.by_heart
def test_finds_the_landmarks_of_new_volumes():
    """Within 1.5 voxels on the mean; the mean place is much farther off."""
    size, batch = 32, 8
    train, test = (
        mtv.data.Batches(
            mtv.data.SyntheticVolumes(split, num_volumes=number, size=size),
            dict.fromkeys(TASKS, "landmarks"),
            inputs="volume",
            batch_size=batch,
            shuffle=split == "train",
            cache=True,
        )
        for split, number in (("train", 160), ("test", 40))
    )
    keras.utils.set_random_seed(0)
    model = VolumeLandmarks(4, volume_size=size)
    epochs = 12
    rate = keras.optimizers.schedules.CosineDecay(3e-3, epochs * len(train))
    model.compile(keras.optimizers.AdamW(rate), **volume_landmarks_losses())
    model.fit(train, epochs=epochs, verbose=0)
    detector = volume_landmarks_detector(model)
    error, constant = mtv.tasks.LandmarkError(), mtv.tasks.LandmarkError()
    known = mtv.data.gather_truth(train)[TASKS[0]]
    mean = np.nanmean(known[..., :3], axis=0)
    for k in range(len(test)):
        x, y, _ = test[k]
        found = detector.predict(x, verbose=0)["landmarks"]
        error.update_state(y[TASKS[0]], found)
        constant.update_state(
            y[TASKS[0]], np.broadcast_to(mean, (len(x), 4, 3))
        )
    assert float(error.result()) < 1.5
    assert float(constant.result()) > 2.5


@pytest.mark.parametrize("place", [(5, -3, 7), (5, 6, 40), (17.5, 6, 7)])
def test_landmarks_outside_of_the_volume(place):
    """Such as a truth in millimetres."""
    model = tiny()
    model.compile("sgd", **volume_landmarks_losses(), run_eagerly=True)
    truth = TRUTH.copy()
    truth[1, 0, :3] = place
    message = "landmarks.*sample 1 has landmark 0 at .*outside.*16, 16"
    with pytest.raises(ValueError, match=message):
        model.fit(volumes(), dict.fromkeys(TASKS, truth), verbose=0)
    # Of one that is absent the place says nothing, and borders may round.
    truth[1, 0, 3] = 0
    truth[0, 0, :3] = -0.5, 16.5, 0
    model.fit(volumes(), dict.fromkeys(TASKS, truth), verbose=0)


@pytest.mark.parametrize(
    ("name", "wrongs"),
    [
        ("volume_size", (True, 0, -8, "16", (16, 16), (16, 0, 16), 16.0)),
        ("channels", (0, True, 1.0, None)),
        ("prior", ("a", 0, 1, np.nan, None)),
        ("task", (None, "", 3)),
        ("heads", ([keras.layers.Identity()], {"a": "x"})),
    ],
)
def test_options_that_cannot_be(name, wrongs):
    for wrong in wrongs:
        with pytest.raises(ValueError, match=f"Expected {name}"):
            tiny(**{name: wrong})
