"""Checking of whole data sets before they are trained on."""
