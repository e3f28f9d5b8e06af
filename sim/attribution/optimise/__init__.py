"""Which packages of levers no other beats: odds against what they are worth to each side."""
