"""Items: viewed, fetched, listed."""

import datetime

from exchangelib import CalendarItem, ExtendedProperty, ItemId
from exchangelib.errors import (
    ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange,
    ErrorCalendarOccurrenceIsDeletedFromRecurrence,
    ErrorCalendarViewRangeTooBig,
    ErrorInvalidIdMalformed,
    ErrorItemNotFound,
)
from exchangelib.recurrence import DailyPattern, NumberedPattern

from exchange import Case, hour


class GlobalObjectId(ExtendedProperty):
    distinguished_property_set_id = "Meeting"
    property_id = 3
    property_type = "Binary"


class CleanGlobalObjectId(ExtendedProperty):
    distinguished_property_set_id = "Meeting"
    property_id = 35
    property_type = "Binary"


CalendarItem.register("global_object_id", GlobalObjectId)
CalendarItem.register("clean_global_object_id", CleanGlobalObjectId)


class Views(Case):
    def test_a_view_unfolds_series_in_order(self):
        self.sim.meeting(self.room, "Daily", hours=2, repeats="daily", times=3)
        self.sim.meeting(self.room, "Single", hours=1)
        view = self.view()
        self.assertEqual([item.subject for item in view], ["Single", "Daily", "Daily", "Daily"])
        self.assertEqual([item.type for item in view], ["Single"] + ["Occurrence"] * 3)
        self.assertEqual([item.start for item in view], [hour(hours) for hours in (1, 2, 26, 50)])
        self.assertEqual(len({item.id for item in view}), 4)
        self.assertEqual(len({item.uid for item in view}), 2)

    def test_a_view_holds_what_overlaps(self):
        self.sim.meeting(self.room, "Meeting", hours=2)
        for first, last, found in [(1, 2, 0), (1, 3, 1), (2, 3, 1), (3, 4, 0), (0, 9, 1)]:
            with self.subTest(first=first, last=last):
                self.assertEqual(len(self.view(first, last)), found)

    def test_a_view_can_be_short(self):
        self.sim.meeting(self.room, "Daily", repeats="daily", times=9)
        self.assertEqual(len(self.view(max_items=4)), 4)

    def test_a_view_has_a_longest_span(self):
        with self.assertRaises(ErrorCalendarViewRangeTooBig):
            self.view(0, 24 * 366 * 2 + 24)

    def test_a_list_shows_masters(self):
        self.sim.meeting(self.room, "Daily", repeats="daily", times=3)
        listed = list(self.calendar.all())
        self.assertEqual([(item.subject, item.type) for item in listed], [("Daily", "RecurringMaster")])
        self.assertEqual(self.calendar.all().count(), 1)

    def test_what_is_cancelled_stays(self):
        meeting = self.sim.meeting(self.room, "Off")
        self.sim.tell(f"meetings/{meeting}/cancel")
        [item] = self.view()
        self.assertTrue(item.is_cancelled)
        self.assertEqual(item.legacy_free_busy_status, "Free")
        self.assertEqual(item.appointment_state, ("Meeting", "Received", "Canceled"))

    def test_a_declined_request_is_gone(self):
        self.sim.meeting(self.room, "First")
        self.sim.meeting(self.room, "Second")
        self.assertEqual([item.subject for item in self.view()], ["First"])

    def test_a_booking_is_the_rooms_own(self):
        start, end = hour(1), hour(2)
        self.sim.tell("bookings", room=self.room, subject="Cleaning", start=start.isoformat(), end=end.isoformat())
        [item] = self.view()
        self.assertEqual((item.subject, item.my_response_type), ("Cleaning", "Organizer"))
        self.assertFalse(item.is_meeting)


class Items(Case):
    def test_an_item_says_what_it_is(self):
        self.sim.meeting(
            self.room,
            "Review & <more>",
            length=2,
            body="first line\nsecond line",
            zone="W. Europe Standard Time",
            sensitivity="Private",
            show_as="OOF",
        )
        item = self.calendar.get(id=self.view()[0].id)
        self.assertEqual(item.subject, "Review & <more>")
        self.assertEqual((item.start, item.end), (hour(1), hour(3)))
        self.assertEqual(item.text_body.splitlines(), ["first line", "second line"])
        self.assertIn("<html>", item.body)
        self.assertEqual((item.sensitivity, item.legacy_free_busy_status), ("Private", "OOF"))
        self.assertEqual(item.my_response_type, "Accept")
        self.assertEqual((item.organizer.name, item.organizer.email_address), ("Kim", "kim@people.example"))
        self.assertEqual([room.mailbox.email_address for room in item.resources], [f"{self.room}@rooms.example"])
        self.assertEqual(item._start_timezone.ms_id, "W. Europe Standard Time")
        self.assertEqual(item.duration, "PT2H")
        self.assertEqual(item.parent_folder_id.id, self.calendar.id)
        self.assertEqual((item.appointment_state, item.is_all_day), (("Meeting", "Received"), False))
        self.assertIsNotNone(item.appointment_reply_time)

    def test_copies_of_a_meeting_share_their_global_id(self):
        other = self.sim.room()
        body = {"organizer": "kim", "subject": "Both", "start": hour(1).isoformat(), "end": hour(2).isoformat()}
        self.sim.tell("meetings", rooms=[self.room, other], **body)
        copies = [self.sim.account(room).calendar.all().only("uid", "clean_global_object_id") for room in (self.room, other)]
        [[mine], [theirs]] = copies
        self.assertEqual(mine.uid, theirs.uid)
        self.assertEqual(mine.clean_global_object_id, theirs.clean_global_object_id)
        self.assertEqual(mine.clean_global_object_id.hex().upper(), mine.uid)
        self.assertNotEqual(mine.id, theirs.id)

    def test_only_what_is_asked_for_is_told(self):
        self.sim.meeting(self.room, "Brief", body="long")
        [item] = self.calendar.all().only("subject")
        self.assertEqual(item.subject, "Brief")
        self.assertIsNone(item.start)

    def test_every_id_of_a_batch_is_answered_in_its_place(self):
        self.sim.meeting(self.room, "There")
        gone = self.sim.meeting(self.room, "Gone", hours=3)
        there, dead = self.view()
        self.sim.tell(f"meetings/{gone}/delete", room=self.room)
        batch = [(dead.id, None), (there.id, None), ("AAMkbad", None)]
        answers = list(self.account.fetch(ids=[ItemId(*each) for each in batch]))
        self.assertIsInstance(answers[0], ErrorItemNotFound)
        self.assertEqual(answers[1].subject, "There")
        self.assertIsInstance(answers[2], ErrorInvalidIdMalformed)

    def test_a_change_changes_the_key_alone(self):
        meeting = self.sim.meeting(self.room, "Before")
        [before] = self.view()
        self.sim.tell(f"meetings/{meeting}/rename", subject="After")
        [after] = self.view()
        self.assertEqual((before.id, after.subject), (after.id, "After"))
        self.assertNotEqual(before.changekey, after.changekey)


