"""What the two heads of proposals share."""

import keras
from keras import initializers, layers, ops

from mtvision.ops.grid_anchors import GridAnchors
from mtvision.ops.level_maps import as_rows, choose_levels, map_shapes
from mtvision.ops.pyramids import level_stride, require_room
from mtvision.ops.shapes import require_channels_last
from mtvision.tasks.region_proposals.columns import join

# One size a level, 32 pixels at stride 4, as the Feature Pyramid Network.
CELLS = 8.0


class AnchorHead(layers.Layer):
    """A 1x1 convolution that gives each anchor of each level some values.

    Args:
        anchors: `GridAnchors`, by default three a cell: one size, 8 cells,
            in three shapes.
    """

    # Values of an anchor: the subclass says.
    num_values = None

    def __init__(self, *, anchors=None, **kwargs):
        super().__init__(**kwargs)
        require_channels_last(self.name)
        if anchors is None:
            anchors = GridAnchors(cells=CELLS, scales=(1.0,))
        self.anchors = anchors

    def build(self, maps_shape):
        """Creates the weights."""
        levels = choose_levels(maps_shape, None, self.name)
        require_room(maps_shape)
        self.coarsest_stride = max(level_stride(k) for k in levels)
        per_cell = set(self.anchors.per_cell(levels))
        channels = {maps_shape[k][-1] for k in levels}
        if len(per_cell) > 1 or len(channels) > 1:
            raise ValueError(
                f"{self.name} shares its weights, so it expects as many "
                "channels and anchors a cell at every level, received "
                f"{channels} channels and {per_cell} anchors. Put a "
                "ProposalTower before it."
            )
        self.values = layers.Conv2D(
            per_cell.pop() * self.num_values,
            1,
            kernel_initializer=initializers.RandomNormal(stddev=0.01),
            dtype="float32",
            name="values",
        )
        self.values.build((None, None, None, channels.pop()))

    def call(self, maps):
        """Returns the rows of all anchors."""
        levels = choose_levels(maps, None, self.name)
        require_room({k: maps[k].shape for k in levels})
        values = [
            as_rows(self.values(maps[k]), self.num_values) for k in levels
        ]
        anchors = self.anchors(map_shapes(maps, levels))
        return join(ops.concatenate(values, axis=1), anchors)

    def get_config(self):
        """Returns the arguments, to revive it from."""
        anchors = keras.saving.serialize_keras_object(self.anchors)
        return {**super().get_config(), "anchors": anchors}

    @classmethod
    def from_config(cls, config):
        """Revives it from `get_config`."""
        anchors = keras.saving.deserialize_keras_object(config["anchors"])
        return cls(**{**config, "anchors": anchors})
