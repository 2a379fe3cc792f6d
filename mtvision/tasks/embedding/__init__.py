"""Embeddings of whole images, near for what is the same."""

from mtvision.tasks.embedding.head import EmbeddingHead
