import numpy as np
import pytest
from PIL import Image

from mtvision.data import Batches, Folder, read_mask

BOX = (
    "<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin>"
    "<xmax>{}</xmax><ymax>{}</ymax></bndbox></object>"
)


class Files:
    """A small data set in a temporary folder."""

    def __init__(self, root):
        self.root = root
        for name in ("images", "xmls", "masks"):
            (root / name).mkdir()
        self.rows = ["file,breed,species,age"]

    def add(self, name, *, boxes=None, mask=None, labels="a,cat,1.5"):
        Image.new("RGB", (20, 10), "red").save(self.root / "images" / name)
        self.rows.append(f"{name},{labels}")
        if boxes is not None:
            self.xml(name, boxes)
        if mask is not None:
            path = (self.root / "masks" / name).with_suffix(".png")
            Image.fromarray(np.array(mask, "uint8")).save(path)

    def xml(self, name, boxes):
        path = (self.root / "xmls" / name).with_suffix(".xml")
        body = "".join(BOX.format(*box) for box in boxes)
        path.write_text(f"<annotation>{body}</annotation>")

    def open(self, **options):
        (self.root / "labels.csv").write_text("\n".join(self.rows))
        return Folder(
            self.root / "images",
            **{
                "table": self.root / "labels.csv",
                "columns": ["breed", "species"],
                "boxes": self.root / "xmls",
                "masks": self.root / "masks",
                "mask_values": {1: 1, 2: 0, 3: 255},
            }
            | options,
        )


MASK = np.full((10, 20), 2)
MASK[2:4, 3:6] = 1
MASK[4, 3:6] = 3


@pytest.fixture
def files(tmp_path):
    files = Files(tmp_path)
    files.add("x.png", boxes=[("cat", 1, 1, 20, 10)], mask=MASK)
    files.add("y.png", labels="b,,")
    return files


def test_a_sample_has_its_labels(files):
    folder = files.open(columns={"breed": None, "species": None, "age": float})
    sample = folder[0]
    assert sample["file"] == "x.png"
    assert sample["image"].tolist() == [[[255, 0, 0]] * 20] * 10
    assert sample["breed"] == 0
    assert sample["species"] == 0
    assert sample["age"] == np.float32(1.5)
    assert sample["present"] == 1
    assert sample["box"].tolist() == [0, 0, 20, 10]
    assert sample["boxes"].tolist() == [[0, 0, 20, 10]]
    assert sample["classes"].tolist() == [0]
    expected = np.select([MASK == 1, MASK == 3], [1, 255], 0)
    np.testing.assert_array_equal(sample["semantic"], expected)
    assert folder.classes == {
        "breed": ["a", "b"],
        "species": ["cat"],
        "classes": ["cat"],
    }


def test_labels_that_are_not_given_are_missing(files):
    folder = files.open(columns={"breed": None, "species": None, "age": float})
    sample = folder[1]
    assert sample["species"] == -1
    assert np.isnan(sample["age"])
    assert np.isnan(sample["present"])
    assert np.isnan(sample["box"]).all()
    assert sample["boxes"] is None
    assert sample["classes"] is None
    assert sample["semantic"] is None
    assert folder.findings["no label 'species'"] == ["y.png"]
    assert folder.findings["no boxes"] == ["y.png"]
    assert folder.findings["no mask"] == ["y.png"]


def test_a_folder_of_images_alone(files):
    folder = Folder(files.root / "images")
    assert folder.files == ["x.png", "y.png"]
    assert set(folder[1]) == {"file", "image"}


def test_the_given_order_of_classes_counts(files):
    folder = files.open(
        columns={"breed": ["b", "a"]}, box_classes=["dog", "cat"]
    )
    assert folder[0]["breed"] == 1
    assert folder[0]["classes"].tolist() == [1]
    assert folder.column("breed").tolist() == [1, 0]
    with pytest.raises(ValueError, match="Did you mean 'breed'"):
        folder.column("bred")


def test_the_largest_of_several_boxes_is_the_box(files):
    boxes = [("cat", 1, 1, 5, 5), ("dog", 3, 3, 12, 9), ("cat", 1, 1, 2, 2)]
    files.xml("x.png", boxes)
    folder = files.open()
    assert folder[0]["box"].tolist() == [2, 2, 12, 9]
    assert folder[0]["classes"].tolist() == [0, 1, 0]
    assert folder.findings["more than one box"] == ["x.png (3)"]


def test_an_empty_xml_says_that_there_is_no_object(files):
    files.xml("y.png", [])
    sample = files.open()[1]
    assert sample["present"] == 0
    assert sample["boxes"].shape == (0, 4)
    assert np.isnan(sample["box"]).all()


