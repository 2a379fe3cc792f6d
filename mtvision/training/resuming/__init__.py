"""Trainings that go on where they were broken off, to the bit."""
