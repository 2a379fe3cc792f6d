"""Galleries on disk: damaged files, dead writers, several at once."""

import os
import signal
import time
import traceback

import numpy as np
import pytest

from mtvision.recognition import Gallery, gallery_file

SIZE = 4


def row(seed):
    return np.random.default_rng(seed).normal(size=SIZE).astype("float32")


@pytest.fixture
def path(tmp_path):
    gallery = Gallery(SIZE, threshold=0.5)
    gallery.add("Ünal Şen", row(0))
    gallery.add("李", row(1))
    gallery.add("Ünal Şen", row(2), force=True)
    gallery.save(tmp_path / "people.gallery")
    return tmp_path / "people.gallery"


def test_what_is_read_is_what_was_written(path):
    gallery = Gallery.load(path)
    assert gallery.names == ["Ünal Şen", "李"]
    assert all(type(name) is str for name in gallery.names)
    assert (gallery.size, gallery.threshold) == (SIZE, 0.5)
    for seed, name in ((0, "Ünal Şen"), (1, "李"), (2, "Ünal Şen")):
        found = gallery.identify(row(seed))
        assert (found.name, found.distance) == (name, 0)


def test_an_empty_gallery_is_one(tmp_path):
    Gallery(SIZE, threshold=1.0).save(tmp_path / "a")
    with Gallery.edit(tmp_path / "a") as gallery:
        assert len(gallery) == 0
        gallery.add("Ann", row(0))
    assert Gallery.load(tmp_path / "a").names == ["Ann"]


def test_every_damage_is_noticed(path):
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 4
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="people.gallery is"):
            Gallery.load(path)
    for length in (0, 3, 30, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="people.gallery is"):
            Gallery.load(path)
        with (
            pytest.raises(ValueError, match="people.gallery is"),
            Gallery.edit(path),
        ):
            pass
        assert path.read_bytes() == whole[:length]


def test_no_file(tmp_path):
    with pytest.raises(ValueError, match="There is no gallery at"):
        Gallery.load(tmp_path / "none")
    for path in (tmp_path / "none", tmp_path / "no" / "folder", tmp_path):
        with (
            pytest.raises(ValueError, match="There is no gallery at"),
            Gallery.edit(path),
        ):
            pass
    assert not list(tmp_path.iterdir())
    assert not list(tmp_path.parent.glob(f"{tmp_path.name}.lock"))


def test_other_fields(tmp_path):
    gallery_file.write(tmp_path / "a", {"size": np.int64(3)})
    with pytest.raises(ValueError, match=r"has the fields \['size'\]"):
        Gallery.load(tmp_path / "a")


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": np.array(["Ann", "Ann"])},
        {"names": np.array([1, 2])},
        {"names": np.array(["Ann", "Bob", "Cem"])},
        {"owners": np.array([0, 2])},
        {"owners": np.array([0.0, 1.0])},
        {"owners": np.array([0])},
        {"rows": np.zeros((2, 3), "float32")},
        {"rows": np.zeros((2, SIZE))},
        {"rows": np.full((2, SIZE), np.nan, "float32")},
        {"size": np.array([SIZE])},
        {"threshold": np.array("near")},
        {"threshold": np.array(np.nan)},
    ],
)
def test_a_checksum_of_other_contents(tmp_path, wrong):
    fields = {
        "size": np.int64(SIZE),
        "threshold": np.float64(0.5),
        "names": np.array(["Ann", "Bob"]),
        "owners": np.array([0, 1]),
        "rows": np.eye(2, SIZE, dtype="float32"),
    }
    gallery_file.write(tmp_path / "a", fields)
    assert Gallery.load(tmp_path / "a").names == ["Ann", "Bob"]
    gallery_file.write(tmp_path / "a", fields | wrong)
    with pytest.raises(ValueError, match="is no gallery|threshold"):
        Gallery.load(tmp_path / "a")


def test_an_error_in_the_block_writes_nothing(path):
    before = path.read_bytes()

    def fail():
        with Gallery.edit(path) as gallery:
            gallery.add("Ann", row(3))
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        fail()
    assert path.read_bytes() == before
    with Gallery.edit(path) as gallery:
        gallery.add("Ann", row(3))
    assert "Ann" in Gallery.load(path)


