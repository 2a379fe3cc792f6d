"""From an image to feature maps of strides 4 to 32."""

from mtvision.trunks.caffe_preprocessing import CaffePreprocessing
from mtvision.trunks.contracting_path import ContractingPath
from mtvision.trunks.darknet import Darknet19, Darknet24
from mtvision.trunks.deep_face_net import DeepFaceNet
from mtvision.trunks.dilated_net import DilatedNet
from mtvision.trunks.from_layers import from_layers
from mtvision.trunks.inception import InceptionResNetV2, InceptionV3
from mtvision.trunks.mobilenet import (
    MobileNetV2,
    MobileNetV3Large,
    MobileNetV3Small,
)
from mtvision.trunks.resnet import ResNet50, ResNet101
from mtvision.trunks.small_resnet import SmallResNet
from mtvision.trunks.text_net import TextNet
from mtvision.trunks.trunk import Trunk
from mtvision.trunks.vgg import VGG16
from mtvision.trunks.volume_net import VolumeNet
from mtvision.trunks.window_net import WindowNet
