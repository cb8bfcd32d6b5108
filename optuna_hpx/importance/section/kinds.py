"""The kinds of claims that the sections on importances make, and when one is true."""

from __future__ import annotations

from enum import Enum

__all__ = ["ActionKind", "AnswerKind", "ClaimKind"]


class ClaimKind(Enum):
    """A kind of claim. Its value says what makes it true.

    S is that of the search space, from which trials are drawn evenly, and not the estimate; of
    the objective without its noise where a surrogate stands for it; and for HSIC it is R2. A
    parameter is idle if the objective is the same whatever its value.
    """

    MATTERS = "the parameter is not idle"
    MATTERS_BY_MODEL = "the parameter, tested by a model of chosen trials, is not idle"
    MATTERS_MOST = "no other single parameter has a larger S"
    COMES_FIRST = "the parameter is not idle (a larger S of another one is left open)"
    FAINT = "the parameter, whose S cannot be told, is not idle"
    MAY_MATTER = "always: a possibility"
    NOISE = "no S of these parameters is above the limit that the sentence gives"
    UNSEEN = "always: too few trials"
    INTERVAL = "S is within the interval, to the two digits given"
    REST = "the S of all parameters add up to no more than 1 minus the share left over"
    PAIR_LEADS = "S of the pair is above 0, and no single parameter has a larger S"
    PAIR_ACTS = "S of the pair, beyond what each explains alone, is above 0"
    JOINT = "the objective is no monotone function of a sum in which the two stand apart"
    MAY_INTERACT = "always: a possibility, of points that are no draws"
    NO_PAIR = "no pair that interacts in the objective has an S above 0.3"
    LEADS = "no other parameter has a larger S at these targets"
    MOVES_UP = "S at the strict target is larger than at the wide one"
    MOVES_DOWN = "S at the strict target is smaller than at the wide one"
    STEADY = "always: nothing is claimed to change"
    RANGE = "the parameter is not idle: that its good values lie in a range is no chance"
    NO_RANGE = "the middle 80 % of the best of the space have over half of the range"
    ENRICHED = (
        "the best of the space, or half as many again, have the value more often than all of it"
    )
    CROWD = "the best of the space are, in the twentieth at the bound, at their densest"
    NO_DIFFERENCE = "S is below 0.3"
    CHOSEN_FIRST = "the parameter, named of chosen trials and tested, is not idle"
    CHOSEN_HINT = "always: a hint of chosen trials, without a claim"
    SURROGATE_FIRST = "no other single parameter has a larger S, as a surrogate has it"
    SURROGATE_LIKELY = (
        "the parameter, first by a surrogate, is not idle (a larger S of another one is left open)"
    )
    SURROGATE_INTERVAL = "S is within the range of plausible surrogates, to two digits"
    CHOSEN_NONE = "always: of these trials, without a claim"


class AnswerKind(Enum):
    """A kind of claim on changes, on the effect of one parameter, or on two sides.

    The objective is that without noise. Judged, as those above, by ``benchmarks/page/claims.py``;
    in more detail by ``surrogate_answers.py`` and ``importance_differences.py`` in
    ``benchmarks/importance``.
    """

    TOTAL = "from one end to the other the objective improves by an amount within the interval"
    CHANGE = "the mean improvement over all orders by the change is within the interval"
    HELPS = "the mean improvement over all orders by the change is above 0"
    BEST_VALUES = (
        "of the values looked at, all that are best, averaged over the space, are among those "
        "whose places are the figures"
    )
    LOWER = (
        "from the value at the place that is the figure upwards the average never improves by "
        "over 2 % of its range, and it is better there than at the upper end"
    )
    HIGHER = "the same downwards"
    ENDS_BETTER = "each value whose place is a figure is worse on average than one of the ends"
    MATTERS_MORE = "S of the parameter, the first subject, is larger on the side named next"
    MATTERS_FOR = (
        "the objective, the second subject, is not the same whatever the parameter's value"
    )
    NOT_SEEN = "always: not enough is seen to claim anything"


class ActionKind(Enum):
    """What must be so for an action that the page offers to be no waste of trials.

    The figures of a range are values of the parameter.
    """

    NARROW = "the best tenth of the space is denser in the range than in the whole of it"
    KEEP = "the best tenth of the space has the value more often than all of it"
    EXTEND = "the best tenth of the space is, in the twentieth at the bound, at its densest"
    DRAW = "always: a possibility"
