"""Analysts: sheets on which somebody states what they believe of the numbers of the model."""
