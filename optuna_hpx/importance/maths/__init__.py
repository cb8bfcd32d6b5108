"""Mathematics of importances: NumPy arrays in, arrays and frozen dataclasses out."""
