"""How a block of runs is played: sampled worlds in, records of runs out."""
