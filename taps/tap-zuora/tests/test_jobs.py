"""Jobs that are refused or fail in part are repaired, whichever query is to blame."""

from __future__ import annotations

import itertools
import threading
from datetime import UTC, datetime

import pytest

from reading_kit.errors import UnreachableError
from tap_zuora.describing import FieldSpec
from tap_zuora.jobs import JobRunner, StoppedError
from tap_zuora.problems import Remedy
from tap_zuora.queries import Failure, JobStatus, QueryMaker, Result, Submission
from tap_zuora.settings import normalize, parse_settings
from tap_zuora.slots import Slots
from tap_zuora.transport import JobGoneError, JobRefusedError
from tap_zuora.windows import Part
from tap_zuora.zoql import write_zoql

NOW = datetime(2024, 6, 1, tzinfo=UTC)
CONFIG = {"client_id": "i", "client_secret": "s", "start_date": "2024-01-01"}
SYNTAX = "There is a syntax error in one of the queries in the AQuA input"


class Clock:
    """Time that goes by only while somebody waits."""

    def __init__(self):
        self.waited_s = 0.0

    def monotonic_s(self):
        return self.waited_s

    def now_s(self):
        return self.waited_s

    def sleep(self, duration_s):
        self.waited_s += duration_s

    def jitter(self, upper_s):
        return upper_s


class Service:
    """Takes jobs on or refuses them as a rule says, and ends them as another says."""

    api = "AQUA"
    queries_per_job = 50

    def __init__(self, *, refuse=lambda _: None, end=lambda _: None):
        self._refuse = refuse
        self._end = end
        self._numbers = itertools.count(1)
        self.jobs = []
        self.cancelled = []

    def submit(self, queries):
        refusal = self._refuse(queries)
        if refusal is not None:
            raise JobRefusedError(*refusal)
        self.jobs.append([query.name for query in queries])
        return Submission(f"j{next(self._numbers)}", NOW)

    def look(self, submission, queries):
        outcomes = {}
        for query in queries:
            failure = self._end(query)
            outcomes[query.name] = (
                Result(query, submission, 0, ("f",))
                if failure is None
                else Failure(query, *failure)
            )
        return JobStatus("completed", is_ended=True, outcomes=outcomes)

    def cancel(self, job_id):
        self.cancelled.append(job_id)


def make_queries(*streams, fields=("Id", "Name")):
    specs = [FieldSpec(name, "string", name) for name in fields]
    return [
        QueryMaker(s, specs, key=None, api="AQUA", has_deleted=True).make(Part(None))
        for s in streams
    ]


def run(service, queries, clock=None):
    runner = JobRunner(
        service, settings=parse_settings(normalize(CONFIG)), clock=clock or Clock()
    )
    return runner.run(queries, lambda *_: None)


def by_stream(outcomes):
    return {outcome.query.stream: outcome for outcome in outcomes.values()}


STREAMS = [f"Object{number}" for number in range(16)]


def test_a_job_that_is_taken_on_gives_all_results():
    service = Service()
    outcomes = run(service, make_queries(*STREAMS))
    assert len(service.jobs) == 1
    assert all(isinstance(outcome, Result) for outcome in outcomes.values())


def refuse_deletion_of(*names):
    def refuse(queries):
        bad = [q for q in queries if q.stream in names and q.has_deleted]
        return ("90017", "Objects included do not support deleted") if bad else None

    return refuse


def test_the_object_that_knows_no_deletion_is_found_among_many():
    service = Service(refuse=refuse_deletion_of("Object5"))
    queries = make_queries(*STREAMS)
    outcomes = by_stream(run(service, queries))
    assert all(isinstance(outcome, Result) for outcome in outcomes.values())
    asked = {name for name, outcome in outcomes.items() if outcome.query.has_deleted}
    assert asked == set(STREAMS) - {"Object5"}
    assert outcomes["Object5"].query.maker.is_without_deletion
    assert len(service.jobs) <= 5


