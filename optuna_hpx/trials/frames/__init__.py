"""Tables of trials, from this package and from other tools: what their columns and cells mean."""
