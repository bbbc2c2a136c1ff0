"""The stand-in Exchange, started once, and told what to do by its commands."""

import datetime
import itertools
import json
import os
import subprocess
import time
import unittest
import urllib.request

from exchangelib import BASIC, DELEGATE, UTC, Account, Configuration, Credentials, EWSDateTime, FailFast
from exchangelib.version import Build, Version

# What an appliance of our rooms is set up with: the copy says what the organizer wrote, at once.
PRESERVING = {
    "DeleteSubject": False,
    "AddOrganizerToSubject": False,
    "DeleteComments": False,
    "RemovePrivateProperty": False,
    "DelayMs": 0,
}
ALL_EVENTS = ("CreatedEvent", "ModifiedEvent", "MovedEvent", "DeletedEvent")


class Simulator:
    """One running `exchange-sim`."""

    def __init__(self):
        program = os.environ["EXCHANGE_SIM"]
        command = [program, "--quiet", "--rooms", "1"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.ews_url = self.process.stdout.readline().strip()
        self.base = self.ews_url.removesuffix("/EWS/Exchange.asmx")
        self.numbers = itertools.count(1)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def tell(self, command, method="POST", **body):
        request = urllib.request.Request(f"{self.base}/sim/{command}", json.dumps(body).encode(), method=method)
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def state(self):
        with urllib.request.urlopen(f"{self.base}/sim/state") as reply:
            return json.load(reply)

    def until(self, wanted, seconds=10):
        """Asks for the state until it is as wanted."""
        last = time.monotonic() + seconds
        while not wanted(self.state()):
            if time.monotonic() > last:
                raise AssertionError(f"not within {seconds} seconds")

    def room(self, **settings):
        """A new room with an alias of its own."""
        alias = f"outside-{next(self.numbers)}"
        self.tell("rooms", alias=alias, processing=PRESERVING | settings.pop("processing", {}), **settings)
        return alias

    def meeting(self, room, subject, hours=1, length=1, **more):
        """A meeting that begins so many hours from the full hour, by its number."""
        start = hour(hours)
        body = {"organizer": "kim", "rooms": [room], "subject": subject, "start": stamp(start)}
        return self.tell("meetings", **body, end=stamp(start + datetime.timedelta(hours=length)), **more)["meeting"]

    def fault(self, name, **where):
        self.tell("faults", fault=name, **where)

    def configuration(self, login="svc", password="secret", retry_policy=None, **more):
        more.setdefault("version", Version(Build(15, 2, 1544, 4)))
        return Configuration(
            service_endpoint=self.ews_url,
            credentials=Credentials(login, password),
            auth_type=BASIC,
            retry_policy=retry_policy or FailFast(),
            **more,
        )

    def account(self, room, access_type=DELEGATE, **configuration):
        return Account(
            f"{room}@rooms.example",
            config=self.configuration(**configuration),
            autodiscover=False,
            access_type=access_type,
            default_timezone=UTC,
        )


NOON = datetime.datetime.now(datetime.UTC).replace(minute=0, second=0, microsecond=0)


def hour(hours):
    return NOON + datetime.timedelta(hours=hours)


def stamp(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def ews(instant):
    return EWSDateTime.from_datetime(instant).astimezone(UTC)


class Case(unittest.TestCase):
    """A test with the simulator, and with a room nobody else uses."""

    sim = None

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator()

    @classmethod
    def tearDownClass(cls):
        cls.sim.stop()

    def setUp(self):
        self.room = self.sim.room()
        self.account = self.sim.account(self.room)
        self.calendar = self.account.calendar
        self.addCleanup(self.sim.tell, "faults", method="DELETE")

    def view(self, first=-24, last=24 * 40, **more):
        return list(self.calendar.view(start=ews(hour(first)), end=ews(hour(last)), **more))
