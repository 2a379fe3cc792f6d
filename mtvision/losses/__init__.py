"""Task-free losses."""

from mtvision.losses.binary_focal import BinaryFocal
from mtvision.losses.box_iou import BoxIoU
from mtvision.losses.categorical_focal import CategoricalFocal
from mtvision.losses.contrastive import Contrastive
from mtvision.losses.dice import Dice
from mtvision.losses.generalized_dice import GeneralizedDice
from mtvision.losses.smooth_l1 import SmoothL1
from mtvision.losses.triplet import Triplet
from mtvision.losses.tversky import Tversky
from mtvision.losses.weighted_sum import WeightedSum
from mtvision.losses.wing import Wing
