"""The language of the code: verbs for what is done, nouns for things, one name for one class."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "optuna_hpx").rglob("*.py"))

VERBS = set(
    """
    Accept Accumulate Add Adjust Advance Align Allow Announce Answer Append Apply Approximate
    Ask Assemble Assert Assess Assign Attach Average Begin Bin Bisect Bound Bracket Bring Build
    Cache Call Cap Centre Certify Check Choose Clamp Claim Classify Clean Clear Clip Close
    Collect Colour Combine Compare Compress Compute Condition Connect Convert Copy Correct
    Count Cover Create Cut Damp Decide Declare Decode Decompose Default Delete Deliver Derive
    Describe Detect Determine Differentiate Discard Discretise Divide Draw Drop Embed Encode
    End Ensure Enter Enumerate Estimate Evaluate Evict Expand Explain Extend Extract Fail Fill
    Filter Find Finish Fit Flatten Fold Follow Forecast Forget Format Forward Freeze Gather
    Generate Get Give Go Group Guard Guess Hand Hash Hold Identify Import Infer Initialise
    Insert Integrate Interpolate Intersect Invert Iterate Join Judge Keep Label Lay Learn Leave
    Let Limit List Load Locate Lock Log Look Make Map Mark Match Maximise Measure Merge Minimise
    Mix Move Name Normalise Note Number Observe Offer Open Order Pack Pad Pair Parse Partition
    Permute Pick Place Plan Plot Pool Pop Predict Prepare Preserve Print Produce Project
    Propose Provide Prune Publish Put Quote Raise Randomise Rank Read Reconstruct Record
    Recover Reduce Refine Refit Refuse Reject Release Remember Remove Rename Render Renew
    Reorder Repeat Replace Replay Report Reproduce Rescale Reseed Reserve Resolve Restore
    Restrict Retry Return Reuse Reverse Rewrite Round Run Sample Save Say Scale Score Screen
    Search Seed Select Send Separate Serialise Serve Set Shift Show Shrink Shuffle Sign
    Simulate Skip Smooth Solve Sort Spell Split Spread Square Standardise Start State Stop
    Store Stream Subtract Suggest Sum Summarise Tabulate Take Tell Test Thin Tie Total Trace
    Track Train Transform Translate Transpose Trim Truncate Try Tune Turn Unite Unpack Update
    Use Validate Verify Visit Wait Walk Warn Weigh Weight Widen Withdraw Wrap Write Yield
    """.split()
)
"""How a function's docstring may begin; a verb that is missing here may be added."""

NOT_NAMES = set(
    """
    at each found from given had has have here how in is its itself known of on said some
    such taken that the their theirs them there these they this those told too what when where
    whether which who whole whose why with
    """.split()
)
"""Words that name no thing; a variable, an argument or an attribute is a noun."""


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _is_property(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = [getattr(d, "id", getattr(d, "attr", "")) for d in function.decorator_list]
    return any(name in ("property", "cached_property", "setter") for name in names)


def _bound_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_begins_with_a_verb_and_a_name_is_a_noun(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "the module has no docstring"
    wrong = [
        f"{path.name}:{function.lineno}: the docstring of {function.name} begins with no verb: "
        f"{text.splitlines()[0]!r}"
        for function in _functions(tree)
        if (text := ast.get_docstring(function)) is not None
        and not _is_property(function)
        and text.split()[0].rstrip(".,:;") not in VERBS
    ]
    wrong += [
        f"{path.name}:{line}: {name!r} names no thing"
        for line, name in _bound_names(tree)
        if name.strip("_") in NOT_NAMES
    ]
    assert not wrong, "\n".join(wrong)


def test_no_two_classes_have_one_name() -> None:
    places = defaultdict(list)
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert not {name: paths for name, paths in places.items() if len(paths) > 1}


def test_private_modules_are_imported_by_their_own_package_only() -> None:
    wrong = []
    for path in MODULES:
        parts = path.relative_to(ROOT).with_suffix("").parts
        package = ".".join(parts[:-1])  # the folder the importing module lives in
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith(
                "optuna_hpx"
            ):
                continue
            for name in (f"{node.module}.{alias.name}" for alias in node.names):
                steps = name.split(".")
                for depth, step in enumerate(steps):
                    owner = ".".join(steps[:depth])
                    if step.startswith("_") and not f"{package}.".startswith(f"{owner}."):
                        wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: {name}")
    assert not wrong, "\n".join(wrong)
