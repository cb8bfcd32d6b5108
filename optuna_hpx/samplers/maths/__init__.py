"""Mathematics of the samplers: NumPy arrays in, arrays and frozen dataclasses out."""
