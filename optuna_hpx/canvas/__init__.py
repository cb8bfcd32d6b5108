"""What all figures and sentences share: colours, fonts, the history plot, numbers in words."""