def test_people_of_others_are_not_overwritten(path):
    mine = Gallery.load(path)
    mine.add("Ann", row(3))
    with Gallery.edit(path) as others:
        others.add("Bob", row(4))
    with pytest.raises(ValueError, match=r"would be lost.*Gallery\.edit"):
        mine.save(path)
    with pytest.raises(ValueError, match="would be lost"):
        Gallery(SIZE, threshold=1.0).save(path)
    assert "Bob" in Gallery.load(path)
    mine.save(path, overwrite=True)
    mine.add("Cleo", row(5))
    mine.save(path)
    assert Gallery.load(path).names == ["Ünal Şen", "李", "Ann", "Cleo"]


@pytest.mark.parametrize("linked", [False, True])
def test_an_edit_in_an_edit_does_not_wait_for_itself(path, linked):
    inner = path
    if linked:
        inner = path.with_name("link")
        inner.symlink_to(path)
    with Gallery.edit(path) as gallery:
        gallery.add("Ann", row(3))
        with pytest.raises(ValueError, match="end of its block"):
            gallery.save(inner)
        with (
            pytest.raises(ValueError, match="end of its block"),
            Gallery.edit(inner),
        ):
            pass
    with Gallery.edit(inner) as gallery:
        assert "Ann" in gallery


def test_a_link_stays_one(path):
    link = path.with_name("link")
    link.symlink_to(path)
    with Gallery.edit(link) as gallery:
        gallery.add("Ann", row(3))
    assert link.is_symlink()
    assert "Ann" in Gallery.load(path)


@pytest.mark.skipif(os.name != "posix", reason="needs permissions of POSIX")
def test_who_may_read_stays(path):
    for mode in (0o600, 0o644):
        path.chmod(mode)
        with Gallery.edit(path) as gallery:
            gallery.remove(gallery.names[0])
        assert path.stat().st_mode & 0o777 == mode


def child(function):
    """Runs a function in a process of its own; returns its number."""
    number = os.fork()
    if number:
        return number
    try:
        function()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def status(number):
    return os.waitpid(number, 0)[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes of POSIX")
@pytest.mark.filterwarnings("ignore:.*fork")
class TestProcesses:
    @pytest.mark.parametrize("step", ["write", "fsync", "replace"])
    def test_a_writer_that_dies_leaves_the_old_file(
        self, path, step, monkeypatch
    ):
        before = path.read_bytes()

        def die(*arguments):
            os.kill(os.getpid(), signal.SIGKILL)

        def dies_while_writing():
            if step == "write":
                # Half of it reaches the disk.
                monkeypatch.setattr(gallery_file, "open", dying_open, False)
            else:
                monkeypatch.setattr(os, step, die)
            with Gallery.edit(path) as gallery:
                gallery.add("Ann", row(3))

        def dying_open(name, mode):
            if not str(name).endswith(".part"):
                return open(name, mode)
            with open(name, mode) as file:
                file.write(before[: len(before) // 2])
            return die()

        assert status(child(dies_while_writing)) == signal.SIGKILL
        assert path.read_bytes() == before
        assert Gallery.load(path).names == ["Ünal Şen", "李"]
        part = path.with_name(path.name + ".part")
        assert part.exists()
        # Its lock is free, and its rest in nobody's way.
        with Gallery.edit(path) as gallery:
            gallery.add("Bob", row(4))
        assert not part.exists()
        assert Gallery.load(path).names == ["Ünal Şen", "李", "Bob"]

    def test_several_writers_and_readers(self, path):
        writers, each = 4, 6

        def write(writer):
            for k in range(each):
                with Gallery.edit(path) as gallery:
                    face = row(100 * writer + k)
                    gallery.add(f"{writer} {k}", face, force=True)

        def read():
            number, end = 0, time.monotonic() + 60
            while number < 2 + writers * each:
                assert time.monotonic() < end
                gallery = Gallery.load(path)
                assert len(gallery) >= number
                number = len(gallery)

        tasks = [lambda w=w: write(w) for w in range(1, writers + 1)]
        children = [child(task) for task in [*tasks, read, read]]
        assert [status(each) for each in children] == [0] * len(children)
        gallery = Gallery.load(path)
        assert len(gallery) == 2 + writers * each
        for writer in range(1, writers + 1):
            found = gallery.identify(row(100 * writer + 3))
            assert (found.name, found.distance) == (f"{writer} 3", 0)