class Series(Case):
    def setUp(self):
        super().setUp()
        self.series = self.sim.meeting(self.room, "Daily", repeats="daily", times=4)
        self.dates = [hour(1 + 24 * day).date() for day in range(4)]

    def master(self):
        [master] = self.calendar.all()
        return self.calendar.get(id=master.id)

    def on(self, day, verb, **body):
        self.sim.tell(f"meetings/{self.series}/{verb}", occurrence=str(self.dates[day]), **body)

    def test_a_master_knows_its_pattern(self):
        master = self.master()
        self.assertEqual(master.type, "RecurringMaster")
        self.assertEqual(master.recurrence.pattern, DailyPattern(interval=1))
        self.assertEqual(master.recurrence.boundary, NumberedPattern(start=self.dates[0], number=4))
        self.assertEqual(master.first_occurrence.start, hour(1))
        self.assertEqual(master.last_occurrence.start, hour(73))
        self.assertIsNone(master.modified_occurrences)
        self.assertIsNone(master.deleted_occurrences)

    def test_a_master_lists_its_exceptions(self):
        self.on(1, "move", start=hour(30).isoformat(), end=hour(31).isoformat())
        self.on(2, "delete", room=self.room)
        master = self.master()
        [moved] = master.modified_occurrences
        self.assertEqual((moved.start, moved.end, moved.original_start), (hour(30), hour(31), hour(25)))
        [deleted] = master.deleted_occurrences
        self.assertEqual(deleted.start, hour(49))
        view = self.view()
        self.assertEqual([item.type for item in view], ["Occurrence", "Exception", "Occurrence"])
        exception = self.calendar.get(id=view[1].id)
        self.assertEqual((exception.start, exception.original_start), (hour(30), hour(25)))
        self.assertEqual(exception.recurrence_id, hour(25))
        self.assertEqual(exception.uid, master.uid)
        self.assertEqual(exception.clean_global_object_id, master.clean_global_object_id)
        date = exception.global_object_id[16:20]
        self.assertEqual(date, self.dates[1].year.to_bytes(2, "big") + bytes([self.dates[1].month, self.dates[1].day]))

    def test_an_occurrence_is_reached_by_its_number(self):
        self.on(2, "delete", room=self.room)
        master = self.master()
        second = master.occurrence(index=2)
        second.refresh()
        self.assertEqual((second.subject, second.start), ("Daily", hour(25)))
        with self.assertRaises(ErrorCalendarOccurrenceIsDeletedFromRecurrence):
            master.occurrence(index=3).refresh()
        with self.assertRaises(ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange):
            master.occurrence(index=5).refresh()

    def test_a_master_is_reached_from_its_occurrence(self):
        occurrence = self.view()[2]
        master = occurrence.recurring_master()
        master.refresh()
        self.assertEqual((master.type, master.id), ("RecurringMaster", self.master().id))

    def test_one_occurrence_has_another_subject(self):
        self.on(1, "rename", subject="Special")
        self.assertEqual([item.subject for item in self.view()], ["Daily", "Special", "Daily", "Daily"])

    def test_one_occurrence_is_called_off(self):
        self.on(3, "cancel")
        self.assertEqual([item.is_cancelled for item in self.view()], [False, False, False, True])

    def test_wall_clocks_hold_through_the_year(self):
        start = datetime.datetime(2027, 3, 26, 8, tzinfo=datetime.UTC)
        body = {"organizer": "kim", "rooms": [self.room], "subject": "Morning", "repeats": "daily", "times": 4}
        end = start + datetime.timedelta(hours=1)
        zone = "W. Europe Standard Time"
        self.sim.tell("meetings", start=start.isoformat(), end=end.isoformat(), zone=zone, **body)
        days = (start - hour(0)).days
        hours = [item.start.hour for item in self.view(24 * (days - 1), 24 * (days + 9)) if item.subject == "Morning"]
        self.assertEqual(hours, [8, 8, 7, 7])
