"""Rooms, names, zones, and who is taken when."""

import datetime

from exchangelib import EWSDateTime, EWSTimeZone
from exchangelib.errors import ErrorMailRecipientNotFound, ErrorNameResolutionNoResults

from exchange import Case, hour


class Directory(Case):
    def test_lists_name_their_rooms(self):
        address = f"floor-{self.room}@lists.example"
        self.sim.tell("room-lists", name="Floor", address=address, rooms=[self.room])
        protocol = self.account.protocol
        self.assertIn(address, [found.email_address for found in protocol.get_roomlists()])
        [room] = protocol.get_rooms(address)
        self.assertEqual(room.email_address, f"{self.room}@rooms.example")

    def test_names_are_resolved(self):
        protocol = self.account.protocol
        [(mailbox, contact)] = protocol.resolve_names([f"{self.room}@"], return_full_contact_data=True)
        self.assertEqual(mailbox.email_address, f"{self.room}@rooms.example")
        self.assertEqual(contact.display_name, mailbox.name)
        [nobody] = protocol.resolve_names(["nobody at all"])
        self.assertIsInstance(nobody, ErrorNameResolutionNoResults)

    def test_zones_have_rules_that_are_understood(self):
        zones = list(self.account.protocol.get_timezones(return_full_timezone_data=True))
        self.assertGreaterEqual(len(zones), 12)
        for zone in zones:
            with self.subTest(zone=zone.id):
                *_, period = zone.get_std_and_dst(for_year=datetime.date.today().year)
                self.assertEqual(period.name, "Standard")


class Availability(Case):
    def busy(self, zone, address):
        start, end = (EWSDateTime.from_datetime(hour(hours)).astimezone(zone) for hours in (0, 6))
        asked = [(address, "Room", False)]
        [view] = self.account.protocol.get_free_busy_info(asked, start, end, merged_free_busy_interval=60)
        return view

    def test_a_room_is_taken_when_it_is_in_every_zone(self):
        self.sim.meeting(self.room, "Taken", hours=2, length=2)
        self.assertEqual(len(self.view()), 1)
        for key in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney"]:
            with self.subTest(zone=key):
                zone = EWSTimeZone(key)
                view = self.busy(zone, f"{self.room}@rooms.example")
                self.assertEqual(view.merged, "002200")
                [event] = view.calendar_events
                self.assertEqual([event.start, event.end], [hour(2), hour(4)])
                self.assertEqual((event.busy_type, event.details.subject), ("Busy", "Taken"))

    def test_an_unknown_mailbox_fails_alone(self):
        self.assertIsInstance(self.busy(EWSTimeZone("UTC"), "nobody@rooms.example"), ErrorMailRecipientNotFound)
