import numpy as np
import pytest

from mtvision.data import Batches, SecondHandClothing
from mtvision.data.made.clothing.garments import draw_garment
from mtvision.data.made.clothing.prices import (
    CONDITIONS,
    FADING,
    KINDS,
    MAKERS,
    MOST_OWNERS,
    MOST_STAINS,
    MOST_YEARS,
    NOISE,
    OWNER,
    STAIN,
    START,
    log_price,
)


def offers(number, **options):
    source = SecondHandClothing("train", num_samples=number, **options)
    return source, [source[i] for i in range(number)]


def mean(values):
    return np.mean(list(values))


def test_a_sample():
    source, (sample, *_) = offers(1, image_size=40)
    assert sample["image"].shape == (40, 40, 3)
    assert sample["image"].dtype == "uint8"
    assert sample["metadata"].shape == (len(source.metadata_names),)
    traits = source.traits(0)
    assert sample["metadata"][0] == np.float32(traits["years"])
    assert sample["metadata"][1] == traits["owners"]
    assert sample["price"] == pytest.approx(np.exp(sample["log_price"]))
    with pytest.raises(ValueError, match="image_size"):
        SecondHandClothing("train", image_size=4)


def test_the_price_is_the_formula_and_noise():
    source, samples = offers(300)
    noise = [
        float(sample["log_price"]) - log_price(source.traits(index))
        for index, sample in enumerate(samples)
    ]
    # Four standard errors.
    assert abs(np.mean(noise)) < 4 * NOISE / np.sqrt(300)
    assert abs(np.std(noise) - NOISE) < 4 * NOISE / np.sqrt(600)


def test_one_model_of_all_inputs_has_more_to_learn_than_the_average():
    """The best predictions of each input, by their definition: the formula
    with all that the input does not show replaced by its mean, as everything
    is independent and the formula is linear in each part.
    """
    source = SecondHandClothing("train", num_samples=4000)
    traits = [source.traits(i) for i in range(4000)]
    truth = np.array([log_price(one) for one in traits])
    truth += np.random.default_rng(0).normal(0, NOISE, truth.shape)
    stains, years, owners = (
        MOST_STAINS / 2,
        MOST_YEARS / 2,
        (MOST_OWNERS - 1) / 2,
    )
    means = [mean(part.values()) for part in (KINDS, MAKERS, CONDITIONS)]
    fading, stain = mean(FADING.values()), mean(STAIN.values())
    base = START + sum(means) - OWNER * owners - fading * years
    best = {"image": [], "text": [], "metadata": []}
    for one in traits:
        kind = KINDS[one["kind"]] - means[0] - stain * one["stains"]
        best["image"].append(base + kind)
        maker = one["maker"]
        text = MAKERS[maker] - means[1] + CONDITIONS[one["condition"]]
        text -= means[2] + STAIN[maker] * stains
        text -= (FADING[maker] - fading) * years
        best["text"].append(base + text)
        facts = -fading * (one["years"] - years) - stain * stains
        facts -= OWNER * (one["owners"] - 1 - owners)
        best["metadata"].append(base + facts)

    def error(values):
        return np.sqrt(np.mean((values - truth) ** 2))

    best = np.array(list(best.values()))
    alone = [error(one) for one in best]
    together = error(np.array([log_price(one) for one in traits]))
    average = error(best.mean(axis=0))
    added = error(best.sum(axis=0) - 2 * truth.mean())
    # Each input tells something, all of them much more: see the docstring.
    assert max(alone) < truth.std()
    assert truth.std() == pytest.approx(0.91, abs=0.03)
    assert average == pytest.approx(0.64, abs=0.03)
    assert added == pytest.approx(0.26, abs=0.03)
    assert together == pytest.approx(0.1, abs=0.01)


def test_stains_are_dark_and_on_the_piece():
    source, samples = offers(40)
    dark = [(s["image"].max(axis=-1) < 45).sum() for s in samples]
    stains = [source.traits(i)["stains"] for i in range(40)]
    assert not any(n for n, k in zip(dark, stains) if k == 0)
    assert np.corrcoef(dark, stains)[0, 1] > 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_room_for_all_stains_whatever_comes_first(kind):
    for seed in range(200):
        draw_garment(np.random.default_rng(seed), kind, MOST_STAINS, 16)


def test_the_advert_says_who_made_it():
    source, samples = offers(30)
    for index, sample in enumerate(samples):
        text = source.vocabulary.decode(sample["text"])
        maker = source.traits(index)["maker"]
        said = {"chain": ("chain", "street")}.get(maker, (maker,))
        assert any(word in text for word in said)


def test_batches_of_three_inputs():
    source, _ = offers(4)
    inputs = {"image": "image", "text": "text", "metadata": "metadata"}
    batches = Batches(
        source, {"price": "log_price"}, inputs=inputs, batch_size=4
    )
    x, y, weights = batches[0]
    assert x["image"].shape == (4, 32, 32, 3)
    assert x["text"].dtype == "int32"
    assert y["price"].shape == (4,)
    assert weights["price"].all()
