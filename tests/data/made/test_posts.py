import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from mtvision.data import Posts
from mtvision.data.made.posts import (
    AGE_WORDS,
    GENDER_WORDS,
    INCOME_WORDS,
    made_up_words,
)


def posts(number):
    source = Posts("train", num_samples=number)
    samples = [source[i] for i in range(number)]
    words = np.stack([sample["text"] for sample in samples])
    truth = {
        name: np.array([sample[name] for sample in samples])
        for name in ("age", "income", "gender")
    }
    return source, words, truth


def counts(words, size):
    return np.stack([np.bincount(row, minlength=size) for row in words])


def test_everything_can_be_told_from_the_words():
    """By linear models of scikit-learn, on posts that they did not see."""
    source, words, truth = posts(1200)
    x = counts(words, len(source.vocabulary))
    train, test = slice(0, 1000), slice(1000, None)
    age = Ridge(10.0).fit(x[train], truth["age"][train]).predict(x[test])
    assert np.abs(age - truth["age"][test]).mean() < 8
    for name, share in (("income", 0.6), ("gender", 0.75)):
        model = LogisticRegression(C=0.1, max_iter=500)
        model.fit(x[train], truth[name][train])
        assert model.score(x[test], truth[name][test]) > share


def test_each_word_tells_of_one_task_only():
    source, words, truth = posts(3000)
    x = counts(words, len(source.vocabulary))[:, 2:]
    ends = np.cumsum([AGE_WORDS, 5 * INCOME_WORDS, 2 * GENDER_WORDS])
    parts = dict(zip(("age", "income", "gender"), np.split(x, ends, axis=1)))
    # How often each kind of word is used does not depend on anything.
    for part in parts.values():
        for name in truth:
            use = np.corrcoef(part.sum(axis=1), truth[name])[0, 1]
            assert abs(use) < 4 / np.sqrt(3000)
    low = parts["income"][truth["income"] == 0].sum(axis=0)
    assert low[:INCOME_WORDS].sum() > 3 * low[INCOME_WORDS:].sum()
    one = parts["gender"][truth["gender"] == 1].sum(axis=0)
    assert one[GENDER_WORDS:].sum() > 4 * one[:GENDER_WORDS].sum()


def test_the_scales_of_the_losses_without_any_knowledge():
    """As the docstring says them."""
    _, _, truth = posts(4000)
    assert truth["age"].var() == pytest.approx((66**2 - 1) / 12, rel=0.05)
    for name, number in (("income", 5), ("gender", 2)):
        shares = np.bincount(truth[name]) / 4000
        assert -(shares * np.log(shares)).sum() == pytest.approx(
            np.log(number), abs=0.01
        )


def test_words_and_options():
    words = made_up_words(400)
    assert len(set(words)) == 400
    source = Posts("train", num_samples=3, num_words=10)
    assert source[0]["text"].shape == (10,)
    assert len(source.classes["income"]) == 5
    with pytest.raises(ValueError, match="num_words"):
        Posts("train", num_words=0)
