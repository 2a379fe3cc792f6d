"""What the losses of maps of regions have in common."""

from mtvision.losses.region_field_loss import RegionFieldLoss
from mtvision.ops.option_checks import require_count


class RegionMapsLoss(RegionFieldLoss):
    """A loss of the maps of regions that show an object.

    Args:
        size: S, cells along each side of a map.
        **options: As for `RegionLoss`.
    """

    def __init__(self, *, size, **options):
        super().__init__(**options)
        require_count(size, 1, "size")
        self.size = size

    def get_config(self):
        """Returns the arguments, to revive it from."""
        return {**super().get_config(), "size": self.size}
