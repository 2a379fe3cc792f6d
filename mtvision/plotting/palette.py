"""Colours of classes and instances."""

import colorsys

# Okabe and Ito, 2008: told apart with any colour vision. Black is left out,
# and vermilion is kept for what is wrong.
COLOURS = (
    "#F0E442",
    "#56B4E9",
    "#CC79A7",
    "#009E73",
    "#E69F00",
    "#0072B2",
    # From here on Kelly, 1965: the rest of his colours of maximum contrast
    # that are not grey and not too like those above.
    "#882D17",
    "#8DB600",
    "#604E97",
    "#F99379",
    "#BE0032",
    "#C2B280",
    "#2B3D26",
    "#DCD300",
    "#A1CAF1",
    "#B3446C",
    "#654522",
)
WRONG = "#D55E00"
GOLDEN = 0.6180339887498949


def colour(number):
    """The colour of a class or instance, the same in every picture.

    Args:
        number: Integer, 0 or more. The first six have colours that are told
            apart with any colour vision; further ones go round the hues by
            the golden section.

    Returns:
        A colour as `"#RRGGBB"`.

    Example:

    >>> colour(1), len({colour(k) for k in range(200)})
    ('#56B4E9', 200)
    """
    number = int(number)
    if number < len(COLOURS):
        return COLOURS[number]
    hue = number * GOLDEN % 1
    light, vivid = (0.45, 0.62, 0.78)[number % 3], (0.95, 0.6)[number % 2]
    parts = colorsys.hls_to_rgb(hue, light, vivid)
    return "#" + "".join(f"{round(255 * part):02X}" for part in parts)


def ink(ground):
    """Black or white, whichever is read better on a colour `"#RRGGBB"`.

    Example:

    >>> ink("#F0E442"), ink("#0072B2")
    ('black', 'white')
    """
    red, green, blue = (int(ground[k : k + 2], 16) for k in (1, 3, 5))
    # ITU-R BT.601: the share of each channel in brightness.
    brightness = 0.299 * red + 0.587 * green + 0.114 * blue
    return "black" if brightness > 125 else "white"
