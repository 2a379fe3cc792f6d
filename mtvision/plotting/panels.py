"""The pictures that one sample needs, and what goes on each."""

import pathlib

import numpy as np

from mtvision.plotting.captions import TEXTS, captions_of, not_given, text_of
from mtvision.plotting.class_names import names_of
from mtvision.plotting.draw_boxes import draw_boxes
from mtvision.plotting.draw_depth import draw_depth, limits_of
from mtvision.plotting.draw_image import draw_image, keep_limits
from mtvision.plotting.draw_map import draw_map, present
from mtvision.plotting.draw_normals import draw_normals
from mtvision.plotting.draw_objects import draw_objects, objects_of
from mtvision.plotting.draw_panoptic import draw_panoptic, panoptic_legend
from mtvision.plotting.draw_proposals import draw_proposals
from mtvision.plotting.field_kinds import OBJECT_WORDS, is_missing, sibling
from mtvision.plotting.judgements import CROSS, box_names, judged_captions
from mtvision.plotting.legends import legend_height, legend_of
from mtvision.plotting.panel import Panel
from mtvision.plotting.phrase_texts import words_of

FLAT = ("semantic", "mask")
MAPS = (*FLAT, "panoptic", "depth", "normals", "map")
# Inches that a colour bar needs.
BAR = 0.45


