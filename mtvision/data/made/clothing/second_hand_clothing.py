"""The built-in offers of second-hand clothing."""

import numpy as np

from mtvision.data.made.clothing.adverts import (
    MAX_WORDS,
    make_vocabulary,
    write_advert,
)
from mtvision.data.made.clothing.garments import draw_garment
from mtvision.data.made.clothing.prices import NOISE, draw_traits, log_price
from mtvision.data.made.made_samples import MadeSamples
from mtvision.ops.option_checks import require_count


class SecondHandClothing(MadeSamples):
    """Offers of clothing: a picture, an advert, some facts, and the price.

    A sample is a dict of
    `"image"`, uint8 (S, S, 3): a drawn scarf, shirt, pair of trousers, dress
    or coat, with up to three stains;
    `"text"`, int32 (32,): numbers of the advert's words in `vocabulary`, which
    say who made the piece and how it was worn, among chatter;
    `"metadata"`, float32 (4,): years, former owners, size, month of the offer;
    `"price"`, float32, euros, and `"log_price"`, its natural logarithm.

    The logarithm of the price is a sum: what the kind adds (picture), what
    the maker and the condition add (text), less 0.12 for each owner but the
    first (metadata), less what each stain takes off, which depends on the
    maker (picture and text: 0.05 to 0.4), less what each year takes off,
    which depends on the maker (metadata and text: 0.14 to -0.03, as designer
    pieces gain), and noise of standard deviation 0.1. All is drawn
    independently, so that no input tells anything of another. Then the best
    model of one input leaves all that the others change, and the average of
    the best three models shrinks each one's part to a third; products of two
    inputs are lost to any sum of the three. The standard deviation of the
    logarithm is 0.91; the average of the best three leaves an error of 0.64,
    their sum one of 0.26, and the best model of all inputs that of the noise,
    0.1.

    Adverts of the validation and test splits may have words that no training
    sees, which all have the number 1.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        num_samples: Number of offers.
        image_size: Pixels S along each side.
        seed: Whole number, 0 or more.

    Attributes:
        vocabulary: The `Vocabulary` of the adverts.
        metadata_names: Tuple of what the four facts are.

    Raises:
        ValueError: If an option is out of range.

    Example:

    >>> source = SecondHandClothing("train", num_samples=4)
    >>> sample = source[1]
    >>> source.vocabulary.decode(sample["text"])
    'bought at a supermarket worn once and not torn from a smoke free home'
    >>> round(float(sample["price"]))
    19
    """

    metadata_names = ("years", "owners", "size", "month")
    vocabulary = make_vocabulary()

    def __init__(self, split, *, num_samples=2000, image_size=32, seed=0):
        super().__init__(split, num_samples=num_samples, seed=seed)
        require_count(image_size, 16, "image_size")
        self.image_size = image_size

    def traits(self, index):
        """What the price of an offer depends on, in words and numbers.

        Args:
            index: Number of the sample.

        Returns:
            Dict of `"kind"`, `"stains"`, `"maker"`, `"condition"`, `"years"`
            and `"owners"`.
        """
        return draw_traits(self.generator(index))

    def make(self, rng):
        """Makes one sample."""
        traits = draw_traits(rng)
        logarithm = log_price(traits) + rng.normal(0, NOISE)
        unseen = self.split != "train" and rng.uniform() < 0.5
        advert = write_advert(
            rng, traits["maker"], traits["condition"], unseen=unseen
        )
        facts = [traits["years"], traits["owners"]]
        facts += [rng.integers(34, 49), rng.integers(1, 13)]
        return {
            "image": draw_garment(
                rng, traits["kind"], traits["stains"], self.image_size
            ),
            "text": self.vocabulary.encode([advert], MAX_WORDS)[0],
            "metadata": np.array(facts, "float32"),
            "price": np.float32(np.exp(logarithm)),
            "log_price": np.float32(logarithm),
        }