def test_boxes_may_be_edges(files):
    assert files.open(box_origin=0)[0]["box"].tolist() == [1, 1, 20, 10]


def test_defects_are_found(files):
    Image.new("P", (20, 10)).save(files.root / "images/gif.jpg", format="GIF")
    files.rows.append("gif.jpg,a,cat,1")
    files.add("flat.png", mask=np.full((10, 20), 2))
    files.add("bad.png", boxes=[("cat", 9, 9, 3, 3)])
    Image.new("RGB", (4, 4)).save(files.root / "images/extra.png")
    size = "<size><width>10</width><height>20</height></size>"
    path = files.root / "xmls/flat.xml"
    path.write_text(f"<annotation>{size}</annotation>")
    folder = files.open()
    expected = {
        "named otherwise": ["gif.jpg (GIF (P) named .jpg)"],
        "mask without foreground": ["flat.png"],
        "box inverted or without area": [
            "bad.png (object 0: [9.0, 9.0, 3.0, 3.0])"
        ],
        "image without a row, left out": ["extra.png"],
        "size in XML differs": ["flat.png ((20, 10), (10, 20))"],
        "boxes given, but none": ["flat.png"],
    }
    for kind, places in expected.items():
        assert folder.findings[kind] == places
        assert kind in folder.report()
    assert folder.report().startswith("5 samples")


def damage_image(files):
    (files.root / "images/y.png").write_bytes(b"nothing")


def remove_image(files):
    (files.root / "images/y.png").unlink()


def damage_xml(files):
    (files.root / "xmls/y.xml").write_text("<annotation>")


def damage_mask(files):
    (files.root / "masks/y.png").write_bytes(b"nothing")


def shrink_mask(files):
    Image.new("L", (4, 4), 1).save(files.root / "masks/y.png")


def strange_mask(files):
    Image.new("L", (20, 10), 7).save(files.root / "masks/y.png")


DAMAGES = [
    damage_image,
    remove_image,
    damage_xml,
    damage_mask,
    shrink_mask,
    strange_mask,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_samples_raise_or_are_left_out(files, damage):
    damage(files)
    with pytest.raises(ValueError, match=r"1 of 2 samples.*\n.*y\.png"):
        files.open()
    with pytest.warns(UserWarning, match=r"1 of 2 samples.*\n.*y\.png"):
        folder = files.open(on_error="skip")
    assert folder.files == ["x.png"]
    assert folder.column("breed").tolist() == [0]
    assert "damaged" in folder.report()


def test_unknown_names_of_boxes_are_damage(files):
    with pytest.raises(ValueError, match="'cat'"):
        files.open(box_classes=["dog"])


def test_nothing_sound_is_an_error_even_when_skipping(files):
    for name in ("x.png", "y.png"):
        (files.root / "images" / name).write_bytes(b"nothing")
    with pytest.raises(ValueError, match="2 of 2"):
        files.open(on_error="skip")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": ["bred"]}, "Did you mean 'breed'"),
        ({"key": "fil"}, "Did you mean 'file'"),
        ({"columns": {"species": ["dog"]}}, r"x\.png.*'cat'"),
        ({"on_error": "ignore"}, "on_error"),
        ({"boxes": "nowhere"}, "nowhere"),
        ({"table": None}, "table="),
    ],
)
def test_malformed_arguments_are_refused(files, options, message):
    with pytest.raises(ValueError, match=message):
        files.open(**options)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no image"):
        Folder(tmp_path)
    with pytest.raises(ValueError, match="no such folder"):
        Folder(tmp_path / "nowhere")


def test_names_that_leave_the_folder_are_refused(files):
    files.rows.append("../images/x.png,a,cat,1")
    with pytest.raises(ValueError, match="inside the folder"):
        files.open()


def test_subfolders(files):
    for name in ("images", "xmls"):
        (files.root / name / "sub").mkdir()
    files.add("sub/z.png", boxes=[("cat", 1, 1, 4, 4)])
    assert files.open()[2]["box"].tolist() == [0, 0, 4, 4]


def test_masks_of_another_size_are_found_by_their_headers(files):
    shrink_mask(files)
    with pytest.raises(ValueError, match=r"y\.png.*\(4, 4\).*\(10, 20\)"):
        files.open(verify=False)


def test_classes_of_masks_may_be_named(files):
    folder = files.open(mask_classes=["ground", "animal"])
    assert folder.classes["semantic"] == ["ground", "animal"]


