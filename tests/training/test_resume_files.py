"""Files of a training that cannot be read, written, or are of another one."""

import errno
import os
import shutil

import keras
import pytest

import mtvision as mtv
from batteries.broken_off import (
    STEPS,
    BreakAt,
    Broken,
    Samples,
    assert_same,
    make_arrays,
    make_model,
    train,
)
from mtvision.training import Resume
from mtvision.training.resuming import save_files


def names(folder):
    return sorted(p.name for p in folder.iterdir() if p.suffix != ".lock")


def break_off(folder, steps=STEPS + 3, **options):
    with pytest.raises(Broken):
        train(make_model(), folder, callbacks=[BreakAt(steps)], **options)


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-100])


def alter(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def empty(path):
    path.write_bytes(b"")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return train(make_model(), tmp_path_factory.mktemp("whole"))


def test_the_last_files_are_kept(tmp_path):
    break_off(tmp_path)
    assert names(tmp_path) == [
        f"step-{step:010d}.resume" for step in (STEPS - 2, STEPS, STEPS + 2)
    ]


@pytest.mark.parametrize("harm", [cut_off, alter, empty])
def test_the_file_before_a_broken_one_is_taken(tmp_path, expected, harm):
    break_off(tmp_path)
    newest = names(tmp_path)[-1]
    harm(tmp_path / newest)
    (tmp_path / "step-0000000099.part").write_bytes(b"begun")
    with pytest.warns(UserWarning, match=newest):
        found = train(make_model(), tmp_path)
    assert_same(found, expected)
    assert len(names(tmp_path)) == 3
    assert not [name for name in names(tmp_path) if name.endswith(".part")]


def test_a_file_that_may_not_be_read_stays(tmp_path, expected, monkeypatch):
    break_off(tmp_path)
    before = names(tmp_path)

    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(save_files.pathlib.Path, "read_bytes", refuse)
        with pytest.raises(ValueError, match=f"{before[-1]}.*denied"):
            train(make_model(), tmp_path)
    assert names(tmp_path) == before
    assert_same(train(make_model(), tmp_path), expected)


def test_broken_files_do_not_count_as_kept(tmp_path):
    break_off(tmp_path)
    broken = names(tmp_path)
    for name in broken:
        cut_off(tmp_path / name)
    with (
        pytest.warns(UserWarning, match="cannot be used"),
        pytest.raises(Broken),
    ):
        train(make_model(), tmp_path, callbacks=[BreakAt(1)])
    assert names(tmp_path) == ["step-0000000000.resume"]


def test_without_any_whole_file_it_begins_anew(tmp_path, expected):
    break_off(tmp_path)
    for name in names(tmp_path):
        cut_off(tmp_path / name)
    with pytest.warns(UserWarning, match="cannot be used"):
        found = train(make_model(), tmp_path)
    assert_same(found, expected)
    with pytest.raises(Broken):
        train(make_model(), tmp_path, epochs=9, callbacks=[BreakAt(1)])


def test_a_pipe_is_no_file(tmp_path):
    """It would keep its reader waiting."""
    os.mkfifo(tmp_path / "step-0000000008.resume")
    assert save_files.newest_first(tmp_path) == []


def test_a_full_disk_harms_nothing(tmp_path, expected, monkeypatch):
    break_off(tmp_path)
    before = {n: (tmp_path / n).read_bytes() for n in names(tmp_path)}

    def fail(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.warns(UserWarning, match="No space left"):
            found = train(make_model(), tmp_path)
    assert_same(found, expected)
    assert {n: (tmp_path / n).read_bytes() for n in names(tmp_path)} == before
    assert_same(train(make_model(), tmp_path), expected)


def test_a_folder_that_vanishes_ends_nothing(tmp_path, expected):
    folder = tmp_path / "folder"

    class Vanish(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                shutil.rmtree(folder)

    with pytest.warns(UserWarning, match="is not saved"):
        found = train(make_model(), folder, callbacks=[Vanish()])
    assert_same(found, expected)


def test_a_folder_that_cannot_be_made_ends_nothing(
    tmp_path, expected, monkeypatch
):
    def fail(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "mkdir", fail)
    text = "Permission denied|is not saved"
    with pytest.warns(UserWarning, match=text) as warned:
        found = train(make_model(), tmp_path / "folder")
    assert "Permission denied" in str(warned[0].message)
    assert_same(found, expected)


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("text")
    with pytest.raises(ValueError, match="is a file"):
        train(make_model(), tmp_path / "file")


class Seeded(Samples):
    def __init__(self, seed):
        super().__init__()
        self.seed = seed


class Longer(Samples):
    def __len__(self):
        return STEPS + 1


def wider():
    x = keras.Input((5,))
    shared = keras.layers.Dense(7)(x)
    outputs = {
        "depth": keras.layers.Dense(1)(shared),
        "scene": keras.layers.Dense(2)(shared),
    }
    model = mtv.MultiTaskModel(x, outputs)
    model.compile_from_config(make_model().get_compile_config())
    return model


def weighted(weight):
    model = make_model()
    config = model.get_compile_config()
    config["loss_weights"] = {"depth": weight, "scene": 1.0}
    model.compile_from_config(config)
    return model


SGD, PCGrad = keras.optimizers.SGD, mtv.balancing.PCGrad
OTHERS = {
    "optimizer": lambda f: train(make_model(optimizer=SGD(0.1)), f, Seeded(1)),
    "loss_weights / depth": lambda f: train(weighted(0.7), f, Seeded(1)),
    "balancing": lambda f: train(make_model(PCGrad), f, Seeded(1)),
    "data / seed": lambda f: train(make_model(), f, Seeded(2)),
    "data / type": lambda f: train(make_model(), f, Longer()),
    "model / layers": lambda f: train(wider(), f, Seeded(1)),
    "callbacks": lambda f: train(
        make_model(),
        f,
        Seeded(1),
        callbacks=[keras.callbacks.EarlyStopping("loss")],
    ),
}


@pytest.mark.parametrize("place", OTHERS)
def test_another_training_is_refused(tmp_path, place):
    break_off(tmp_path, 3, data=Seeded(1))
    before = names(tmp_path)
    with pytest.raises(ValueError, match=f"but .*{place}.* differs"):
        OTHERS[place](tmp_path)
    assert names(tmp_path) == before


def test_another_number_of_batches_is_refused(tmp_path):
    x, y = make_arrays()
    break_off(tmp_path, 3)
    fewer = x[:12], {task: truth[:12] for task, truth in y.items()}
    with pytest.raises(ValueError, match="data / batches differs: it was 6"):
        train(make_model(), tmp_path, fewer)


def test_an_option_of_a_layer_is_part_of_the_model(tmp_path):
    def make(rate):
        x = keras.Input((5,))
        shared = keras.layers.Dropout(rate)(keras.layers.Dense(3)(x))
        outputs = {"depth": keras.layers.Dense(1)(shared)}
        model = mtv.MultiTaskModel(x, outputs)
        model.compile("adam", {"depth": "mse"})
        return model

    x, y = make_arrays()
    data = x, {"depth": y["depth"]}
    train(make(0.1), tmp_path, data, epochs=1)
    train(make(0.1), tmp_path, data, epochs=2)
    with pytest.raises(ValueError, match=r"config / rate differs: it was 0\.1"):
        train(make(0.2), tmp_path, data, epochs=3)


def test_one_object_is_for_one_training(tmp_path):
    x, y = make_arrays()
    resume = Resume(tmp_path)
    options = {"callbacks": [resume], "verbose": 0}
    with pytest.raises(Broken):
        make_model().fit(x, y, callbacks=[BreakAt(1), resume], verbose=0)
    make_model().fit(x, y, **options)
    with pytest.raises(ValueError, match="has finished"):
        make_model().fit(x, y, epochs=2, **options)


def test_one_folder_is_for_one_training(tmp_path):
    class Second(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            train(make_model(), tmp_path)

    with pytest.raises(ValueError, match="Another training is running"):
        train(make_model(), tmp_path, callbacks=[Second()])
    train(make_model(), tmp_path)


def generator():
    while True:
        yield make_arrays()


class WithoutEpochs(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return make_arrays(index)


@pytest.mark.parametrize("data", [WithoutEpochs(), generator()])
def test_data_whose_order_is_not_known_are_refused(tmp_path, data):
    with pytest.raises(ValueError, match=r"received a .*Batches"):
        train(make_model(), tmp_path, data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps_per_epoch": 2}, "steps_per_epoch"),
        ({"validation_split": 0.5}, "validation_data"),
    ],
)
def test_options_that_hide_the_place_in_the_data(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        train(make_model(), tmp_path, **options)


@pytest.mark.parametrize("number", [2, 3])
def test_lists_of_callbacks(tmp_path, number):
    x, y = make_arrays()
    callbacks = [Resume(tmp_path), Resume(tmp_path)]
    if number == 3:
        callbacks = keras.callbacks.CallbackList(callbacks[:1])
    with pytest.raises(ValueError, match="Expected one Resume in a list"):
        make_model().fit(x, y, callbacks=callbacks)


def test_callbacks_that_cannot_go_on(tmp_path):
    callbacks = [
        keras.callbacks.CSVLogger(str(tmp_path / "log.csv")),
        keras.callbacks.BackupAndRestore(str(tmp_path)),
        keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
    ]
    for callback in callbacks:
        name = type(callback).__name__
        with pytest.raises(ValueError, match=f"{name} cannot go on"):
            train(make_model(), tmp_path, callbacks=[callback])


def test_only_in_the_fit_of_a_multi_task_model(tmp_path):
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = make_arrays()
    with pytest.raises(ValueError, match="received a Sequential"):
        model.fit(x, y["depth"], callbacks=[Resume(tmp_path)], verbose=0)


@pytest.mark.parametrize("option", ["every", "keep"])
def test_options(tmp_path, option):
    with pytest.raises(ValueError, match=option):
        Resume(tmp_path, **{option: 0})
