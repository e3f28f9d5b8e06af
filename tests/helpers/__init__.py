"""What several tests build with: records, stories, figures, the command, sweeps."""