@pytest.mark.parametrize("origin", [0, 1])
def test_boxes_without_area_as_written_are_found(files, origin):
    files.xml("x.png", [("cat", 5, 5, 5, 5)])
    folder = files.open(box_origin=origin)
    kind = "box inverted or without area"
    assert folder.findings[kind] == ["x.png (object 0: [5.0, 5.0, 5.0, 5.0])"]


@pytest.mark.parametrize(
    ("part", "number"), [("train", 96), ("val", 32), ("test", 32)]
)
def test_roads_take_one_line(shared, part, number):
    root = shared("semseg_camvid")
    values = {k: k for k in range(11)} | {11: 255}
    roads = Folder(root / part, masks=f"{root / part}annot", mask_values=values)
    assert len(roads) == number
    assert not roads.findings
    found = roads[0]["semantic"]
    stored = read_mask(f"{root / part}annot/{roads.files[0][:-4]}.png")
    np.testing.assert_array_equal(found == 255, stored == 11)
    np.testing.assert_array_equal(found[stored < 11], stored[stored < 11])


@pytest.fixture(scope="module")
def pets(shared):
    root = shared("multitask_pets")
    return Folder(
        root / "images",
        table=root / "labels.csv",
        columns=["breed", "species"],
        boxes=root / "xmls",
        masks=root / "trimaps",
        mask_values={1: 1, 2: 0, 3: 255},
    )


def test_every_known_defect_of_the_pets_is_found(pets):
    assert len(pets) == 143
    assert len(pets.findings["no boxes"]) == 34
    assert pets.findings["no label 'species'"] == [
        "Abyssinian_34.jpg",
        "Abyssinian_82.jpg",
    ]
    assert pets.findings["named otherwise"] == [
        "Abyssinian_34.jpg (GIF (P) named .jpg)",
        "Abyssinian_5.jpg (PNG (RGBA) named .jpg)",
    ]
    assert pets.findings["more than one box"] == ["Bengal_105.jpg (2)"]
    assert pets.findings["mask without foreground"] == ["Abyssinian_34.jpg"]
    assert set(pets.findings) == {
        "no boxes",
        "no label 'species'",
        "named otherwise",
        "more than one box",
        "mask without foreground",
    }


def test_the_pets_become_batches(pets):
    batches = Batches(
        pets,
        {
            "breed": "breed",
            "species": "species",
            "head": ("present", "box"),
            "trimap": "semantic",
        },
        image_size=32,
        num_classes={"breed": 3, "species": 2, "trimap": 2},
    )
    weights = [weights for _, _, weights in batches]
    labelled = {
        task: int(sum(w[task].sum() for w in weights)) for task in weights[0]
    }
    assert labelled == {
        "breed": 143,
        "species": 141,
        "head": 109,
        "trimap": 143,
    }


def test_labels_without_an_image_are_findings(files):
    files.xml("z.png", [])
    Image.fromarray(MASK.astype("uint8")).save(files.root / "masks/w.PNG")
    folder = files.open()
    assert folder.findings["file of boxes without an image, left out"] == [
        "z.xml"
    ]
    assert folder.findings["mask without an image, left out"] == ["w.PNG"]


def test_masks_and_boxes_of_other_images_are_an_error(files):
    for name in ("xmls", "masks"):
        (files.root / "others" / name).mkdir(parents=True)
    with pytest.raises(ValueError, match=r"no image has a mask.*x\.png"):
        files.open(masks=files.root / "others/masks")
    with pytest.raises(ValueError, match=r"no image has a file of boxes"):
        files.open(boxes=files.root / "others/xmls")


def test_numbers_of_a_table_that_change_are_told(files):
    files.add("z.png", labels="10,cat,1")
    files.rows[1:3] = ["x.png,9,cat,1", "y.png,12,cat,1"]
    folder = files.open(columns=["breed"])
    assert folder.classes["breed"] == ["9", "10", "12"]
    assert folder.findings["numbers of a table renumbered"] == [
        "column 'breed': 9 is class 0, 10 is class 1, 12 is class 2"
    ]
    folder = files.open(columns={"breed": ["9", "10", "12"]})
    assert "numbers of a table renumbered" not in folder.findings


@pytest.mark.parametrize("name", ["image", "file", "cat_boxes", "present"])
def test_columns_named_as_other_fields_are_refused(files, name):
    files.rows[0] = f"key,{name},species,age"
    with pytest.raises(ValueError, match=f"labels.csv: the column '{name}'"):
        files.open(columns=[name], key="key")


def test_boxes_are_columns(files):
    folder = files.open()
    assert folder.column("boxes")[0].tolist() == [[0, 0, 20, 10]]
    assert folder.column("classes") == [np.array([0]), None]
    assert folder.column("breed").tolist() == [0, 1]
