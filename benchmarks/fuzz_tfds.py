"""Data sets of tfds for `fuzz.py`: files and examples with something wrong."""

import atexit
import functools
import pathlib
import shutil
import tempfile

import numpy as np
import tensorflow_datasets as tfds
from fuzz_files import read_all
from fuzz_parsers import encoded, spoil_bytes
from fuzz_truths import spoil_array

import mtvision as mtv


class FuzzedScenes(tfds.core.GeneratorBasedBuilder):
    """Two images with boxes, a class map and a depth map."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = tfds.features
        objects = {
            "bbox": features.BBoxFeature(),
            "label": features.ClassLabel(num_classes=3),
        }
        return tfds.core.DatasetInfo(
            builder=self,
            features=features.FeaturesDict(
                {
                    "image": features.Image(),
                    "objects": features.Sequence(objects),
                    "regions": features.LabeledImage(
                        labels=3, shape=(None, None, 1)
                    ),
                    "depth": features.Image(
                        shape=(None, None, 1), dtype=np.float32
                    ),
                    "file_name": features.Text(),
                }
            ),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        pixels = np.arange(12 * 16 * 3, dtype="uint8").reshape(12, 16, 3)
        box = tfds.features.BBox(0.0, 0.25, 0.5, 1.0)
        for index in range(2):
            yield (
                index,
                {
                    "image": pixels,
                    "objects": [{"bbox": box, "label": 1}] * 2,
                    "regions": pixels[..., :1] % 3,
                    "depth": pixels[..., :1] / np.float32(7),
                    "file_name": f"{index}.png",
                },
            )


@functools.cache
def prepared(file_format):
    """The folder of a data set in which nothing is wrong."""
    folder = pathlib.Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    FuzzedScenes(
        data_dir=folder, file_format=file_format
    ).download_and_prepare()
    return folder


def files(folder, rng):
    """`from_tfds`, of spoiled files."""
    file_format = rng.choice(["array_record", "tfrecord"])
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(prepared(file_format), copy)
    (path,) = copy.rglob(f"*-train.{file_format}*")
    path.write_bytes(spoil_bytes(path.read_bytes(), rng))
    builder = FuzzedScenes(data_dir=copy, file_format=file_format)
    return read_all(mtv.data.from_tfds(builder, "train"), boxes=True)


def examples(folder, rng):
    """`from_tfds`, of files that are whole, but of spoiled examples."""
    builder = FuzzedScenes(
        data_dir=prepared("tfrecord"), file_format="tfrecord"
    )
    source = mtv.data.from_tfds(builder, "train")
    source._examples = [spoil_example(e, rng) for e in source._examples]
    return read_all(source, boxes=True)


def spoil_example(value, rng):
    """An example of which one part in five is spoiled."""
    if isinstance(value, dict):
        return {name: spoil_example(each, rng) for name, each in value.items()}
    if rng.random() < 0.8:
        return value
    if isinstance(value, bytes):
        return spoil_bytes(encoded(rng) if rng.random() < 0.5 else value, rng)
    return spoil_array(value, rng)


TARGETS = {"from_tfds, files": files, "from_tfds, examples": examples}
