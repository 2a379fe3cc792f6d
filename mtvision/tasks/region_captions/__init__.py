"""Phrases of regions, as in DenseCap."""

from mtvision.tasks.region_captions.decoder import DecodeRegionCaptions
from mtvision.tasks.region_captions.region_captions_head import (
    RegionCaptionsHead,
)
from mtvision.tasks.region_captions.region_captions_loss import (
    RegionCaptionsLoss,
)
