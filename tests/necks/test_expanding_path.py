import keras
import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.layers import check_layer
from mtvision.layers.upsample_2d import METHODS
from mtvision.necks import ExpandingPath
from mtvision.tasks import SegmentationHead
from mtvision.trunks import ContractingPath


def features(*sizes, channels=(4, 5, 6)):
    random = np.random.default_rng(0)
    return {
        f"P{k}": random.normal(size=(2, *size, channels[k])).astype("float32")
        for k, size in enumerate(sizes)
    }


def test_is_a_proper_layer():
    y = check_layer(
        ExpandingPath,
        {
            "filters": (7, 3),
            "upsampling": "nearest",
            "merge": "add",
            "depth": (1, 2),
            "transposed": True,
            "normalization": False,
            "dropout": 0.25,
            "levels": ("P0", "P1", "P2"),
        },
        features((9, 8), (5, 4), (3, 2)),
    )
    assert y["P0"].shape == (2, 9, 8, 3)


@pytest.mark.parametrize("upsampling", METHODS)
@pytest.mark.parametrize("merge", ["concatenate", "add", None])
def test_every_way_of_enlarging_and_merging(upsampling, merge):
    path = ExpandingPath((7, 3), upsampling=upsampling, merge=merge, depth=1)
    inputs = features((9, 7), (4, 3), (2, 1))
    y = path(inputs)
    assert tuple(y["P0"].shape) == (2, 9, 7, 3)
    shapes = {k: x.shape for k, x in inputs.items()}
    assert path.compute_output_shape(shapes) == {"P0": (2, 9, 7, 3)}
    # Nothing but the size of a level is used, or the places of its maxima.
    changed = {**inputs, "P0": inputs["P0"] * 2, "P1": inputs["P1"] * 2}
    same = np.allclose(to_numpy(path(changed)["P0"]), to_numpy(y["P0"]))
    assert same == (merge is None)


def test_channels_are_those_of_the_levels_by_default():
    inputs = features((8, 8), (4, 4), (2, 2))
    assert tuple(ExpandingPath()(inputs)["P0"].shape) == (2, 8, 8, 4)
    path = ExpandingPath(depth=0)
    assert tuple(path(inputs)["P0"].shape) == (2, 8, 8, 8)


def test_a_u_net_takes_images_of_any_size_and_learns():
    image = keras.Input((None, None, 3))
    trunk = ContractingPath((4, 8, 8))
    path = ExpandingPath((8, 4))(trunk(image))
    head = SegmentationHead(2, filters=None, depth=0)
    model = keras.Model(image, head(path, image))
    images = np.zeros((4, 17, 14, 3), "float32")
    images[:, 4:9, 3:10] = 200
    truth = (images[..., 0] > 0).astype("int32")
    assert model.predict(images[:, :11], verbose=0).shape == (4, 11, 14, 2)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss)
    losses = model.fit(images, truth, epochs=40, verbose=0).history["loss"]
    assert losses[-1] < 0.3 * losses[0]


def test_what_cannot_be_is_said():
    inputs = features((8, 8), (4, 4), (2, 2))
    with pytest.raises(ValueError, match="dict from levels"):
        ExpandingPath()(inputs["P0"])
    with pytest.raises(ValueError, match="two levels"):
        ExpandingPath(levels=("P0", "P3"))(inputs)
    with pytest.raises(ValueError, match="two levels"):
        ExpandingPath(levels=("P0",))(inputs)
    with pytest.raises(ValueError, match="from coarse to fine"):
        ExpandingPath((8, 4, 2))(inputs)
    with pytest.raises(ValueError, match="received 'sum'"):
        ExpandingPath(merge="sum")
    with pytest.raises(ValueError, match="received 'cubic'"):
        ExpandingPath(upsampling="cubic")
    with pytest.raises(ValueError, match="one map as it is"):
        SegmentationHead(2, filters=None)(inputs)
