import optuna

import mtvision as mtv
from mtvision.experiments import LossWeights, Method, OneOf, SimplexWeights
from mtvision.experiments.report.space_text import space_text
from mtvision.experiments.spaces.space import Space

FLOAT = optuna.distributions.FloatDistribution
WHOLE = optuna.distributions.IntDistribution


def test_every_part_of_a_space_in_words():
    space = Space(
        {
            "rate": FLOAT(1e-4, 0.01, log=True),
            "dropout": FLOAT(0, 0.5, step=0.1),
            "depth": WHOLE(1, 5),
            "width": WHOLE(8, 64, step=8),
            "augment": optuna.distributions.CategoricalDistribution(
                [None, "strong"]
            ),
            "loss_weights": LossWeights(["a", "b"], low=0.1, high=10),
            "simplex": SimplexWeights(["a", "b"], low=0.05),
            "balancing": OneOf(
                {
                    "sum": None,
                    "UPGrad": mtv.balancing.UPGrad(),
                    "CAGrad": Method(mtv.balancing.CAGrad, c=FLOAT(0.1, 0.9)),
                }
            ),
        }
    )
    found = {name: space_text(part) for name, part in space.describe().items()}
    assert found == {
        "rate": "0.0001 to 0.01, logarithmic",
        "dropout": "0 to 0.5 in steps of 0.1",
        "depth": "1 to 5, whole numbers",
        "width": "8 to 64 in steps of 8",
        "augment": "none | strong",
        "loss_weights": "a and b: 0.1 to 10 each, logarithmic",
        "simplex": "a and b: 0.05 or more each, sum 1",
        "balancing": "sum | UPGrad | CAGrad (CAGrad with c 0.1 to 0.9)",
    }


def test_what_is_not_known_is_shown_as_it_is():
    assert space_text("0 to 1") == "0 to 1"
    assert space_text({"part": "Own", "low": 1}) == "part Own, low 1"
