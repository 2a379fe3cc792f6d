"""Random changes of samples, image and labels in step."""

import functools

import numpy as np

from mtvision.data import checks, fields, resizing
from mtvision.data.augmentation import matrices
from mtvision.data.augmentation.geometric_step import GeometricStep
from mtvision.data.augmentation.options import check_number
from mtvision.data.augmentation.pixel_step import PixelStep
from mtvision.data.augmentation.sample_step import SampleStep
from mtvision.data.augmentation.warp_sample import warp_sample
from mtvision.data.hints import hint


class Augment:
    """Steps that change a sample at random, with every label on it.

    The result is a function of the sample and the generator: several threads
    may call one `Augment` at once. Geometric steps that stand together are
    joined, with the resizing to the size of the batch, and the image is
    sampled once; colours change after it. What happens to each kind of label
    is told in `warp_sample`. In a sample without `image`, as a pair, each image
    is changed by itself.

    Args:
        steps: List of steps, in the order in which they act.
        flip_pairs: Pairs (left, right) of numbers of key points that change
            places in mirrored images, for example eyes; or a dict from field
            to such pairs. In `Batches`, `None` takes those that the source
            knows; () says that there are none.
        min_visible: Share of an object's area that must stay in the picture.
            An object of which less is left leaves the sample.
        min_side: Pixels that the shorter side of a box must have after a
            change. A smaller one leaves the sample with the rest of its
            object, which `Batches` counts.
        fill: Value of the image where the old one does not reach: one number,
            or one a channel. Steps that change colours change it, too.

    Attributes:
        draws: Whether a step needs further samples.

    Raises:
        ValueError: If a step or an option is malformed.

    Example:

    >>> augment = mtv.data.Augment([
    ...     mtv.data.RandomFlip(),
    ...     mtv.data.LargeScaleJitter(low=0.5, high=1.5),
    ...     mtv.data.RandomRotation(10),
    ...     mtv.data.RandomHSV(),
    ... ])
    >>> sample = {
    ...     "image": np.zeros((48, 64, 3), "uint8"),
    ...     "boxes": np.array([[8, 8, 40, 40]], "float32"),
    ... }
    >>> changed = augment(sample, np.random.default_rng(0), size=(32, 32))
    >>> changed["image"].shape, changed["boxes"].shape
    ((32, 32, 3), (1, 4))
    """

    def __init__(
        self, steps, *, flip_pairs=None, min_visible=0.1, min_side=0, fill=0
    ):
        self.steps = _checked_steps(steps)
        _check_pairs(flip_pairs or ())
        check_number("min_visible", min_visible, highest=1.0)
        check_number("min_side", min_side)
        for value in fill if isinstance(fill, list | tuple) else [fill]:
            check_number("fill", value, highest=255.0)
        self.flip_pairs = flip_pairs
        self.min_visible = min_visible
        self.min_side = min_side
        self.fill = fill
        self.draws = any(isinstance(step, SampleStep) for step in self.steps)
        self._warp = functools.partial(
            warp_sample,
            fill=fill,
            min_visible=min_visible,
            min_side=min_side,
            flip_pairs=flip_pairs or (),
        )

    def __call__(
        self,
        sample,
        generator,
        *,
        size=None,
        resize="stretch",
        draw=None,
        lost=None,
    ):
        """Changes a sample.

        Args:
            sample: Dict of arrays with an `image` (H, W, C), or with images of
                other names alone (`first_image`), on which no label lies.
            generator: numpy Generator; all that is random comes from it.
            size: (height, width) of the result, or None to keep what the
                steps give.
            resize: How to reach it: `"stretch"` or `"letterbox"`, see
                `resize_sample`.
            draw: Function of a generator that gives another sample. Steps that
                join samples need it; these samples first take the steps before.
            lost: `collections.Counter` to which the objects that became too
                small are added by reason, or None.

        Returns:
            A new dict. The arrays of `sample` are not written to.

        Raises:
            ValueError: If there is no image, or `draw` is needed.
        """
        if resize not in resizing.METHODS:
            raise ValueError(
                f"resize={resize!r}: expected one of {resizing.METHODS}."
                f"{hint(resize, resizing.METHODS)}"
            )
        if self.draws and draw is None:
            raise ValueError(
                "a step joins several samples: pass draw=, a function of a "
                "numpy Generator that gives another sample."
            )
        size = None if size is None else tuple(size)
        if sample.get("image") is None and fields.images_of(sample):
            return self._change_each(sample, generator, size, resize)
        warp = functools.partial(self._warp, lost=lost)
        pending = self._run(
            len(self.steps), sample, generator, size, draw, warp
        )
        if size is not None:
            pending.fit(size, resize)
        changed = pending.finish()
        return (
            changed if size is None else _resize_others(changed, size, resize)
        )

    def with_pairs(self, flip_pairs):
        """The same with other pairs of key points.

        Args:
            flip_pairs: See `Augment`.

        Returns:
            A new `Augment`.
        """
        return Augment(
            self.steps,
            flip_pairs=flip_pairs,
            min_visible=self.min_visible,
            min_side=self.min_side,
            fill=self.fill,
        )

    def check_field(self, name, value, shape):
        """Raises if a step cannot change a field.

        Args:
            name: Name of the field.
            value: Its array in some sample.
            shape: Shape of the image of that sample.

        Raises:
            ValueError: If it cannot, as a `Mosaic` that of a `label`.
        """
        for step in self.steps:
            if isinstance(step, SampleStep):
                step.check_field(name, value, shape)

    def _run(self, number, sample, generator, size, draw, warp):
        """Applies the first steps; the last of them may be pending."""
        pending = _Pending(sample, warp)
        for place, step in enumerate(self.steps[:number]):
            if not step.happens(generator):
                continue
            if isinstance(step, GeometricStep):
                pending.add(
                    *step.draw_matrix(pending.shape, generator, size=size)
                )
            elif isinstance(step, PixelStep):
                pending.changes.append(step.draw_change(generator))
            else:
                changed = step.change_sample(
                    pending.finish(),
                    generator,
                    size=size,
                    draw=functools.partial(
                        self._draw, place, generator, size, draw, warp
                    ),
                    warp=warp,
                )
                pending = _Pending(changed, warp)
        return pending

    def _change_each(self, sample, generator, size, resize):
        """Changes the images of a pair, each by draws of its own."""
        if self.draws:
            raise ValueError(
                "a step joins several samples, which pairs of images do not "
                "allow: leave Mosaic and MixUp out."
            )
        for name, value in sample.items():
            if value is not None:
                _check_pair_field(name)
        changed = dict(sample)
        for name in fields.images_of(sample):
            alone = {"image": sample[name]}
            alone = self(alone, generator, size=size, resize=resize)
            changed[name] = alone["image"]
        return changed

    def _draw(self, number, generator, size, draw, warp):
        """Another sample, after the first steps."""
        return self._run(
            number, draw(generator), generator, size, draw, warp
        ).finish()

    def __repr__(self):
        return (
            f"Augment({self.steps}, flip_pairs={self.flip_pairs!r}, "
            f"min_visible={self.min_visible!r}, min_side={self.min_side!r}, "
            f"fill={self.fill!r})"
        )


