"""What moved the odds since the ensemble before, because of which row, and what was foretold."""
