import keras
import pytest

import mtvision as mtv
from mtvision.models import RFCN, FasterRCNN, FastRCNN

RECIPES = (FastRCNN, FasterRCNN, RFCN)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ((), r"names such as .* received \(\)"),
        ("P4", "names such as .* received 'P4'"),
        (("P2", "P9"), r"\('P2', 'P9'\), but .*'P5'\], without \['P9'\]"),
        (("P9",), "without .*'P9'"),
        (("P2", "fine"), "name of a level .* 'fine'"),
    ],
)
def test_levels_that_are_none_are_told(recipe, levels, message):
    trunk = mtv.trunks.SmallResNet((4, 4, 4, 4))
    with pytest.raises(ValueError, match=message):
        recipe(3, image_size=64, trunk=trunk, levels=levels)


def test_levels_of_a_layer_are_not_known_before_it_is_called():
    """What it lacks is told by what reads its maps."""

    class OneMap(keras.layers.Layer):
        def call(self, image):
            return {"P2": image[:, ::4, ::4]}

    with pytest.raises(ValueError, match="'P3'"):
        FastRCNN(3, image_size=64, trunk=OneMap(), levels=("P3",))
