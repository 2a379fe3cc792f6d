"""What the losses of a field of the regions' objects have in common."""

from keras import ops

from mtvision.losses.region_loss import RegionLoss
from mtvision.ops.object_checks import check_objects
from mtvision.ops.object_fields import pad_objects
from mtvision.ops.truth_objects import average_over_objects, labelled_objects


class RegionFieldLoss(RegionLoss):
    """A loss of one field of the objects that regions show.

    The positives of the sample that `RegionBoxesLoss` takes by the same
    options count, if something is known of their object.

    Args:
        **options: As for `RegionLoss`.
    """

    # The field of the truth that is compared, and its shape.
    field, field_shape = None, None

    def is_known(self, values):
        """Of which objects the field says something.

        Args:
            values: The field, (B, M, ...).

        Returns:
            Bool tensor (B, M).
        """
        raise NotImplementedError

    def match(self, y_true, regions, num_classes):
        """Assigns objects to regions.

        Args:
            y_true: Truth of objects.
            regions: Tensor (B, R, 4).
            num_classes: C, or `None`.

        Returns:
            `(values, rows, weights, sample)`: the field (B, M, ...); the row
            of the object of each region, (B, R), -1 for none; how much each
            region counts, (B, R); and what `sample` gives.
        """
        self.require_field(y_true)
        y_true = pad_objects(y_true)
        values = ops.convert_to_tensor(y_true[self.field])
        sample = self.sample(y_true, regions, num_classes)
        known = ops.cast(self.is_known(values), "int32")
        known = ops.take_along_axis(known, ops.maximum(sample.match, 0), axis=1)
        counts = ops.logical_and(sample.positive, known > 0)
        weights = ops.where(counts, sample.weights, 0.0)
        return values, ops.where(counts, sample.match, -1), weights, sample

    def average_positives(self, values, weights, y_true):
        """Weighted means over the positives.

        Args:
            values: Tensor (B, ...).
            weights: Tensor of its shape.
            y_true: Truth of objects.

        Returns:
            Tensor (B,).
        """
        axes = tuple(range(1, len(values.shape)))
        values = ops.where(weights > 0, values * weights, 0.0)
        return average_over_objects(
            ops.sum(values, axis=axes),
            ops.sum(weights, axis=axes),
            self.labelled(y_true),
            by=self.normalize_by,
        )

    def labelled(self, y_true):
        """Which samples carry a label: bool (B,).

        Those with objects, of none of which anything is known, carry none.
        """
        self.require_field(y_true)
        labelled = labelled_objects(y_true)
        y_true = pad_objects(y_true)
        is_object = ops.cast(y_true["classes"], "float32") >= 0
        known = self.is_known(ops.convert_to_tensor(y_true[self.field]))
        known = ops.any(ops.logical_and(is_object, known), axis=1)
        has_none = ops.logical_not(ops.any(is_object, axis=1))
        known = ops.logical_or(known, has_none)
        return ops.logical_and(labelled, known)

    def check_field(self, y_true, num_classes):
        """Raises unless a numpy truth holds objects with the field."""
        self.require_field(y_true)
        check_objects(y_true, num_classes)

    def require_field(self, y_true):
        """Raises unless a truth has the field."""
        if not isinstance(y_true, dict) or self.field not in y_true:
            found = sorted(y_true) if isinstance(y_true, dict) else "no dict"
            raise ValueError(
                f"{self.name} expects a truth with {self.field!r} "
                f"{self.field_shape} beside 'boxes' and 'classes', received "
                f"{found}. With mtvision.data.Batches, name it among the "
                "targets of the task."
            )
