"""Mathematics of populations: NumPy arrays in, arrays and frozen dataclasses out."""
