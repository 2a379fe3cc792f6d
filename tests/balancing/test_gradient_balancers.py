import numpy as np
import pytest

from batteries.backend import to_numpy
from batteries.configs import check_config
from batteries.gradient_balancers import check_gradient_balancer, course, run
from mtvision import balancing as b
from mtvision.balancing.gradient_balancer import GradientBalancer

# Options, then the power of the scale of the gradients that the direction
# follows.
METHODS = {
    "Sum": (b.Sum, {}, 1),
    "MGDA": (b.MGDA, {}, 1),
    "MGDA l2": (b.MGDA, {"normalization": "l2"}, 0),
    "MGDA loss": (b.MGDA, {"normalization": "loss"}, 1),
    "MGDA loss+": (b.MGDA, {"normalization": "loss+"}, 0),
    "CAGrad": (b.CAGrad, {}, 1),
    "CAGrad strong": (b.CAGrad, {"c": 0.9, "rescale": 1}, 1),
    "CAGrad none": (b.CAGrad, {"c": 0.0}, 1),
    "NashMTL": (b.NashMTL, {}, 0),
    "NashMTL unclipped": (b.NashMTL, {"max_norm": None}, 0),
    "FairGrad": (b.FairGrad, {"alpha": 2.0}, -1 / 3),
    "IMTLG": (b.IMTLG, {}, 1),
    "AlignedMTL": (b.AlignedMTL, {}, 1),
    "AlignedMTL median": (b.AlignedMTL, {"scale": "median"}, 1),
    "AlignedMTL rmse": (b.AlignedMTL, {"scale": "rmse"}, 1),
    "UPGrad": (b.UPGrad, {}, 1),
    "DualProj": (b.DualProj, {}, 1),
    "ConFIG": (b.ConFIG, {}, 1),
    "GradNorm": (b.GradNorm, {}, 1),
    "MoCo": (b.MoCo, {}, 0),
    "DBMTL": (b.DBMTL, {}, 1),
    "ExcessMTL": (b.ExcessMTL, {}, 1),
    "SDMGrad": (b.SDMGrad, {"learning_rate": 0.1}, None),
    "MoDo": (b.MoDo, {"gamma": 0.01}, None),
}


@pytest.mark.parametrize("name", METHODS)
def test_properties(name):
    cls, options, degree = METHODS[name]
    check_gradient_balancer(lambda: cls(**options), degree=degree)


@pytest.mark.parametrize("cls", [b.PCGrad, b.GradVac])
def test_properties_where_the_order_of_the_tasks_matters(cls):
    check_gradient_balancer(
        lambda: cls(order="sequential"), degree=1, ordered=True
    )


def test_properties_of_drawn_signs():
    check_gradient_balancer(
        lambda: b.GradDrop(seed=3), degree=1, ordered=False, draws=True
    )


@pytest.mark.parametrize(
    ("cls", "arguments"),
    [
        (b.Sum, {}),
        (b.MGDA, {"normalization": "l2"}),
        (b.PCGrad, {"order": "sequential", "seed": 3}),
        (b.GradVac, {"decay": 0.5, "order": "sequential", "seed": 3}),
        (b.CAGrad, {"c": 0.2, "rescale": 2}),
        (b.NashMTL, {"max_norm": 3.0}),
        (b.FairGrad, {"alpha": 2.0}),
        (b.IMTLG, {}),
        (b.AlignedMTL, {"scale": "rmse"}),
        (b.UPGrad, {"preference": [1.0, 2.0]}),
        (b.DualProj, {"preference": [1.0, 2.0]}),
        (b.ConFIG, {}),
        (b.GradNorm, {"alpha": 0.12, "learning_rate": 0.1}),
        (b.GradDrop, {"leak": [0.1, 0.2], "seed": 3}),
        (
            b.MoCo,
            {
                "beta": 0.25,
                "beta_decay": 0.25,
                "gamma": 0.2,
                "gamma_decay": 0.75,
                "rho": 0.1,
            },
        ),
        (b.DBMTL, {"beta": 0.5, "beta_decay": 1.0}),
        (b.ExcessMTL, {"learning_rate": 1.0}),
        (
            b.SDMGrad,
            {
                "preference": 0.6,
                "steps": 3,
                "learning_rate": 5.0,
                "momentum": 0.25,
            },
        ),
        (b.MoDo, {"gamma": 0.1, "rho": 0.0}),
    ],
)
def test_config(cls, arguments):
    shared = {"smoothing": 0.5}
    if issubclass(cls, GradientBalancer):
        shared["at"] = "parameters"
    original, revived = check_config(cls, {**shared, **arguments})
    for name, value in shared.items():
        assert getattr(original, name) == getattr(revived, name) == value


