"""Properties that every layer, loss and model of mtvision must have."""
