import csv

import numpy as np
import pytest

from mtvision.data import Batches, read_image
from mtvision.data.readers.identity_folders import IdentityFolders
from mtvision.data.readers.verification_pairs import VerificationPairs

TABLE = "a,b,same\nx/1.png,x/2.png,1\nx/1.png,y/1.png,False\nx/2.png,y/1.png,\n"


@pytest.fixture
def root(tmp_path, draw):
    for seed, name in enumerate(("x/1.png", "x/2.png", "y/1.png")):
        draw(f"faces/{name}", seed=seed)
    return tmp_path


def test_a_sample_has_two_images_and_says_whether_they_are_the_same(
    root, write
):
    pairs = VerificationPairs(root / "faces", write("pairs.csv", TABLE))
    assert len(pairs) == 3
    assert pairs.pairs[1] == ("x/1.png", "y/1.png")
    sample = pairs[1]
    for name, path in zip(("first_image", "second_image"), pairs.paths(1)):
        np.testing.assert_array_equal(sample[name], read_image(path))
    assert pairs.column("same").tolist() == [1, 0, -1]
    assert sample["same"] == 0
    assert sample["file"] == "x/1.png y/1.png"
    assert pairs.findings == {"no label 'same'": ["x/2.png y/1.png"]}


def test_pairs_of_a_source(root, write):
    faces = IdentityFolders(root / "faces")
    pairs = VerificationPairs(faces, write("pairs.csv", TABLE))
    assert pairs.paths(0)[1] == faces.path(1)


def test_pairs_become_batches(root, write):
    pairs = VerificationPairs(root / "faces", write("pairs.csv", TABLE))
    batches = Batches(
        pairs,
        {"same": "same"},
        inputs={"one": "first_image", "other": "second_image"},
        batch_size=3,
    )
    inputs, _, weights = batches[0]
    assert inputs["one"].shape == inputs["other"].shape == (3, 12, 16, 3)
    assert weights["same"].tolist() == [1, 1, 0]


def test_columns_may_have_other_names(root, write):
    text = "n,match,left,right\n1,yes,1,1\n"
    path = write("pairs.csv", text.replace("yes,1,1", "1,x/1.png,y/1.png"))
    columns = ("left", "right", "match")
    pairs = VerificationPairs(root / "faces", path, columns=columns)
    assert pairs[0]["same"] == 1
    with pytest.raises(ValueError, match=r"\['no'.*'left', 'right'\]"):
        VerificationPairs(root / "faces", path, columns=("no", "no", "no"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected the columns"),
        ("a,b\nx,y\n", "expected the columns"),
        ("a,b,same\n", "no row"),
        ("a,b,same\nx/1.png,y/1.png,maybe\n", "line 2: .* received 'maybe'"),
        ("a,b,same\n../x.png,y/1.png,1\n", "line 2: .*inside the folder"),
        ("a,b,same\n" + "x/1.png,y/1.png,1\n" * 2, "line 3: .* twice"),
        ("a,b,same\nx/1.png\n", "line 2: "),
        ("a,b,same\nx/1.png,z.png,1\n", r"z\.png: there is no such file"),
    ],
)
def test_malformed_tables_are_refused(root, write, text, message):
    path = write("pairs.csv", text)
    with pytest.raises(ValueError, match=message):
        VerificationPairs(root / "faces", path)


def test_a_missing_table_is_named(root):
    with pytest.raises(ValueError, match=r"no\.csv"):
        VerificationPairs(root / "faces", root / "no.csv")


def test_pairs_of_forty_people(shared):
    folder = shared("face_verification_orl")
    pairs = VerificationPairs(folder, folder / "pairs_test.csv")
    same = pairs.column("same")
    assert np.bincount(same).tolist() == [450, 450]
    with open(folder / "pairs_test.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert pairs.pairs == [(row["a"], row["b"]) for row in rows]
    # The folder is the person.
    people = [(a.split("/")[0], b.split("/")[0]) for a, b in pairs.pairs]
    assert [int(a == b) for a, b in people] == same.tolist()
    assert pairs[0]["first_image"].shape == (112, 92, 3)
