"""From coded statements to positions."""
