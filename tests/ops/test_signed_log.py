import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from batteries.backend import gradient, to_numpy
from mtvision.ops.signed_log import signed_exp, signed_log


@settings(deadline=None)
@given(st.floats(-1e5, 1e5, width=32))
def test_one_is_the_reverse_of_the_other(x):
    log = float(to_numpy(signed_log([x]))[0])
    assert np.isclose(log, np.sign(x) * np.log(1 + abs(x)), rtol=1e-5)
    assert np.isclose(float(to_numpy(signed_exp([log]))[0]), x, rtol=1e-4)


def test_nothing_is_infinite():
    x = np.array([-1e9, 0.0, 1e9], "float32")
    assert np.isfinite(to_numpy(signed_exp(x))).all()
    assert np.isfinite(gradient(signed_exp, x)).all()
