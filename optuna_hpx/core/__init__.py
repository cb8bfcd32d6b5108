"""The mathematics: NumPy arrays in, arrays and frozen dataclasses out. Nothing of Optuna in here.

- :mod:`~optuna_hpx.core.target_set`: which trials are the good ones
- :mod:`~optuna_hpx.core.ped_anova`: how much of that one parameter explains
- :mod:`~optuna_hpx.core.densities`: where the good trials are, for the eye
- :mod:`~optuna_hpx.core.evenness`: whether a sampler preferred a part of the space
"""
