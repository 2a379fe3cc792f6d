"""Training one model on many tasks."""

from mtvision.training.multi_task_model import MultiTaskModel
