"""What the odds lean on: evidence, parameters, days."""
