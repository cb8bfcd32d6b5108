"""How the state of each kind of part gets into a checkpoint, and out of it again.

A segment builds its optimiser with its own hyperparameters, then loads its parent's state: that
state holds the parent's hyperparameters, too, and must not bring them back.

One module holds the codec of one kind of part; :mod:`.registry` lists them. For another kind of
part write a module with a :class:`Codec`, and add it to that list.
"""

from optuna_hpx.population.codecs.plain import holds_state, is_plain
from optuna_hpx.population.codecs.registry import finish, restore, save, set_hyperparameters

__all__ = ["finish", "holds_state", "is_plain", "restore", "save", "set_hyperparameters"]
