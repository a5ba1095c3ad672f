"""How a bulk job is awaited: soon at first, then less and less often."""

from __future__ import annotations

import pytest

from tap_salesforce.bulk import BulkApi
from tap_salesforce.settings import Credentials, Settings


class PatientClock:
    """Moves on by what it is asked to wait, with no chance in it."""

    def __init__(self) -> None:
        self.slept_s: list[float] = []

    def monotonic_s(self) -> float:
        return sum(self.slept_s)

    def sleep(self, duration_s: float) -> None:
        self.slept_s.append(round(duration_s, 6))

    def jitter(self, upper_s: float) -> float:
        return upper_s / 2


class BusyOrg:
    """Answers polls as told: how often a job is still at work."""

    def __init__(self, polls: int, **settings) -> None:
        self.settings = Settings(Credentials("jwt", "https://x.example"), **settings)
        self.clock = PatientClock()
        self.polls_left = polls
        self.aborted: list[str] = []

    def get_json(self, _path):
        self.polls_left -= 1
        is_done = self.polls_left < 0
        state = "JobComplete" if is_done else "InProgress"
        return {"state": state, "numberRecordsProcessed": 7}

    def post_json(self, path, _value, *, method="POST"):
        if method == "PATCH":
            self.aborted.append(path.rsplit("/", 1)[-1])
        return {"id": "750"}


def test_a_job_is_polled_after_a_tenth_of_a_second_then_twice_as_late_each_time():
    org = BusyOrg(9, poll_interval_max_s=20)
    assert BulkApi(org).wait("750").rows == 7
    assert org.clock.slept_s == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20]


def test_no_pause_is_longer_than_the_setting():
    org = BusyOrg(4, poll_interval_max_s=0.3)
    BulkApi(org).wait("750")
    assert org.clock.slept_s == [0.1, 0.2, 0.3, 0.3]


def test_only_jobs_that_run_are_aborted():
    org = BusyOrg(0)
    bulk = BulkApi(org)
    bulk.wait(bulk.create("select Id from Lead"))
    bulk.abort_running()
    assert org.aborted == []
    bulk.create("select Id from User")
    bulk.abort_running()
    bulk.abort_running()
    assert org.aborted == ["750"]


def test_a_job_that_takes_too_long_is_aborted():
    org = BusyOrg(10**6, job_timeout_s=60)
    with pytest.raises(Exception, match="job_timeout"):
        BulkApi(org).wait("750")
    assert org.aborted == ["750"]
