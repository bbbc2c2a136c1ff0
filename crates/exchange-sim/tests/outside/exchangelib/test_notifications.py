"""Subscriptions: who is told what, and when they end."""

from exchangelib.errors import ErrorInvalidWatermark, ErrorSubscriptionNotFound
from exchangelib.properties import CreatedEvent, DeletedEvent, ModifiedEvent, MovedEvent, StatusEvent

from exchange import ALL_EVENTS, Case


class Pull(Case):
    def events(self, subscription, watermark):
        notifications = list(self.calendar.get_events(subscription, watermark))
        return [event for notification in notifications for event in notification.events]

    def test_a_subscriber_hears_of_changes_once(self):
        meeting = self.sim.meeting(self.room, "One")
        [item] = self.view()
        with self.calendar.pull_subscription(event_types=ALL_EVENTS) as (subscription, watermark):
            [status] = self.events(subscription, watermark)
            self.assertIsInstance(status, StatusEvent)
            self.sim.tell(f"meetings/{meeting}/rename", subject="Uno")
            events = self.events(subscription, status.watermark)
            changed = [event for event in events if isinstance(event, ModifiedEvent) and event.item_id]
            self.assertEqual({event.item_id.id for event in changed}, {item.id})
            [status] = self.events(subscription, events[-1].watermark)
            self.assertIsInstance(status, StatusEvent)

    def test_only_asked_for_kinds_are_told(self):
        with self.calendar.pull_subscription(event_types=("CreatedEvent",)) as (subscription, watermark):
            self.sim.meeting(self.room, "One")
            self.assertEqual({type(event) for event in self.events(subscription, watermark)}, {CreatedEvent})

    def test_what_is_declined_moves_away(self):
        meeting = self.sim.meeting(self.room, "One")
        [item] = self.view()
        with self.calendar.pull_subscription(event_types=ALL_EVENTS) as (subscription, watermark):
            self.sim.tell(f"meetings/{meeting}/answer", room=self.room, answer="decline")
            [moved] = [event for event in self.events(subscription, watermark) if isinstance(event, MovedEvent)]
            self.assertEqual(moved.old_item_id.id, item.id)
            self.assertEqual(moved.old_parent_folder_id.id, self.calendar.id)
            self.assertEqual(moved.parent_folder_id.id, self.account.trash.id)

    def test_what_is_deleted_for_good_is_told(self):
        meeting = self.sim.meeting(self.room, "One")
        [item] = self.view()
        with self.calendar.pull_subscription(event_types=ALL_EVENTS) as (subscription, watermark):
            self.sim.tell(f"meetings/{meeting}/delete", room=self.room)
            events = self.events(subscription, watermark)
            self.assertEqual([event.item_id.id for event in events if isinstance(event, DeletedEvent)], [item.id])

    def test_fifty_events_a_call(self):
        with self.calendar.pull_subscription(event_types=ALL_EVENTS) as (subscription, watermark):
            for number in range(60):
                self.sim.meeting(self.room, f"Number {number}", hours=2 * number)
            notifications = list(self.calendar.get_events(subscription, watermark))
            calls = [len(notification.events) for notification in notifications]
            told = [event.watermark for notification in notifications for event in notification.events]
            self.assertEqual(len(told), len(set(told)), "each is told once")
            self.assertEqual(set(calls[:-1]), {50})
            self.assertLessEqual(calls[-1], 50)
            self.assertGreaterEqual(sum(calls), 120)

    def test_what_ended_is_not_found(self):
        subscription, watermark = self.calendar.subscribe_to_pull()
        self.calendar.unsubscribe(subscription)
        with self.assertRaises(ErrorSubscriptionNotFound):
            list(self.calendar.get_events(subscription, watermark))
        with self.assertRaises(ErrorSubscriptionNotFound):
            self.calendar.unsubscribe(subscription)

    def test_a_strange_watermark_is_refused(self):
        subscription, _ = self.calendar.subscribe_to_pull()
        with self.assertRaises(ErrorInvalidWatermark):
            list(self.calendar.get_events(subscription, "AAAAAA=="))
