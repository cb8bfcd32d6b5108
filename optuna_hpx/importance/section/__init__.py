"""What the page says of importances."""
