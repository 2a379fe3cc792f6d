"""Data sets, and batches of them for `fit`."""

from mtvision.data.batches import Batches
from mtvision.data.cached import Cached
from mtvision.data.folder import Folder
from mtvision.data.images import read_image, read_mask
from mtvision.data.resizing import resize_sample
from mtvision.data.split import split
from mtvision.data.subset import Subset
from mtvision.data.voc import read_voc
