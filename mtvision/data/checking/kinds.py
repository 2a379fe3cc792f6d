"""The kinds of findings: defects, which are wrong, and facts, which are worth
knowing.

A defect breaks a training run or teaches something false, and says what to
do. A fact is sound data of a sort that not every program expects.
"""

UNREADABLE = "unreadable"
NO_IMAGE = "no image"
UNSOUND_IMAGE = "unsound image"
UNSOUND_LABEL = "unsound label"
ROWS_DIFFER = "rows differ in number"
SIZE_DIFFERS = "size differs from the image"
NON_FINITE = "non-finite values"
CLASS_OUT_OF_RANGE = "class out of range"
STRAY_MAP_VALUES = "stray map values"
MASK_NOT_BINARY = "mask of other values than 0 and 1"
MASK_EMPTY = "mask without a pixel"
BOX_WITHOUT_AREA = "box without area"
BOX_INVERTED = "box inverted"
BOX_OUTSIDE = "box outside of the image"
BOX_PARTLY_OUTSIDE = "box partly outside of the image"
BOX_DUPLICATE = "duplicate box"
BOX_AND_MASK = "box and mask disagree"
POINT_OUTSIDE = "key point outside of the image"
VISIBILITY = "visibility other than 0, 1 or 2"
DEPTH_NOT_POSITIVE = "depth of zero or less"
DUPLICATE_BETWEEN = "duplicate between splits"

MISSING = "missing label"
NO_OBJECT = "no object"
SEVERAL_BOXES = "more than one box"
BOX_OVER_EDGE = "box beyond the image by less than a pixel"
BOX_TINY = "tiny box"
CROWD = "crowd region"
NO_POINTS = "object without key points"
POINT_NEVER = "key point never labelled"
MAP_OF_ONE_CLASS = "map of one class"
NOTHING_TO_JUDGE = "map without a pixel to judge"
DEPTH_MISSING = "depth missing in part"
TEXT = "text"
NAMED_OTHERWISE = "file named otherwise"
TURNED = "turned by the camera"
GREY = "grey image"
TRANSPARENT = "image with transparency"
PALETTE = "palette image"
CMYK = "CMYK image"
DEEP = "image of more than 8 bits"
ONE_COLOUR = "image of one colour"
DARK = "image of floats up to 1"
DUPLICATE_INSIDE = "duplicate inside a split"
NEAR_DUPLICATE = "near-duplicate"
CLASS_NEVER = "class that never occurs"
CLASS_IMBALANCE = "class imbalance"
SPARSE_NUMBERS = "sparse class numbers"
CLASS_LISTS_DIFFER = "class lists of splits differ"
FIELD_NEVER = "classes of a field that no sample has"

# What to do about each defect.
DEFECTS = {
    UNREADABLE: "Replace the file, or leave the sample out.",
    NO_IMAGE: "A sample is a dict with an image (H, W, C).",
    UNSOUND_IMAGE: "Give (H, W, C), uint8 or floats from 0 to 255.",
    UNSOUND_LABEL: "Give numbers in the shape that the field's name asks for.",
    ROWS_DIFFER: "Give one row for each object in every field.",
    SIZE_DIFFERS: "Give masks and maps in the image's height and width.",
    NON_FINITE: "A label that is not given is NaN all over; else be finite.",
    CLASS_OUT_OF_RANGE: "Correct the number or the list of classes.",
    STRAY_MAP_VALUES: "Translate the numbers; -1 and 255 are not judged.",
    MASK_NOT_BINARY: "Give masks of 0 and 1.",
    MASK_EMPTY: "Draw the mask, or remove the object.",
    BOX_WITHOUT_AREA: "Remove the box, or draw it again.",
    BOX_INVERTED: "Expected x1 < x2 and y1 < y2: x1, y1, x2, y2.",
    BOX_OUTSIDE: "See whether the box belongs to another image or size.",
    BOX_PARTLY_OUTSIDE: "Clip the box at the edges of the image.",
    BOX_DUPLICATE: "Remove the copy.",
    BOX_AND_MASK: "See which of the two is right; are the rows in one order?",
    POINT_OUTSIDE: "Mark the point as not labelled, or correct it.",
    VISIBILITY: "0 is not labelled, 1 hidden, 2 visible.",
    DEPTH_NOT_POSITIVE: "Metres are positive; NaN where not measured.",
    DUPLICATE_BETWEEN: "Remove one copy, or scores will flatter.",
}
# Defects with one right way to mend them.
MENDABLE = {
    NON_FINITE,
    STRAY_MAP_VALUES,
    BOX_WITHOUT_AREA,
    BOX_INVERTED,
    BOX_PARTLY_OUTSIDE,
    BOX_DUPLICATE,
    DEPTH_NOT_POSITIVE,
}
