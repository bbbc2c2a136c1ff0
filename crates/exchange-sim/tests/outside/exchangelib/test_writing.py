"""Items written by a client: created, changed, deleted, in every pattern of recurrence."""

import datetime

from exchangelib import Attendee, CalendarItem, Mailbox
from exchangelib.errors import ErrorAccessDenied, ErrorItemNotFound
from exchangelib.fields import MONDAY, THURSDAY, WEDNESDAY, WEEKEND_DAY
from exchangelib.items import HARD_DELETE, MOVE_TO_DELETED_ITEMS
from exchangelib.recurrence import (
    AbsoluteMonthlyPattern,
    AbsoluteYearlyPattern,
    DailyPattern,
    EndDatePattern,
    NoEndPattern,
    NumberedPattern,
    Recurrence,
    RelativeMonthlyPattern,
    RelativeYearlyPattern,
    WeeklyPattern,
)

from exchange import Case, ews, hour


class Written(Case):
    def create(self, subject, hours=1, **more):
        item = CalendarItem(
            account=self.account,
            folder=self.calendar,
            subject=subject,
            start=ews(hour(hours)),
            end=ews(hour(hours + 1)),
            **more,
        )
        return item.save(send_meeting_invitations="SendToNone")

    def test_what_is_created_is_found(self):
        made = self.create("Made", body="text", location="here", sensitivity="Private", legacy_free_busy_status="OOF")
        self.assertTrue(made.id and made.changekey)
        item = self.calendar.get(id=made.id)
        self.assertEqual((item.subject, item.location, item.text_body.strip()), ("Made", "here", "text"))
        self.assertEqual((item.sensitivity, item.legacy_free_busy_status), ("Private", "OOF"))
        self.assertEqual((item.start, item.end), (hour(1), hour(2)))
        self.assertEqual(item.my_response_type, "Organizer")
        self.assertEqual([found.id for found in self.view()], [made.id])

    def test_what_is_changed_keeps_its_id(self):
        made = self.create("Before")
        before = made.changekey
        made.subject = "After"
        made.start, made.end = ews(hour(5)), ews(hour(6))
        made.save(update_fields=["subject", "start", "end"], send_meeting_invitations="SendToNone")
        self.assertNotEqual(made.changekey, before)
        [item] = self.view()
        self.assertEqual((item.id, item.subject, item.start), (made.id, "After", hour(5)))

    def test_what_nobody_decides_by_is_kept(self):
        written = {
            "categories": ["Blue", "R & D"],
            "importance": "High",
            "reminder_is_set": True,
            "reminder_minutes_before_start": 45,
            "legacy_free_busy_status": "NoData",
            "is_response_requested": False,
            "allow_new_time_proposal": False,
            "meeting_workspace_url": "http://files.example/a?b&c",
            "net_show_url": "mms://show.example/",
        }
        made = self.create("Marked", **written)
        item = self.calendar.get(id=made.id)
        self.assertEqual({name: getattr(item, name) for name in written}, written)
        self.assertEqual(item.reminder_due_by, hour(1))
        item.categories = None
        item.reminder_is_set = False
        item.save(update_fields=["categories", "reminder_is_set"], send_meeting_invitations="SendToNone")
        item = self.calendar.get(id=made.id)
        self.assertEqual((item.categories, item.reminder_is_set, item.importance), (None, False, "High"))

    def test_what_is_emptied_is_gone(self):
        made = self.create("Subject", location="here")
        made.location = None
        made.save(update_fields=["location"], send_meeting_invitations="SendToNone")
        self.assertFalse(self.calendar.get(id=made.id).location)

    def test_what_is_deleted_is_gone_or_in_the_bin(self):
        for disposal, left in [(HARD_DELETE, 0), (MOVE_TO_DELETED_ITEMS, 1)]:
            with self.subTest(disposal=disposal):
                made = self.create(str(disposal))
                [item] = self.calendar.all()
                self.account.bulk_delete([item], delete_type=disposal, send_meeting_cancellations="SendToNone")
                self.assertEqual(self.calendar.all().count(), 0)
                [missing] = self.account.fetch([(made.id, None)])
                self.assertIsInstance(missing, ErrorItemNotFound)
                self.account.trash.refresh()
                self.assertEqual(self.account.trash.total_count, left)

    def test_a_stale_change_key_does_not_lose_a_change(self):
        made = self.create("Before")
        other = self.calendar.get(id=made.id)
        other.subject = "Other"
        other.save(update_fields=["subject"], send_meeting_invitations="SendToNone")
        self.assertEqual(self.view()[0].subject, "Other")

    def test_a_reader_may_not_write(self):
        self.sim.tell("accounts", login="reader", password="word", rights="reviewer")
        reader = self.sim.account(self.room, login="reader", password="word")
        item = CalendarItem(account=reader, folder=reader.calendar, subject="No", start=ews(hour(1)), end=ews(hour(2)))
        with self.assertRaises(ErrorAccessDenied):
            item.save(send_meeting_invitations="SendToNone")
        self.assertEqual(self.view(), [])

    def test_an_invited_room_answers(self):
        host = self.sim.account("room-1")
        item = CalendarItem(
            account=host,
            folder=host.calendar,
            subject="Invited",
            start=ews(hour(1)),
            end=ews(hour(2)),
            resources=[Attendee(mailbox=Mailbox(email_address=f"{self.room}@rooms.example"))],
        )
        item.save(send_meeting_invitations="SendToAllAndSaveCopy")
        [copy] = self.view()
        self.assertEqual((copy.subject, copy.my_response_type), ("Invited", "Accept"))
        item.cancel()
        self.assertTrue(self.view()[0].is_cancelled)

    def test_several_are_created_at_once(self):
        items = [
            CalendarItem(folder=self.calendar, subject=str(number), start=ews(hour(number)), end=ews(hour(number + 1)))
            for number in range(5)
        ]
        made = self.account.bulk_create(folder=self.calendar, items=items, send_meeting_invitations="SendToNone")
        self.assertEqual(len({each.id for each in made}), 5)
        self.assertEqual([item.subject for item in self.view()], [str(number) for number in range(5)])

    def test_items_are_found_by_what_they_say(self):
        self.create("One", location="here")
        self.create("Two", hours=3)
        self.assertEqual([item.subject for item in self.calendar.filter(subject="One")], ["One"])
        self.assertEqual([item.subject for item in self.calendar.filter(subject__contains="w")], ["Two"])
        self.assertEqual([item.subject for item in self.calendar.filter(start__gte=ews(hour(2)))], ["Two"])
        self.assertEqual([item.subject for item in self.calendar.all().order_by("-start")], ["Two", "One"])
        self.assertEqual([item.subject for item in self.calendar.exclude(subject="One")], ["Two"])
        self.assertEqual(self.calendar.all().order_by("start")[0].subject, "One")


