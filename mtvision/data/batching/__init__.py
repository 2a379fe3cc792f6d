"""From samples to padded batches of inputs, targets and weights."""