def test_a_tenant_without_forced_deletes_is_asked_for_none_at_once():
    def refuse(queries):
        return ("90012", "") if any(q.has_deleted for q in queries) else None

    service = Service(refuse=refuse)
    queries = make_queries(*STREAMS)
    outcomes = run(service, queries)
    assert len(service.jobs) == 1
    assert not any(outcome.query.has_deleted for outcome in outcomes.values())
    assert not any(query.maker.is_without_deletion for query in queries)


def refuse_field(stream, name, *, quotes=True):
    def refuse(queries):
        for query in queries:
            if query.stream == stream and name in {f.name for f in query.fields}:
                text = write_zoql(query.stream, query.fields, query.part, key=None)
                where = f" in query: {text}" if quotes else ""
                return "90005", f"{SYNTAX} (There is no field named {name}{where})"
        return None

    return refuse


@pytest.mark.parametrize("quotes", [True, False])
def test_a_field_that_is_gone_is_dropped_from_its_stream_only(quotes):
    service = Service(refuse=refuse_field("Object3", "Name", quotes=quotes))
    outcomes = by_stream(run(service, make_queries(*STREAMS)))
    assert all(isinstance(outcome, Result) for outcome in outcomes.values())
    for stream, outcome in outcomes.items():
        names = [field.name for field in outcome.query.fields]
        assert names == (["Id"] if stream == "Object3" else ["Id", "Name"])
    if quotes:
        assert len(service.jobs) == 1


def test_an_id_that_is_gone_fails_its_stream_only():
    service = Service(refuse=refuse_field("Object3", "Id"))
    outcomes = by_stream(run(service, make_queries(*STREAMS)))
    failed = {name for name, o in outcomes.items() if isinstance(o, Failure)}
    assert failed == {"Object3"}
    assert "no field named Id" in str(outcomes["Object3"])


def test_not_more_than_twenty_fields_of_a_stream_are_dropped():
    names = [f"F{number}" for number in range(30)]

    def refuse(queries):
        there = [f.name for f in queries[0].fields if f.name in names]
        if there:
            return "90005", f"{SYNTAX} (There is no field named {there[0]} in query: x)"
        return None

    queries = make_queries("Object1", fields=("Id", *names))
    (outcome,) = run(Service(refuse=refuse), queries).values()
    assert isinstance(outcome, Failure)
    assert len(queries[0].maker.dropped) == 20


@pytest.mark.parametrize(
    ("code", "message", "remedy"),
    [
        (
            "90005",
            f"{SYNTAX} (The requested data source could not be found: X)",
            "SKIP",
        ),
        ("90005", SYNTAX, "SKIP"),
        ("90005", f"{SYNTAX} (unexpected token: by)", "FATAL"),
        ("90018", "no permission", "SKIP"),
        ("90009", "not authorized", "SKIP"),
    ],
)
def test_the_object_that_cannot_be_queried_does_not_stop_the_others(
    code, message, remedy
):
    def refuse(queries):
        return (code, message) if any(q.stream == "Object7" for q in queries) else None

    outcomes = by_stream(run(Service(refuse=refuse), make_queries(*STREAMS)))
    failed = {name: o for name, o in outcomes.items() if isinstance(o, Failure)}
    assert set(failed) == {"Object7"}
    assert failed["Object7"].remedy is Remedy[remedy]


def test_an_unknown_partner_fails_all_at_once():
    service = Service(refuse=lambda _: ("90019", "Partner ID is not recognized."))
    outcomes = run(service, make_queries(*STREAMS))
    assert {outcome.remedy for outcome in outcomes.values()} == {Remedy.FATAL}


@pytest.mark.parametrize("code", ["90028", "90010"])
def test_a_job_that_is_never_taken_on_is_given_up(code):
    tries = []

    def refuse(queries):
        tries.append(len(queries))
        return code, "later"

    clock = Clock()
    with pytest.raises(UnreachableError, match=code):
        run(Service(refuse=refuse), make_queries("Object1"), clock)
    assert len(tries) == (21 if code == "90028" else 6)
    assert clock.waited_s > 10


