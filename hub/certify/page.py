"""The certificate as a page that needs nothing beside itself: for people, what `certificate.json` is for machines."""

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from hub.certify.certificate import Certificate, document, harm_seconds
from hub.certify.timeline import Mark, timeline

_TEMPLATE: Final = Path(__file__).with_name("certificate.html")
_WORDS: Final = {
    "lost": "lost", "doubled": "doubled", "disordered": "out of order", "receipts_missing": "AppRecs missing",
    "receipts_doubled": "AppRecs doubled", "notifications_wrong": "notifications wrong", "replies_wrong": "replies and stories wrong",
    "status_wrong": "status wrong", "letters_wrong": "letters wrong",
}


def page(made: Certificate) -> str:
    """The whole page."""
    told = document(made)
    marks = [Mark(done.harm.what.value, *harm_seconds(made, done)) for done in made.harms]
    return Template(_TEMPLATE.read_text("utf-8")).substitute(
        result=told["result"], tone="good" if made.is_clean else "bad", verdict=_verdict(made), where=escape(_where(told)),
        sent=escape(_sent(told)), counts="".join(_counts(made)), found=_found(told), timeline=timeline(made.flow, marks),
        delays="".join(_delays(made)), harms="".join(_harms(told)), honest=_listed(_honest(told)), command=escape(_command(told)),
        how=escape(_how(told)),
    )


def _verdict(made: Certificate) -> str:
    return "Nothing lost, nothing doubled, nothing out of order" if made.is_clean else "Something was found"


def _where(told: dict[str, Any]) -> str:
    nodes = "one broker" if told["nodes"] == 1 else f"{told['nodes']} brokers, everything kept three times"
    day = told["made_at"][:10]
    return f"Hub {told['version']}, commit {told['commit']}, {nodes}, {told['workers']} workers, seed {told['seed']}, {day}"


def _sent(told: dict[str, Any]) -> str:
    sent = told["sent"]
    return (
        f"{sent['messages']:,} messages of vendors and {sent['commands']:,} commands of the portal, {sent['questions']:,} of them "
        f"questions; {sent['sent_again']:,} were sent again. {told['harms']} times harm was done in {told['minutes']:g} minutes. "
        f"{told['set_aside']:,} messages were set aside and {told['parked']:,} waited behind them; {told['discarded']:,} were discarded."
    )


def _counts(made: Certificate) -> Iterator[str]:
    for name, count in made.verdict.counts.items():
        yield _tile(f"{count:,}", _WORDS[name], "some" if count else "zero")


def _delays(made: Certificate) -> Iterator[str]:
    for words, seconds in (("half of all within", made.delays.p50), ("99 of 100 within", made.delays.p99),
                           ("the longest", made.delays.longest), ("longest stall", max(made.stalls, default=0.0))):
        yield _tile(f"{seconds:.1f} s", words)


def _tile(value: str, words: str, kind: str = "") -> str:
    return f'<div class="tile {kind}"><b>{escape(value)}</b><span>{escape(words)}</span></div>'


def _found(told: dict[str, Any]) -> str:
    return _listed(f"{name}: {', '.join(examples)}" for name, examples in told["found"].items()) if told["found"] else ""


def _harms(told: dict[str, Any]) -> Iterator[str]:
    for harm in told["harm_done"]:
        yield (
            f'<tr><td class="number">{harm["at_seconds"]:.0f} s</td><td>{escape(harm["what"])}</td>'
            f'<td class="number">{harm["lasted_seconds"]:.1f} s</td><td class="number">{harm["longest_stall_seconds"]:.1f} s</td>'
            f'<td>{escape(harm["told"])}</td></tr>'
        )


def _honest(told: dict[str, Any]) -> Iterator[str]:
    yield from told["honest"]
    yield from (f"Not done: {what}; {why}." for what, why in told["left_out"].items())


def _listed(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _command(told: dict[str, Any]) -> str:
    return f"hub certify --scale {told['scale']} --nodes {told['nodes']} --minutes {told['minutes']:g} --seed {told['seed']}"


def _how(told: dict[str, Any]) -> str:
    machine = told["machine"]
    return (
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']} {machine['processor']}, Python {machine['python']}. "
        "What is judged, and by what, stands in checker/; the numbers are in certificate.json beside this page."
    )
