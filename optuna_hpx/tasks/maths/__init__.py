"""Mathematics of tuning over tasks: NumPy arrays in, arrays and frozen dataclasses out."""
