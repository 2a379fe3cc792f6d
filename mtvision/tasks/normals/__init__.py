"""Direction of the surface at every pixel."""

from mtvision.tasks.normals.head import NormalsHead
from mtvision.tasks.normals.loss import NormalsLoss
from mtvision.tasks.normals.normal_angles import NormalAngles
