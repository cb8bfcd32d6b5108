"""The one bridge from a study, or a data frame, to columns; and from results to a storage."""
