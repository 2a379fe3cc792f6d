"""Keras layers that several rooms build on."""

from mtvision.layers.attention_pooling_2d import AttentionPooling2D
