"""Balancing: how much each task's gradient counts, step by step."""

from mtvision.balancing.cov import CoV
from mtvision.balancing.dtp import DTP
from mtvision.balancing.dwa import DWA
from mtvision.balancing.famo import FAMO
from mtvision.balancing.gls import GLS
from mtvision.balancing.imtll import IMTLL
from mtvision.balancing.log_loss import LogLoss
from mtvision.balancing.rlw import RLW
from mtvision.balancing.static_weights import StaticWeights
from mtvision.balancing.stch import STCH
from mtvision.balancing.uncertainty_weighting import UncertaintyWeighting
from mtvision.balancing.uwso import UWSO
