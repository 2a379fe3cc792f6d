"""Things and stuff in one map."""

from mtvision.tasks.panoptic.decoder import DecodePanoptic
