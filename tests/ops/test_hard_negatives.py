import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from batteries.backend import to_numpy
from batteries.properties import cases
from mtvision.ops.hard_negatives import hardest


@cases(30)
@given(seed=st.integers(0, 1000), number=st.integers(0, 12))
def test_the_highest_candidates_are_marked(seed, number):
    rng = np.random.default_rng(seed)
    values = rng.permutation(10).astype("float32")[None]
    candidates = rng.uniform(size=(1, 10)) < 0.6
    marked = to_numpy(hardest(values, candidates, np.array([number])))
    assert marked.sum() == min(number, candidates.sum())
    assert not (marked & ~candidates).any()
    left = values[candidates & ~marked]
    if marked.any() and left.size:
        assert values[marked].min() > left.max()
