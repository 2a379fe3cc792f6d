"""Which words novels have, and when they had them."""

from mtvision.data.vocabulary import Vocabulary

GENRES = ("adventure", "crime", "romance", "science", "war")
GENRE_WORDS = {
    "adventure": "island treasure ship captain storm jungle map sail rope "
    "cave mountain compass",
    "crime": "murder clue alibi detective corpse blood suspect poison motive "
    "knife witness verdict",
    "romance": "kiss heart love bride dance letter tears longing promise "
    "garden wedding blush",
    "science": "machine planet experiment ray star laboratory orbit formula "
    "alien signal engine moon",
    "war": "soldier trench general battle wound retreat cannon march enemy "
    "flag truce regiment",
}
# In which years novels of a genre were written: mean and standard deviation.
GENRE_YEARS = {
    "adventure": (1870, 35),
    "crime": (1920, 35),
    "romance": (1890, 50),
    "science": (1940, 30),
    "war": (1930, 40),
}
FIRST, LAST = 1800, 2000
# The year in which each word was used most.
PERIOD_WORDS = {
    "quill": 1800,
    "stagecoach": 1810,
    "musket": 1815,
    "candle": 1825,
    "carriage": 1835,
    "workhouse": 1845,
    "steamboat": 1850,
    "locomotive": 1860,
    "telegraph": 1870,
    "gaslight": 1880,
    "hansom": 1890,
    "bicycle": 1895,
    "gramophone": 1905,
    "zeppelin": 1912,
    "airship": 1918,
    "wireless": 1925,
    "tram": 1930,
    "radio": 1938,
    "bomber": 1944,
    "refrigerator": 1950,
    "jet": 1957,
    "television": 1962,
    "transistor": 1968,
    "cassette": 1975,
    "helicopter": 1978,
    "computer": 1985,
    "video": 1988,
    "modem": 1993,
    "internet": 1998,
    "cellphone": 2000,
}
# Standard deviation of the years around it.
SPREAD = 18
PLAIN_WORDS = (
    "the of and a to in he she it was that his her they with as had for on at "
    "but him not be by said which from there one were been have this all so "
    "would what when them into out up then who if no more could time door "
    "house man woman day night hand eyes room street again never old little "
    "long way came went saw knew thought before after under over"
)
# No word of these is in the vocabulary.
UNSEEN = ("zephyr", "quagmire", "halcyon", "umber", "wistful")


def make_vocabulary():
    """The vocabulary of all pages that a training sees."""
    pages = [*GENRE_WORDS.values(), *PERIOD_WORDS, PLAIN_WORDS]
    return Vocabulary.of(pages)
