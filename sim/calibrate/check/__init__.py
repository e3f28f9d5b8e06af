"""Whether the calibration is any good."""
