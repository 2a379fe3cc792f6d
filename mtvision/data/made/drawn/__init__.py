"""Faces and figures drawn on demand, whose key points are known."""
