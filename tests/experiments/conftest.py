import gc

import pytest


@pytest.fixture(autouse=True)
def _no_garbage_collection(monkeypatch):
    """A run collects the models before it, which takes longer than a test."""
    monkeypatch.setattr(gc, "collect", lambda generation=2: 0)