@pytest.mark.parametrize(
    ("cls", "arguments", "message"),
    [
        (b.MGDA, {"normalization": "l1"}, "'l1'"),
        (b.PCGrad, {"order": "best"}, "'best'"),
        (b.GradVac, {"decay": 0}, "decay"),
        (b.CAGrad, {"c": -1}, "received -1"),
        (b.CAGrad, {"rescale": 3}, "received 3"),
        (b.NashMTL, {"max_norm": 0}, "max_norm"),
        (b.FairGrad, {"alpha": 0}, "alpha"),
        (b.AlignedMTL, {"scale": "max"}, "'max'"),
        (b.UPGrad, {"preference": [1.0, -2.0]}, "-2"),
        (b.GradNorm, {"alpha": -1}, "received -1"),
        (b.GradDrop, {"leak": 2}, "received 2"),
        (b.MoCo, {"beta": 2}, "received 2"),
        (b.MoCo, {"gamma": 0}, "gamma"),
        (b.DBMTL, {"beta": 1}, "received 1"),
        (b.ExcessMTL, {"learning_rate": 0}, "learning_rate"),
        (b.SDMGrad, {"momentum": 1}, "momentum"),
        (b.SDMGrad, {"steps": 0}, "steps"),
        (b.MoDo, {"rho": -1}, "received -1"),
        (b.Sum, {"smoothing": 1}, "smoothing"),
    ],
)
def test_bad_options(cls, arguments, message):
    with pytest.raises(ValueError, match=message):
        cls(**arguments)


@pytest.mark.parametrize("cls", [b.DualProj, b.UPGrad])
def test_one_preference_for_each_task(cls):
    with pytest.raises(ValueError, match="3 tasks"):
        cls(preference=[1.0, 2.0]).weights(np.eye(3))


def test_one_leak_for_each_task():
    with pytest.raises(ValueError, match="3 tasks"):
        b.GradDrop(leak=[0.1, 0.2]).direction(np.eye(3))


@pytest.mark.parametrize(
    "call",
    [
        lambda: b.MGDA(normalization="loss").weights(np.eye(2)),
        lambda: b.GradNorm().weights(np.eye(2)),
        lambda: b.MoCo().direction(np.eye(2)),
        lambda: b.DBMTL().direction(np.eye(2)),
    ],
)
def test_methods_ask_for_the_losses_they_read(call):
    with pytest.raises(ValueError, match="losses"):
        call()


def test_shapes_of_gradients():
    with pytest.raises(ValueError, match=r"\(T, P\), received shape \(3,\)"):
        b.GradDrop().direction(np.ones(3))
    with pytest.raises(ValueError, match=r"\(3, T, P\).*\(2, 2\)"):
        b.MoDo().direction(np.eye(2))


def test_random_order_depends_on_the_seed_and_changes():
    gradients, losses = course(steps=8)
    gradients[:] = gradients[0]
    _, first = run(b.PCGrad(seed=1), gradients, losses)
    _, again = run(b.PCGrad(seed=1), gradients, losses)
    _, other = run(b.PCGrad(seed=2), gradients, losses)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert len(np.unique(first, axis=0)) > 1


def test_leaks_keep_a_share_of_what_is_dropped():
    gradients = np.array([[3.0, -2.0], [-1.0, 4.0]])
    method = b.GradDrop(leak=[1.0, 1.0])
    direction = to_numpy(method.direction(gradients))
    np.testing.assert_allclose(direction, gradients.sum(0), rtol=1e-6)


@pytest.mark.parametrize("cls", [b.MoDo, b.SDMGrad])
def test_the_third_part_gives_the_direction(cls):
    rng = np.random.default_rng(0)
    parts = rng.standard_normal((3, 2, 5))
    other = parts.copy()
    other[2] = rng.standard_normal((2, 5))
    first, second = (to_numpy(cls().direction(x)) for x in (parts, other))
    weights = np.linalg.lstsq(parts[2].T, first, rcond=None)[0]
    np.testing.assert_allclose(second, weights @ other[2], rtol=1e-4)
