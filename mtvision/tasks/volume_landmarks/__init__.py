"""Landmarks in volumes, found by the votes of all cells."""

from mtvision.tasks.volume_landmarks.decoder import DecodeVolumeLandmarks
from mtvision.tasks.volume_landmarks.landmark_displacement_head import (
    LandmarkDisplacementHead,
)
from mtvision.tasks.volume_landmarks.landmark_displacement_loss import (
    LandmarkDisplacementLoss,
)
from mtvision.tasks.volume_landmarks.landmark_error import LandmarkError
from mtvision.tasks.volume_landmarks.landmark_presence_head import (
    LandmarkPresenceHead,
)
from mtvision.tasks.volume_landmarks.landmark_presence_loss import (
    LandmarkPresenceLoss,
)
from mtvision.tasks.volume_landmarks.landmarks_found import LandmarksFound
