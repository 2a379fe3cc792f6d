import io
import warnings

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from mtvision.data.readers.tfds_source import from_tfds

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 9, 3), "uint8")


def file_of(pixels, kind="PNG", mode=None):
    file = io.BytesIO()
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(file, kind)
    return file.getvalue()


class MixedBag(tfds.core.GeneratorBasedBuilder):
    """One feature of every kind; images of every kind of file."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = tfds.features
        box = features.BBoxFeature()
        objects = {
            "bbox": box,
            "label": features.ClassLabel(num_classes=5),
            "is_crowd": np.bool_,
            "area": np.int64,
        }
        return tfds.core.DatasetInfo(
            builder=self,
            features=features.FeaturesDict(
                {
                    "image": features.Image(),
                    "objects": features.Sequence(objects),
                    "head": box,
                    "regions": features.LabeledImage(
                        labels=3, shape=(None, None, 1)
                    ),
                    "depth": features.Image(
                        shape=(None, None, 1), dtype=np.float32
                    ),
                    "file_name": features.Text(),
                    "words": features.Sequence(features.Text()),
                    "label": features.ClassLabel(num_classes=5),
                    "traits": {"bald": np.bool_, "age": np.int64},
                }
            ),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        files = [
            file_of(PIXELS),
            file_of(PIXELS, mode="RGBA"),
            file_of(PIXELS, mode="L"),
            file_of(PIXELS, "GIF"),
            b"no image",
        ]
        for index, file in enumerate(files):
            objects = [
                {
                    "bbox": tfds.features.BBox(0.0, 1 / 3, 0.5, 1.0),
                    "label": 4,
                    "is_crowd": True,
                    "area": 18,
                }
            ]
            yield (
                index,
                {
                    "image": file,
                    "objects": objects * index,
                    "head": tfds.features.BBox(0.5, 0.0, 1.0, 1 / 3),
                    "regions": PIXELS[..., :1] % 3,
                    "depth": PIXELS[..., :1] / np.float32(7),
                    "file_name": f"{index}.png",
                    "words": ["a", "b"][:index],
                    "label": -1,
                    "traits": {"bald": True, "age": 33},
                },
            )


@pytest.fixture(scope="module", params=["array_record", "tfrecord"])
def builder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    builder = MixedBag(data_dir=folder, file_format=request.param)
    builder.download_and_prepare()
    return builder


def test_features_become_standard_fields(builder):
    sample = from_tfds(builder, "train")[2]
    expected = {
        "boxes": np.array([[3, 0, 9, 3]] * 2, "float32"),
        "classes": np.array([4, 4], "int32"),
        "crowd": np.array([True, True]),
        "objects/area": np.array([18, 18], "int64"),
        "box": np.array([0, 3, 3, 6], "float32"),
        "semantic": (PIXELS[..., 0] % 3).astype("int32"),
        "depth": PIXELS[..., 0] / np.float32(7),
        "label": np.int32(-1),
        "traits/bald": np.array(True),
        "traits/age": np.int64(33),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(sample[name], value, rtol=1e-6)
        assert sample[name].dtype == value.dtype, name
        assert sample[name].shape == value.shape, name
    assert sample["file"] == "2.png"
    assert sample["words"].tolist() == ["a", "b"]
    assert set(sample) == {*expected, "image", "file", "words"}


def test_any_kind_of_image_becomes_colour(builder):
    source = from_tfds(builder, "train", fields=["image"])
    for index in (0, 1):
        np.testing.assert_array_equal(source[index]["image"], PIXELS)
    grey = source[2]["image"]
    assert grey.shape == PIXELS.shape
    assert (grey == grey[..., :1]).all()
    # A GIF has a palette of its own: the colours come near.
    assert np.abs(source[3]["image"].astype(int) - PIXELS).mean() < 30


def test_no_object_gives_empty_arrays(builder):
    sample = from_tfds(builder, "train")[0]
    assert sample["boxes"].shape == (0, 4)
    assert sample["classes"].shape == (0,)
    assert sample["classes"].dtype == np.int32


def test_a_corrupt_image_names_its_sample(builder):
    source = from_tfds(builder, "train")
    with pytest.raises(ValueError, match="Sample 4 of mixed_bag/1.0.0 train"):
        source[4]


@pytest.mark.parametrize("kind", ["array_record", "tfrecord"])
def test_damaged_files_are_named(tmp_path, kind):
    builder = MixedBag(data_dir=tmp_path, file_format=kind)
    builder.download_and_prepare()
    (path,) = tmp_path.rglob(f"*-train.{kind}*")
    content = bytearray(path.read_bytes())
    content[100:200] = bytes(100)
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"mixed_bag/1\.0\.0 .*cannot be read"):
        from_tfds(builder, "train")[0]


def test_fields_rename_select_and_join(builder):
    fields = {"species": "label", "traits": "traits", "objects": "objects/bbox"}
    sample = from_tfds(builder, "train[1:]", fields=fields)[1]
    assert set(sample) == set(fields)
    assert sample["species"] == -1
    np.testing.assert_array_equal(sample["traits"], np.float32([1, 33]))
    # Boxes need the size of the image, which is not selected.
    assert sample["objects"].tolist() == [[3, 0, 9, 3]] * 2


def test_unknown_names_raise(builder):
    with pytest.raises(ValueError, match=r"\['train'\] .* received 'test'"):
        from_tfds(builder, "test")
    with pytest.raises(ValueError, match="field of .*'boxes'.* 'bboxes'"):
        from_tfds(builder, "train", fields=["bboxes"])
    with pytest.raises(ValueError, match="feature of .*'head'.* received 'no'"):
        from_tfds(builder, "train", fields={"box": "no"})


def test_data_that_are_not_prepared_raise(tmp_path):
    with pytest.raises(ValueError, match="download=True"):
        from_tfds("voc/2007", "train", data_dir=tmp_path)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("voc/2007", {"image", "file", "boxes", "classes", "difficult"}),
        ("coco/2017", {"image", "file", "boxes", "classes", "crowd"}),
        ("celeb_a", {"image", "attributes/Young", "landmarks/nose_x"}),
        ("oxford_iiit_pet", {"image", "label", "species", "box", "semantic"}),
    ],
)
def test_known_data_sets(name, fields):
    with tfds.testing.mock_data(num_examples=2):
        source = from_tfds(name, "train")
    with warnings.catch_warnings():
        # Mocked objects have as many boxes as they like.
        warnings.simplefilter("ignore")
        sample = source[1]
    assert len(source) == 2
    assert fields <= set(sample)
    assert sample["image"].dtype == np.uint8
    if "boxes" in fields:
        assert len(sample["boxes"]) == len(sample["classes"])
        assert sample["boxes"].max() <= max(sample["image"].shape)


def test_class_names_are_those_of_the_features():
    fields = {"breed": "label", "species": "species", "image": "image"}
    with tfds.testing.mock_data(num_examples=1):
        source = from_tfds("oxford_iiit_pet", "train", fields=fields)
    assert set(source.classes) == {"breed", "species"}
    assert source.classes["breed"][:2] == ["Abyssinian", "american_bulldog"]
    assert len(source.classes["breed"]) == 37
    assert source.classes["species"] == ["Cat", "Dog"]
    assert not source.findings


def test_objects_of_different_lengths_are_cut_with_a_warning():
    with tfds.testing.mock_data(num_examples=1):
        source = from_tfds("voc/2007", "train")
    with pytest.warns(UserWarning, match="Sample 0 of voc/2007.* objects"):
        sample = source[0]
    assert len(sample["boxes"]) == len(sample["difficult"])


def test_attributes_become_a_vector():
    fields = {"image": "image", "traits": "attributes", "points": "landmarks"}
    with tfds.testing.mock_data(num_examples=1):
        source = from_tfds("celeb_a", "train", fields=fields)
        sample = source[0]
    assert sample["traits"].shape == (40,)
    assert source.classes["traits"][:2] == [
        "5_o_Clock_Shadow",
        "Arched_Eyebrows",
    ]
    assert len(source.classes["points"]) == 10
    assert sample["traits"].dtype == np.float32
    assert sample["points"].shape == (10,)


def test_the_report_names_the_split():
    with tfds.testing.mock_data(num_examples=2):
        source = from_tfds("voc/2007", "train", fields=["image"])
    assert source.report().startswith("2 samples of voc/2007")
    assert source.report().endswith("train")
