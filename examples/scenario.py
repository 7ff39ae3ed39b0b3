"""The scenario of the demo, its first half: what offices tell the portal, and each other, unasked.

Data alone: who sends it, and waits for what comes of it, is the demo or a test. Everything in it is made up (`made_up.py`).
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from functools import partial
from typing import Final

from examples.epj import ExampleEpj, Step
from examples.made_up import FJORD, OSLO, VIDDE, Slot, at, id_of, patient_of

_NOBODYS_PROCESS: Final = "DIALOG_INNBYGGER_FINNES_IKKE"


def scenario(today: date, *, run: str = "first") -> list[Step]:
    """What the offices send by themselves, in its order. Appointments lie some days from `today`, GenDates in its first minutes.

    Another `run` has other ids, patients and appointments: the same scenario can be sent again and again.
    """
    return [*_one_appointment(today, run), *_one_blocked(today, run), *_one_handed_on(today, run), *_some_at_fault(today, run)]


def _one_appointment(today: date, run: str) -> Iterator[Step]:
    """Told, told again, moved and cancelled; and another one nobody came to."""
    epj, patient, sent = ExampleEpj(FJORD, run=run), patient_of(run, "Solvang", "Mina"), partial(_gen_date, today)
    slot = Slot(id_of(run, "appointment"), at(today, days=7, hour=9))
    new = epj.push("new appointment", "05", patient, slot, at=sent(0))
    yield new
    yield Step("the same again", new.vendor, new.body, new.msg_id, new.key)
    moved = Slot(slot.uid, at(today, days=8, hour=13))
    yield epj.push("changed appointment", "07", patient, moved, at=sent(1))
    yield epj.push("cancelled appointment", "08", patient, moved, at=sent(2))
    missed = Slot(id_of(run, "missed"), at(today, days=-1, hour=10))
    yield epj.push("patient did not come", "11", patient, missed, at=sent(3))


def _one_blocked(today: date, run: str) -> Iterator[Step]:
    """An answer to a request that the hub never saw."""
    yield ExampleEpj(FJORD, run=run).answer(
        "service blocked", "30", patient_of(run, "Lien", "Jonas"), to=id_of(run, "a request"), text="Ring oss for å bestille time.",
        at=_gen_date(today, 4),
    )


def _one_handed_on(today: date, run: str) -> Iterator[Step]:
    """Home care asks the doctor's office: the request goes to it byte for byte, and so do its receipt and answer, the other way."""
    home_care, office, sent = ExampleEpj(VIDDE, run=run), ExampleEpj(FJORD, run=run), partial(_gen_date, today)
    patient = patient_of(run, "Moen", "Astrid")
    slot = Slot(id_of(run, "wanted"), at(today, days=5, hour=11), about="Blodprøve")
    request = home_care.request("booking request", "RT", patient, slot, receiver=FJORD, at=sent(5))
    yield request
    yield office.receipt("receipt of the request", request, written_at=sent(5), receiver=VIDDE, at=sent(6))
    yield office.answer(
        "answer to the request", "05", patient, to=request.msg_id, text="Velkommen.", at=sent(7), slot=slot, receiver=VIDDE,
    )


def _some_at_fault(today: date, run: str) -> Iterator[Step]:
    epj, patient, sent = ExampleEpj(FJORD, run=run), patient_of(run, "Hagen", "Odd"), partial(_gen_date, today)
    slot = Slot(id_of(run, "broken"), at(today, days=3, hour=14))
    sound = epj.push("broken date", "05", patient, slot, at=sent(8))
    broken = sound.body.replace(slot.starts_at.isoformat().encode(), b"om tre dager")
    yield Step(sound.name, sound.vendor, broken, sound.msg_id, sound.key)
    yield epj.push("unknown process", "05", patient, slot, at=sent(9), message_type=_NOBODYS_PROCESS)


def _gen_date(today: date, minutes: int) -> datetime:
    return datetime.combine(today, time(0, minutes), OSLO)
