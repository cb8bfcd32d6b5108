"""Mathematics of the random-search law: NumPy arrays in, arrays and frozen dataclasses out."""
