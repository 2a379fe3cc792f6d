import pytest

from mtvision.data.readers.class_folders import ClassFolders
from mtvision.data.readers.identity_folders import IdentityFolders


@pytest.fixture
def root(tmp_path, draw):
    for name in ("rose/1.png", "daisy/2.png", "daisy/deep/3.png", "x.png"):
        draw(name)
    (tmp_path / "empty").mkdir()
    (tmp_path / ".cache").mkdir()
    return tmp_path


def test_the_folder_is_the_class(root):
    source = ClassFolders(root)
    assert source.files == ["daisy/2.png", "daisy/deep/3.png", "rose/1.png"]
    assert source.classes == {"label": ["daisy", "empty", "rose"]}
    assert source.column("label").tolist() == [0, 0, 2]
    assert [source[k]["label"] for k in range(3)] == [0, 0, 2]
    assert set(source[0]) == {"image", "file", "label"}
    assert source[0]["label"].dtype == "int32"
    assert source.findings == {
        "image outside of the folders, left out": ["x.png"],
        "folder without images": ["empty"],
    }


def test_classes_may_be_given(root):
    source = ClassFolders(root, classes=["rose"])
    assert source.column("label").tolist() == [0]
    kind = "folder not asked for, left out"
    assert source.findings[kind] == ["daisy/2.png", "daisy/deep/3.png"]
    with pytest.raises(ValueError, match=r"'ros'\. Did you mean 'rose'"):
        ClassFolders(root, classes=["ros"])


def test_identities(root):
    source = IdentityFolders(root, identities=["rose", "daisy"])
    assert source.column("identity").tolist() == [1, 1, 0]
    assert source.classes == {"identity": ["rose", "daisy"]}
    assert source[0]["identity"] == 1
    assert "label" not in source[0]


def test_nothing_to_read_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no image"):
        ClassFolders(tmp_path)
    with pytest.raises(ValueError, match="no such folder"):
        ClassFolders(tmp_path / "nowhere")


def test_forty_people_have_ten_pictures_each(shared):
    folder = shared("face_verification_orl")
    source = IdentityFolders(folder)
    assert len(source) == 400
    people = source.column("identity").tolist()
    assert people == [k for k in range(40) for _ in range(10)]
    assert not source.findings
    known = [f"s{k:02}" for k in range(1, 31)]
    train = IdentityFolders(folder, identities=known)
    assert len(train) == 300
    assert len(train.findings["folder not asked for, left out"]) == 100
    assert train[0]["image"].shape == (112, 92, 3)
