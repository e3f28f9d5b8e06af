"""From articles to an ensemble: evidence, positions, and the draw of members."""