class Panels:
    """Lays the labels of samples out on pictures.

    Args:
        kinds: Dict from field to what it shows, see `kind_of`.
        class_names: List of names, or dict from field to its list.
        skeleton: Pairs of numbers of key points, from 0.
        divisor: Of panoptic maps, see `draw_panoptic`.
    """

    def __init__(self, kinds, *, class_names, skeleton, divisor):
        self.kinds = kinds
        self.class_names = class_names
        self.skeleton = skeleton
        self.divisor = divisor
        self.images = self._of("image")
        self.maps = self._of(*MAPS)
        flat = self._of(*FLAT)
        # A map of classes lies on the first picture, unless masks do.
        self.overlay = None
        if flat and not self._of("masks", "panoptic"):
            self.overlay = flat[0]
            self.maps.remove(self.overlay)

    def of_sample(self, sample, predicted=None):
        """The panels of one sample, each with its prediction beside it.

        Args:
            sample: Dict of fields.
            predicted: Dict of predicted fields, or None.

        Returns:
            List of `Panel`.
        """
        panels = []
        for name in self.images:
            if sample.get(name) is not None:
                panels += self._scenes(name, sample, predicted)
        for name in self.maps:
            panels += self._maps(name, sample, predicted)
        return panels

    def _of(self, *kinds):
        return [name for name, kind in self.kinds.items() if kind in kinds]

    def _scenes(self, image, sample, predicted):
        """The truth on an image, and the prediction on it."""
        first = image == self.images[0]
        lines = self._head(sample) if first else [image]
        judged = []
        if first and predicted is not None:
            names = self.class_names
            judged = judged_captions(sample, predicted, self.kinds, names)
        if predicted is None or self._is_told_in_words(predicted):
            lines += [_as_predicted(line) for line in judged]
            return [self._scene(image, sample, lines)]
        if not any(name in predicted for name in self._fields_on(image)):
            return [self._scene(image, sample, lines)]
        shown = {**predicted, image: sample[image]}
        return [
            self._scene(image, sample, ["truth", *lines]),
            self._scene(image, shown, ["predicted", *judged], sample),
        ]

    def _is_told_in_words(self, predicted):
        """Whether nothing is drawn for a prediction about several images:
        one of them again would only part them.
        """
        words = {self.kinds.get(name, "score") for name in predicted} <= {
            *TEXTS,
            "score",
        }
        return words and len(self.images) > 1

    def _head(self, sample):
        """File, texts and missing labels of a sample."""
        lines = [
            pathlib.PurePath(text_of(sample[name])).name
            for name in self._of("file")
            if not is_missing(sample.get(name))
        ]
        lines += captions_of(sample, self.kinds, self.class_names).values()
        missing = not_given(self.kinds, sample)
        return [*lines, f"missing: {', '.join(missing)}"] if missing else lines

    def _fields_on(self, image):
        """The fields that are drawn on an image, or written above it: those
        of its prefix; on the first also those that have no image.
        """
        others = [name for name in self.images if name != image]
        return [
            name
            for name, kind in self.kinds.items()
            if kind not in ("image", "file")
            and name not in self.maps
            and (
                sibling(name, "image") == image
                or (
                    image == self.images[0]
                    and sibling(name, "image") not in others
                )
            )
        ]

    def _scene(self, image, shown, lines, truth=None):
        """One image with what is shown on it; `truth` judges predictions."""
        names = [
            name
            for name in self._fields_on(image)
            if not is_missing(shown.get(name)) or self.kinds[name] == "boxes"
        ]
        names = [name for name in names if shown.get(name) is not None]

        def draw(axis):
            draw_image(axis, shown[image])
            if self.overlay in names:
                self._draw_flat(axis, self.overlay, shown)
            for name in names:
                if self.kinds[name] == "proposals":
                    draw_proposals(axis, shown[name])
            for name in self._leaders(names):
                self._draw_objects(axis, name, shown, truth)
            for name in names:
                if self.kinds[name] == "box":
                    draw_boxes(axis, _present_boxes(name, shown))
            keep_limits(axis, shown[image].shape)

        foot = 0.0
        if self.overlay in names:
            foot = self._foot(self.overlay, shown[self.overlay])
        return Panel(draw, lines, shown[image].shape[:2], foot)

    def _leaders(self, names):
        """One field of each group of objects."""
        groups = {
            sibling(name, "boxes"): name
            for name in names
            if self.kinds[name] in OBJECT_WORDS
        }
        return groups.values()

    def _draw_objects(self, axis, name, shown, truth):
        objects = objects_of(name, shown)
        if truth is not None and "boxes" in objects:
            boxes = sibling(name, "boxes")
            objects["names"] = box_names(boxes, shown, truth, self.class_names)
        draw_objects(
            axis,
            objects,
            class_names=names_of(self.class_names, sibling(name, "classes")),
            words=words_of(self.class_names, sibling(name, "phrases")),
            skeleton=self.skeleton,
        )

    def _draw_flat(self, axis, name, shown):
        names = names_of(self.class_names, name)
        draw_map(axis, shown[name], class_names=names)

    def _maps(self, name, sample, predicted):
        """The panels of a map: of the truth, and of the prediction."""
        pair = {name: sample, f"predicted {name}": predicted or {}}
        given = {
            title: labels
            for title, labels in pair.items()
            if not is_missing(labels.get(name))
        }
        limits = None
        if self.kinds[name] in ("depth", "map"):
            limits = limits_of(*(labels[name] for labels in given.values()))
        image = sample[self.images[0]]
        return [
            self._map(name, title, labels[name], image, limits)
            for title, labels in given.items()
        ]

    def _map(self, name, title, value, image, limits):
        kind, names = self.kinds[name], names_of(self.class_names, name)

        def draw(axis):
            if limits is not None:
                unit = "m" if kind == "depth" else ""
                draw_depth(axis, value, limits=limits, unit=unit)
                return
            if kind == "normals":
                draw_normals(axis, value)
                return
            draw_image(axis, image, pale=True)
            if kind == "panoptic":
                options = {"class_names": names, "divisor": self.divisor}
                draw_panoptic(axis, value, **options)
            else:
                draw_map(axis, value, class_names=names, opacity=0.7)

        shape = np.shape(value)[:2]
        return Panel(draw, [title], shape, self._foot(name, value))

    def _foot(self, name, value):
        """Inches below a map."""
        names = names_of(self.class_names, name)
        if self.kinds[name] in ("depth", "map"):
            return BAR
        if self.kinds[name] == "normals":
            return 0.0
        if self.kinds[name] == "panoptic":
            return legend_height(panoptic_legend(value, names, self.divisor))
        return legend_height(legend_of(present(value), names))


def _as_predicted(line):
    mark = CROSS if line.startswith(CROSS) else ""
    return f"{mark}predicted {line.removeprefix(CROSS)}"


def _present_boxes(name, shown):
    """The boxes (K, 4) of objects that are present; the others NaN."""
    boxes = np.array(shown[name], "float64").reshape(-1, 4)
    present = shown.get(sibling(name, "present"))
    if not is_missing(present):
        boxes[np.resize(np.asarray(present) < 0.5, len(boxes))] = np.nan
    return boxes
