"""The house rules, each a function from a tree to its offences. A tree is what is tracked: paths and their bytes.

What a rule forbids is put together from pieces here, so that this file does not offend against it.
"""

import ast
import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from contracts.topics import TOPICS

Tree = Mapping[str, bytes]
Offences = list[str]
Rule = Callable[[Tree], Offences]

ROOT = Path(__file__).resolve().parent.parent.parent
_PACKAGES = ("contracts/", "checker/", "schemas/", "translators/", "consumers/", "producers/", "hub/", "examples/", "benchmarks/")
_LOG_CALLS = {"debug", "info", "warning", "error", "critical", "exception"}
PROSE, MARKUP, STRIDE = 200, 600, 100
_MARKUP = (".xml", ".xsd")
"""A shared run of so many characters, blanks apart, is a copy: of prose, and of schemas and messages, whose words the standard sets."""

_NAMELESS = {"utils", "util", "helpers", "helper", "common", "service", "services", "manager", "managers", "misc"}
_TOPIC_NAME = re.compile("|".join(
    re.escape(topic.name).replace("<vendor>", r"[^ ]*") for topic in TOPICS
))
_NAMESPACE = re.compile(r"https?://(www\.)?(kith\.no|w3\.org|ehelse\.no)/|urn:ietf:params:xml")
_OID = re.compile(r"2\.16\.578\.")
_LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK)\b")
_MACHINE = re.compile("|".join((
    r"(?<![\w.])/ho" r"me/\w", r"(?<![\w.])/ro" r"ot/", r"/Us" r"ers/\w", r"(?<![\w.])/wo" r"rk/", "/shared" "/design",
)))
_HOST = re.compile("|".join(re.escape(host) for host in (
    "pypi" ".org", "pythonhosted" ".org", "repo1.maven" ".org", "repo.maven" ".apache", "npmjs" ".", "docker" ".io", "ghcr" ".io",
    "quay" ".io", "proxy.golang" ".org", "crates" ".io",
)))
_REASONLESS = re.compile(r"#\s*no" r"qa(?!: [A-Z]+\d+(, [A-Z]+\d+)* +\W*\w)")


def tracked(root: Path = ROOT) -> dict[str, bytes]:
    """The repository's tracked files, as they lie on the disk."""
    names = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, check=True).stdout.decode().split("\0")
    return {name: (root / name).read_bytes() for name in names if name and (root / name).is_file()}


def no_nameless_module(tree: Tree) -> Offences:
    """A module is named for what it does."""
    return [path for path in tree if path.endswith(".py") and _NAMELESS & set(Path(path).with_suffix("").parts)]


def only_table_1_spells_a_topic(tree: Tree) -> Offences:
    """contracts/topics.py alone."""
    return _strings(tree, _TOPIC_NAME, unless=("contracts/topics.py",))


def only_table_2_spells_a_namespace(tree: Tree) -> Offences:
    """schemas/formats.py alone."""
    return _strings(tree, _NAMESPACE, unless=("schemas/formats.py",))


def only_kodeverk_spells_an_oid(tree: Tree) -> Offences:
    """schemas/kodeverk/ alone."""
    return _strings(tree, _OID, unless=("schemas/kodeverk/",))


def every_test_says_what_it_shows(tree: Tree) -> Offences:
    """A docstring each."""
    return [place for place, test in _tests(tree) if not ast.get_docstring(test)]


def every_test_is_a_sentence(tree: Tree) -> Offences:
    """A subject and a verb at least."""
    return [place for place, test in _tests(tree) if len(test.name.split("_")) < 3]  # `test` and two words


def no_test_sleeps(tree: Tree) -> Offences:
    """Tests wait for what they wait for (waiting.py), never for a time; giving way once is no sleep."""
    return [
        f"{path}:{call.lineno}"
        for path, code in _python(tree, ("tests/",))
        if not path.endswith("/waiting.py")
        for call in ast.walk(code)
        if isinstance(call, ast.Call) and _is_sleep(call)
    ]


def nothing_is_left_for_later(tree: Tree) -> Offences:
    """No note to oneself in any file."""
    return _lines(tree, _LATER)


def no_path_of_a_machine(tree: Tree) -> Offences:
    """Nothing that is true on one machine only."""
    return _lines(tree, _MACHINE)


def no_registry_is_named(tree: Tree) -> Offences:
    """Whichever mirror a machine uses, the repository does not say."""
    return _lines(tree, _HOST)


def every_exemption_has_its_reason(tree: Tree) -> Offences:
    """A switched-off lint says why on its line."""
    return _lines({path: held for path, held in tree.items() if path.endswith(".py")}, _REASONLESS)


