import keras
import numpy as np

from batteries.backend import compiled, to_numpy
from mtvision.metrics.exact_counts import ExactCounts
from mtvision.ops.exact_counts import total_counts

LARGEST = 2**31 - 2**25 - 1  # that a batch may hold


def whole(metric):
    """The counts without the rounding of float32."""
    parts = (to_numpy(x) for x in (metric.carries, metric.units))
    return total_counts(*parts, to_numpy(metric.fractions).astype("float64"))


def add(metric, counts, rest):
    metric.add(
        keras.ops.convert_to_tensor(np.array(counts, "int32")),
        keras.ops.convert_to_tensor(np.array(rest, "float32")),
    )


def test_batches_add_up_beyond_what_float32_and_int32_hold():
    metric = ExactCounts((2,), name="counts")
    for _ in range(5):
        add(metric, [LARGEST, 1], [0.0, 0.0])
    assert whole(metric).tolist() == [5 * LARGEST, 5]
    rounded = to_numpy(metric.totals())
    assert rounded.dtype == np.float32
    assert rounded.tolist() == [np.float32(5 * LARGEST), 5.0]


def test_weights_that_are_no_whole_numbers():
    metric = ExactCounts((1,), name="counts")
    for _ in range(6):
        add(metric, [2**24], [0.75])
    assert whole(metric).tolist() == [6 * 2**24 + 4.5]


def test_the_state_is_counted_anew_and_can_be_summed_by_replicas():
    metrics = [ExactCounts((1,), name=name) for name in "ab"]
    for metric in metrics:
        add(metric, [LARGEST], [0.5])
    for one, other in zip(metrics[0].variables, metrics[1].variables):
        one.assign(one + other)
    assert whole(metrics[0]).tolist() == [2 * LARGEST + 1]
    metrics[0].reset_state()
    add(metrics[0], [3], [0.0])
    assert whole(metrics[0]).tolist() == [3]


def test_compiled():
    metric = ExactCounts((1,), name="counts")

    def totals(variables, counts, rest):
        values = [keras.ops.convert_to_tensor(x) for x in variables]
        state = list(zip(metric.variables, values))
        with keras.StatelessScope(state_mapping=state) as scope:
            metric.add(*map(keras.ops.convert_to_tensor, (counts, rest)))
        return [scope.get_current_value(v) for v in metric.variables]

    state = [to_numpy(v) for v in metric.variables]
    step = compiled(totals)
    for _ in range(3):
        state = to_numpy(
            step(state, np.array([LARGEST], "int32"), np.zeros(1, "float32"))
        )
    carries, units, fractions = state
    found = total_counts(carries, units, fractions.astype("float64"))
    assert found.tolist() == [3 * LARGEST]
