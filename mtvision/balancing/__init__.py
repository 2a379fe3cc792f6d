"""Balancing: how much each task's gradient counts, step by step."""

from mtvision.balancing.aligned_mtl import AlignedMTL
from mtvision.balancing.cagrad import CAGrad
from mtvision.balancing.con_fig import ConFIG
from mtvision.balancing.cov import CoV
from mtvision.balancing.dtp import DTP
from mtvision.balancing.dual_proj import DualProj
from mtvision.balancing.dwa import DWA
from mtvision.balancing.fair_grad import FairGrad
from mtvision.balancing.famo import FAMO
from mtvision.balancing.gls import GLS
from mtvision.balancing.grad_norm import GradNorm
from mtvision.balancing.grad_vac import GradVac
from mtvision.balancing.imtlg import IMTLG
from mtvision.balancing.imtll import IMTLL
from mtvision.balancing.log_loss import LogLoss
from mtvision.balancing.mgda import MGDA
from mtvision.balancing.nash_mtl import NashMTL
from mtvision.balancing.pcgrad import PCGrad
from mtvision.balancing.rlw import RLW
from mtvision.balancing.static_weights import StaticWeights
from mtvision.balancing.stch import STCH
from mtvision.balancing.sum import Sum
from mtvision.balancing.uncertainty_weighting import UncertaintyWeighting
from mtvision.balancing.upgrad import UPGrad
from mtvision.balancing.uwso import UWSO
