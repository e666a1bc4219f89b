"""Tests of the training programs."""