class Patterns(Case):
    """Dates by calendar arithmetic done here by hand; 2028 is a leap year, 1 January 2028 a Saturday."""

    FIRST = datetime.datetime(2028, 1, 31, 9, tzinfo=datetime.UTC)

    def dates(self, pattern, boundary, first=FIRST):
        item = CalendarItem(
            account=self.account,
            folder=self.calendar,
            subject="Series",
            start=ews(first),
            end=ews(first + datetime.timedelta(hours=1)),
            recurrence=Recurrence(pattern=pattern, boundary=boundary),
        )
        item.save(send_meeting_invitations="SendToNone")
        master = self.calendar.get(id=item.id)
        self.assertEqual(master.recurrence.pattern, pattern)
        self.assertEqual(master.recurrence.boundary, boundary)
        last = ews(first + datetime.timedelta(days=700))
        return [found.start.strftime("%m-%d") for found in self.calendar.view(ews(first), last)]

    def numbered(self, pattern, number, first=FIRST):
        return self.dates(pattern, NumberedPattern(start=first.date(), number=number), first)

    def test_daily(self):
        self.assertEqual(self.numbered(DailyPattern(interval=3), 3), ["01-31", "02-03", "02-06"])

    def test_weekly_on_several_days_every_other_week(self):
        pattern = WeeklyPattern(interval=2, weekdays=[MONDAY, WEDNESDAY], first_day_of_week=MONDAY)
        self.assertEqual(self.numbered(pattern, 4), ["01-31", "02-02", "02-14", "02-16"])

    def test_monthly_on_a_day_that_short_months_lack(self):
        pattern = AbsoluteMonthlyPattern(interval=1, day_of_month=31)
        self.assertEqual(self.numbered(pattern, 4), ["01-31", "02-29", "03-31", "04-30"])

    def test_monthly_on_the_last_day_of_a_weekend(self):
        pattern = RelativeMonthlyPattern(interval=1, weekday=WEEKEND_DAY, week_number="Last")
        first = self.FIRST.replace(day=30)
        self.assertEqual(self.numbered(pattern, 3, first), ["01-30", "02-27", "03-26"])

    def test_yearly_on_a_leap_day(self):
        pattern = AbsoluteYearlyPattern(day_of_month=29, month=2)
        first = self.FIRST.replace(month=2, day=29)
        self.assertEqual(self.numbered(pattern, 2, first), ["02-29", "02-28"])

    def test_yearly_on_a_weekday_of_a_month(self):
        pattern = RelativeYearlyPattern(weekday=THURSDAY, week_number="Fourth", month=11)
        first = self.FIRST.replace(month=11, day=23)
        self.assertEqual(self.numbered(pattern, 2, first), ["11-23", "11-22"])

    def test_until_a_date(self):
        end = EndDatePattern(start=self.FIRST.date(), end=datetime.date(2028, 2, 2))
        self.assertEqual(self.dates(DailyPattern(interval=1), end), ["01-31", "02-01", "02-02"])

    def test_for_ever(self):
        self.assertEqual(len(self.dates(DailyPattern(interval=1), NoEndPattern(start=self.FIRST.date()))), 700)
