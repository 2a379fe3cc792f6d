"""Many data sets, each labelled for some tasks, as one."""
