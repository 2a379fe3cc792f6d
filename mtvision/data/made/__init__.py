"""Sources whose samples are drawn or written on demand, truth and all."""
