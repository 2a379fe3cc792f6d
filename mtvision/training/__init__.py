"""Training one model on many tasks."""

from mtvision.training.describe_tasks import describe_tasks
from mtvision.training.multi_task_model import MultiTaskModel
from mtvision.training.results import compare_with_constants, format_table
from mtvision.training.resuming.resume import Resume
