"""Regression: numbers of a whole image, text or sample."""

from mtvision.tasks.regression.constant import constant_regression
from mtvision.tasks.regression.head import RegressionHead
