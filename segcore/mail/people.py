"""Who gets a mail about a run, and at which address: what is somebody's own goes to its owner only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from segcore import representatives
from segcore.errors import MailError
from segcore.mail import reasons
from segcore.mail.addresses import checked
from segcore.mail.chosen import markets, regions, reps
from segcore.mail.letter import Recipient
from segcore.mail.subscriptions import ALL, Subscription, entry
from segcore.params.reading import did_you_mean, shown

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.params import Study


class Person(NamedTuple):
    """A representative of a run: number, name and address as the source says them, "" where it does not.

    ``busy`` says that the run has customers of theirs.
    """

    rep: str
    name: str
    address: str
    busy: bool


@dataclass
class _Looking:
    """What is known while recipients are looked for, and what was found wrong."""

    study: Study
    people: Mapping[str, Person]
    problems: list[str]
    place: int = 0
    entry: str = ""

    def wrong(self, sentence: str) -> None:
        """Keep a problem, with the entry of the file that is looked at."""
        told = f"{self.entry}: {sentence}"
        if told not in self.problems:
            self.problems.append(told)


def recipients(study: Study, engine: Engine, subscriptions: Sequence[Subscription]) -> list[Recipient]:
    """Who gets a mail about a run.

    Parameters
    ----------
    study
        The study of today.
    engine
        Holds the run's tables, see :data:`segcore.mail.source.TABLES`.
    subscriptions
        Who asked for what.

    Returns
    -------
    list of Recipient
        In the order of the subscriptions; representatives in that of their numbers. Also those whom
        nothing can reach, with the reason.

    Raises
    ------
    MailError
        With everything for which nothing can be queued: an unknown representative, own accounts that
        would go to somebody else or of which nobody says where they go, an address that may get no mails,
        a representative, region or market that no customer has.
    """
    looking = _Looking(study, _people(engine), [])
    if any(one.kind.own for one in subscriptions) and (told := _no_addresses(study, engine)):
        raise MailError(told)
    allowed = study.mail.allowed if study.mail else ()
    found = []
    for place, asked in enumerate(subscriptions, 1):
        looking.place, looking.entry = place, entry(place, asked.to, asked.rep)
        for one in _of(looking, asked, subscriptions):
            found.append(one)
            for problem in () if one.skip else checked(one.address, one.name, allowed):
                looking.wrong(f"{_whose(asked, one.rep)}{problem}")
        for problem in _unknown(engine, asked):
            looking.wrong(problem)
    if looking.problems:
        raise MailError(*(f"{study.subscriptions_path}: {problem}" for problem in looking.problems))
    return found


def _no_addresses(study: Study, engine: Engine) -> str:
    """What is to be done where nothing says to which addresses own accounts go; "" if something does."""
    if not engine.has("reps"):
        must = "be given, for own accounts go to the addresses in it"
    elif "email" not in engine.columns("reps"):
        must = "have a column for email, for own accounts go there"
    else:
        return ""
    return (
        f"{study.path}: sources.reps must {must} (the run has none); add it and make the run again, or take "
        f"own accounts out of {study.subscriptions_path}"
    )


def _people(engine: Engine) -> dict[str, Person]:
    """Representative → who it is, for all who are in a run or its source of representatives."""
    told = told_of(engine)
    busy = {row[0] for row in engine.rows("select distinct rep from listed")}
    everybody = [rep for _, rep, _ in representatives.people(engine)]
    return {rep: Person(rep, *told.get(rep, ("", "")), busy=rep in busy) for rep in everybody}


def told_of(engine: Engine) -> dict[str, tuple[str, str]]:
    """Representative → name and address, of all in the table ``reps``, "" where it says none."""
    columns = engine.columns("reps") if engine.has("reps") else {}
    if not columns:
        return {}
    query = f"select trim(rep), {_text(columns, 'name')}, {_text(columns, 'email')} from reps"
    return {rep: (name, address) for rep, name, address in engine.rows(query)}


def _text(columns: Mapping[str, str], name: str) -> str:
    return f"coalesce(trim({name}::VARCHAR), '')" if name in columns else "''"


def _of(looking: _Looking, one: Subscription, others: Sequence[Subscription]) -> Iterator[Recipient]:
    spoken = one.language or looking.study.language
    if not one.kind.own:
        yield Recipient(one.to or "", one.name or "", spoken, one)
        return
    for rep in one.apart:
        if person := looking.people.get(rep.strip()):
            why = reasons.LEFT_OUT.format(text=looking.place)
            yield Recipient(person.address, person.name, spoken, one, person.rep, skip=why)
    for person in _meant(looking, one, others):
        if not person.address:
            why = reasons.NO_ADDRESS if person.busy or one.rep != ALL else reasons.NOTHING
            yield Recipient("", person.name, spoken, one, person.rep, skip=why)
        elif _is_theirs(looking, person, one):
            yield Recipient(person.address, person.name, spoken, one, person.rep)


def _meant(looking: _Looking, one: Subscription, others: Sequence[Subscription]) -> list[Person]:
    """The representatives whom a subscription is for; who has one of the own is not among all."""
    if one.rep != ALL:
        rep = (one.rep or "").strip()
        if rep not in looking.people:
            meant = _numbered(rep, sorted(looking.people))
            looking.wrong(f"rep must be a representative of the run (got {shown(rep)}){meant}")
        return [looking.people[rep]] if rep in looking.people else []
    own = {(other.rep or "").strip() for other in others if other.kind.own}
    left_out = [rep.strip() for rep in one.apart]
    for rep in left_out:
        if rep not in looking.people:
            meant = _numbered(rep, sorted(looking.people))
            looking.wrong(f"except must name representatives of the run (got {shown(rep)}){meant}")
    apart = own.union(left_out)
    return [person for rep, person in looking.people.items() if rep not in apart]


def _is_theirs(looking: _Looking, person: Person, one: Subscription) -> bool:
    """Whether own accounts go to the address that the source has, and to no other one."""
    if one.to and one.to.lower() != person.address.lower():
        looking.wrong(
            f"{_whose(one, person.rep)}to must be the address of the reps source, for own accounts go to "
            f"their owner only (got {shown(one.to)}, the source has {shown(person.address)})"
        )
        return False
    return True


def _whose(one: Subscription, rep: str | None) -> str:
    """Of which representative something is said, where the entry is for all of them."""
    return f"representative {rep}: " if one.rep == ALL else ""


def _unknown(engine: Engine, one: Subscription) -> Iterator[str]:
    """Representatives, regions and markets that no customer of the run has."""
    readers = {
        "rep": (reps, "no customer has a representative"),
        "region": (regions, "the customers source has no column region"),
        "market": (markets, "orders have no market"),
    }
    for key, (known_in, none) in readers.items():
        wanted = getattr(one.where, key)
        known = known_in(engine) if wanted else []
        if known is None:
            yield f"where.{key} must be left out, for {none}"
            continue
        for value in wanted:
            if value not in known:
                meant = _numbered(value, known) if key == "rep" else _few(value, known)
                yield f"where.{key} must be of the run's customers (got {shown(value)}){meant}"


def _numbered(rep: str, known: list[str]) -> str:
    """Whom somebody meant; spreadsheets take the zeros from the beginning of a number."""
    same = [other for other in known if other.lstrip("0") == rep.lstrip("0")]
    return f"; did you mean {same[0]}?" if len(same) == 1 else _few(rep, known)


def _few(value: str, known: list[str]) -> str:
    meant = did_you_mean(value, known)
    return meant if len(meant) < 300 else f"; there are {len(known)} others"
