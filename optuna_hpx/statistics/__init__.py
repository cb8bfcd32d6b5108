"""Mathematics that several wings share: NumPy arrays in, arrays out. Nothing of Optuna in here."""
