"""Who may see what, and what a client does when it may not, or not now."""

import time

from exchangelib import IMPERSONATION, FaultTolerance
from exchangelib.errors import (
    CASError,
    ErrorAccessDenied,
    ErrorImpersonateUserDenied,
    ErrorNonExistentMailbox,
    ErrorServerBusy,
    TransportError,
    UnauthorizedError,
)

from exchange import Case


class Access(Case):
    def test_an_impersonator_is_the_room(self):
        self.sim.meeting(self.room, "Seen")
        room = self.sim.account(self.room, access_type=IMPERSONATION)
        self.assertEqual([item.subject for item in room.calendar.all()], ["Seen"])

    def test_not_everybody_may_impersonate(self):
        self.sim.tell("accounts", login="plain", password="word", rights="reviewer")
        with self.assertRaises(ErrorImpersonateUserDenied):
            self.sim.account(self.room, access_type=IMPERSONATION, login="plain", password="word").calendar

    def test_a_delegate_sees_the_rooms_it_was_given(self):
        other = self.sim.room()
        self.sim.meeting(self.room, "Seen")
        self.sim.tell("accounts", login="delegate", password="word", rooms={self.room: "reviewer"})
        given = self.sim.account(self.room, login="delegate", password="word").calendar
        self.assertEqual([item.subject for item in given.all()], ["Seen"])
        self.assertFalse(given.effective_rights.delete)
        with self.assertRaises(ErrorAccessDenied):
            self.sim.account(other, login="delegate", password="word").calendar

    def test_a_mailbox_that_is_not_there_is_not_empty(self):
        for access_type in (IMPERSONATION, "delegate"):
            with self.assertRaises(ErrorNonExistentMailbox):
                self.sim.account("nowhere", access_type=access_type).calendar

    def test_a_wrong_password_opens_nothing(self):
        with self.assertRaises(UnauthorizedError):
            self.sim.account(self.room, password="guess").calendar


class FaultTolerances(Case):
    def test_a_busy_server_says_for_how_long(self):
        self.sim.fault("server-busy", next=1, room=self.room)
        with self.assertRaises(ErrorServerBusy) as busy:
            self.view()
        self.assertEqual(busy.exception.back_off, 2)

    def test_a_tolerant_client_waits_as_long_as_it_is_told(self):
        self.sim.tell("accounts", login="patient", password="word", rights="reviewer")
        patience = {"login": "patient", "password": "word", "retry_policy": FaultTolerance(max_wait=30)}
        account = self.sim.account(self.room, **patience)
        begun = time.monotonic()
        self.sim.fault("server-busy", next=1)
        self.assertEqual(account.calendar.all().count(), 0)
        self.assertGreaterEqual(time.monotonic() - begun, 2)

    def test_what_is_not_exchange_is_no_answer(self):
        faults = ["sign-in-page", "iis-error", "ews-disabled", "redirect-to-owa", "truncated-body", "other-operation"]
        for fault in [*faults, "service-unavailable"]:
            with self.subTest(fault=fault):
                self.sim.fault(fault, next=1)
                with self.assertRaises((CASError, TransportError, ValueError)):
                    self.view()
        self.assertEqual(self.view(), [])