def every_event_logged_is_a_constant(tree: Tree) -> Offences:
    """`log.info("lane_opened", ...)`: one literal name, never formatted words."""
    return [
        f"{path}:{call.lineno}"
        for path, code in _python(tree, _PACKAGES)
        for call in ast.walk(code)
        if isinstance(call, ast.Call) and _is_log_call(call) and not _names_an_event(call)
    ]


def the_checker_stands_on_the_contracts_alone(tree: Tree) -> Offences:
    """And on the standard library: whatever is not named here is refused, also what nobody has thought of."""
    known = {"checker", "contracts", *sys.stdlib_module_names}
    return [
        f"{path}:{node.lineno}"
        for path, code in _python(tree, ("checker/",))
        for node in ast.walk(code)
        if isinstance(node, ast.Import | ast.ImportFrom) and not _imported(node) <= known
    ]


RULES: tuple[Rule, ...] = (
    no_nameless_module, only_table_1_spells_a_topic, only_table_2_spells_a_namespace, only_kodeverk_spells_an_oid,
    every_test_says_what_it_shows, every_test_is_a_sentence, no_test_sleeps, nothing_is_left_for_later, no_path_of_a_machine,
    no_registry_is_named, every_exemption_has_its_reason, every_event_logged_is_a_constant,
    the_checker_stands_on_the_contracts_alone,
)


def copies(tree: Tree, published: Tree) -> Offences:
    """Tracked files that equal a published one, or share a long run of its text with it."""
    whole = {hashlib.sha256(held).digest() for held in published.values() if held}
    prose, markup = _looked_up(published, PROSE), _looked_up(published, MARKUP)
    return [
        path for path, held in tree.items()
        if hashlib.sha256(held).digest() in whole
        or _shares(_dense(held), markup, MARKUP)
        or (not path.endswith(_MARKUP) and _shares(_dense(held), prose, PROSE))
    ]


def _looked_up(published: Tree, run: int) -> set[str]:
    return {window for held in published.values() for window in _windows(_dense(held), run, STRIDE)}


def _shares(text: str, windows: set[str], run: int) -> bool:
    return any(window in windows for window in _windows(text, run, 1))


def _windows(text: str, run: int, stride: int) -> Iterator[str]:
    # a window every STRIDE, shorter than the run by as much: every run of that length holds a whole one
    size = run - STRIDE
    return (text[at : at + size] for at in range(0, len(text) - size + 1, stride))


def _dense(held: bytes) -> str:
    return re.sub(r"\s+", "", held.decode("utf-8", "replace"))


def _python(tree: Tree, inside: tuple[str, ...], *, unless: tuple[str, ...] = ()) -> Iterator[tuple[str, ast.Module]]:
    for path, held in tree.items():
        if path.endswith(".py") and path.startswith(inside) and not path.startswith(unless or "\0"):
            yield path, ast.parse(held)


def _strings(tree: Tree, forbidden: re.Pattern[str], *, unless: tuple[str, ...]) -> Offences:
    # docstrings may name a thing; what the code uses must come from the one place
    return [
        f"{path}:{text.lineno}"
        for path, code in _python(tree, _PACKAGES, unless=unless)
        for text in _constants(code)
        if forbidden.search(str(text.value))
    ]


def _constants(code: ast.Module) -> Iterator[ast.Constant]:
    prose = {id(node.value) for node in ast.walk(code) if isinstance(node, ast.Expr)}
    return (
        node for node in ast.walk(code)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
    )


def _lines(tree: Tree, forbidden: re.Pattern[str]) -> Offences:
    return [
        f"{path}:{number}"
        for path, held in tree.items()
        for number, line in enumerate(held.decode("utf-8", "replace").splitlines(), 1)
        if forbidden.search(line)
    ]


def _tests(tree: Tree) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path, code in _python(tree, ("tests/",)):
        for node in ast.walk(code):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield f"{path}:{node.lineno} {node.name}", node


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    """Top-level names. A relative import has none, and is not allowed."""
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return {name.partition(".")[0] for name in names}


def _is_sleep(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    gives_way = len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0
    return name == "sleep" and not gives_way


def _is_log_call(call: ast.Call) -> bool:
    func = call.func
    if not (isinstance(func, ast.Attribute) and func.attr in _LOG_CALLS):
        return False
    name = func.value.attr if isinstance(func.value, ast.Attribute) else getattr(func.value, "id", "")
    return name.strip("_").lower() in {"log", "logger"}


def _names_an_event(call: ast.Call) -> bool:
    only = call.args[0] if len(call.args) == 1 else None
    return isinstance(only, ast.Constant) and bool(re.fullmatch(r"[a-z][a-z0-9_]*", str(only.value)))