class _Pending:
    """A sample, and what is still to be done to it."""

    def __init__(self, sample, warp):
        if sample.get("image") is None:
            raise ValueError(
                "expected a sample with an 'image', received the fields "
                f"{sorted(sample)}."
            )
        self.sample = sample
        self.warp = warp
        self.shape = np.shape(sample["image"])[:2]
        self.matrix = np.eye(3)
        self.changes = []

    def add(self, matrix, shape):
        self.matrix = matrix @ self.matrix
        self.shape = tuple(shape)

    def fit(self, size, method):
        self.add(matrices.fit(self.shape, size, method), size)

    def finish(self):
        source = np.shape(self.sample["image"])
        sample = self.warp(self.sample, self.matrix, self.shape)
        for name, value in self.sample.items():
            if (
                value is not None
                and fields.is_image_field(name)
                and np.shape(value) == source
            ):
                for change in self.changes:
                    sample[name] = change(sample[name])
        return sample


def _resize_others(sample, size, method):
    """Images of a size of their own come to the size of the batch as well."""
    others = {
        name: resizing.resize_sample({"image": value}, size, method=method)
        for name, value in sample.items()
        if fields.is_image_field(name)
        and value is not None
        and value.shape[:2] != size
    }
    return sample | {name: alone["image"] for name, alone in others.items()}


def _check_pair_field(name):
    try:
        checks.check_needs_no_image(name)
    except ValueError as error:
        raise ValueError(f"field {name!r}: {error}") from None


def _checked_steps(steps):
    kinds = (GeometricStep, PixelStep, SampleStep)
    if not isinstance(steps, list | tuple):
        remedy = f" Put it in a list: [{steps!r}]."
        raise ValueError(
            f"steps: expected a list, received {steps!r}."
            f"{remedy if isinstance(steps, kinds) else ''}"
        )
    for step in steps:
        if not isinstance(step, kinds):
            raise ValueError(
                "steps: expected steps such as mtv.data.RandomFlip(), "
                f"received {step!r}."
            )
    return list(steps)


def _check_pairs(flip_pairs):
    is_dict = isinstance(flip_pairs, dict)
    for pairs in flip_pairs.values() if is_dict else [flip_pairs]:
        numbers = np.array(pairs if len(pairs) else np.zeros((0, 2), "int64"))
        if (
            numbers.ndim != 2
            or numbers.shape[1] != 2
            or numbers.dtype.kind not in "iu"
            or len(np.unique(numbers)) != numbers.size
            or (numbers < 0).any()
        ):
            raise ValueError(
                "flip_pairs: expected pairs of numbers of key points, each "
                f"number once, as [(1, 2), (3, 4)], received {pairs!r}."
            )