def test_only_the_queries_that_failed_get_a_new_job():
    failing = {"Object2": 2, "Object9": 1}

    def end(query):
        if failing.get(query.stream, 0):
            failing[query.stream] -= 1
            return Remedy.NEW_JOB, "90010", "Internal Server Error."
        return None

    service = Service(end=end)
    outcomes = run(service, make_queries(*STREAMS))
    assert all(isinstance(outcome, Result) for outcome in outcomes.values())
    assert [len(names) for names in service.jobs] == [16, 2, 1]


def test_a_query_that_always_fails_is_told_after_five_new_jobs():
    service = Service(end=lambda _: (Remedy.NEW_JOB, "90010", "Internal"))
    (outcome,) = run(service, make_queries("Object1")).values()
    assert isinstance(outcome, Failure)
    assert len(service.jobs) == 6


def test_a_job_without_an_end_is_cancelled_in_time():
    class Endless(Service):
        def look(self, *_):
            return JobStatus("executing", is_ended=False)

    service, clock = Endless(), Clock()
    outcomes = run(service, make_queries("Object1", "Object2"), clock)
    assert service.cancelled == ["j1"]
    assert {outcome.remedy for outcome in outcomes.values()} == {Remedy.HALVE}
    assert all(outcome.is_shared for outcome in outcomes.values())
    assert 180 * 60 <= clock.waited_s <= 180 * 60 + 60


def test_a_job_is_looked_at_soon_and_then_less_and_less_often():
    pauses = []

    class Waiting(Clock):
        def sleep(self, duration_s):
            pauses.append(duration_s)
            super().sleep(duration_s)

    class Endless(Service):
        def look(self, *_):
            return JobStatus("executing", is_ended=False)

    run(Endless(), make_queries("Object1"), Waiting())
    assert pauses[0] == 0.5
    assert pauses == sorted(pauses)
    assert max(pauses) == 60


def test_a_job_that_is_gone_is_made_again():
    class Forgetful(Service):
        def look(self, submission, queries):
            if submission.job_id == "j1":
                raise JobGoneError("job j1 is gone")
            return super().look(submission, queries)

    service = Forgetful()
    outcomes = run(service, make_queries("Object1"))
    assert len(service.jobs) == 2
    assert all(isinstance(outcome, Result) for outcome in outcomes.values())


def test_after_a_stop_nothing_is_waited_for_and_jobs_are_cancelled():
    runner = None

    class Stopped(Service):
        def look(self, *_):
            runner.stop()
            return JobStatus("executing", is_ended=False)

    service = Stopped()
    settings = parse_settings(normalize(CONFIG))
    runner = JobRunner(service, settings=settings, clock=Clock())
    with pytest.raises(StoppedError):
        runner.run(make_queries("Object1"), lambda *_: None)
    assert service.cancelled == ["j1"]


def test_a_job_made_while_the_run_is_stopped_is_cancelled_too():
    runner = None

    class Late(Service):
        def submit(self, queries):
            runner.stop()
            return super().submit(queries)

    service = Late()
    settings = parse_settings(normalize(CONFIG))
    runner = JobRunner(service, settings=settings, clock=Clock())
    with pytest.raises(StoppedError):
        runner.run(make_queries("Object1"), lambda *_: None)
    assert service.cancelled == ["j1"]


def test_slots_are_lowered_to_one_and_held_by_as_many():
    slots = Slots(4)
    most, held = [], []
    lock = threading.Lock()

    def work():
        with slots.hold():
            with lock:
                held.append(1)
                most.append(len(held))
            with lock:
                held.pop()

    slots.lower()
    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slots.count == 1
    assert max(most) == 1
    slots.lower()
    assert slots.count == 1
