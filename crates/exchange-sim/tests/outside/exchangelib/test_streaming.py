"""Streaming and push: changes told without being asked for."""

import http.server
import queue
import threading

from exchangelib.errors import ErrorInvalidSubscription, ErrorSubscriptionNotFound
from exchangelib.properties import CreatedEvent, ModifiedEvent, StatusEvent
from exchangelib.services import SendNotification

from exchange import ALL_EVENTS, Case


class Streaming(Case):
    def first(self, subscriptions, count=1):
        stream = self.calendar.get_streaming_events(subscriptions, max_notifications_returned=count)
        return [event for notification in stream for event in notification.events]

    def test_a_stream_tells_of_changes_as_they_happen(self):
        with self.calendar.streaming_subscription(event_types=ALL_EVENTS) as subscription:
            said = threading.Timer(0.2, self.sim.meeting, [self.room, "One"])
            said.start()
            events = self.first(subscription)
            said.join()
            [item] = self.view()
            self.assertIn(item.id, [event.item_id.id for event in events if isinstance(event, CreatedEvent)])

    def test_what_happened_before_the_connection_is_told_on_it(self):
        meeting = self.sim.meeting(self.room, "One")
        with self.calendar.streaming_subscription(event_types=("ModifiedEvent",)) as subscription:
            self.sim.tell(f"meetings/{meeting}/rename", subject="Uno")
            self.assertTrue(all(isinstance(event, ModifiedEvent) for event in self.first(subscription)))

    def test_one_connection_serves_several_rooms(self):
        other = self.sim.room()
        theirs = self.sim.account(other).calendar
        with self.calendar.streaming_subscription() as mine, theirs.streaming_subscription() as other_one:
            self.sim.meeting(self.room, "One")
            self.sim.meeting(other, "Two")
            stream = self.calendar.get_streaming_events([mine, other_one], max_notifications_returned=2)
            self.assertEqual({notification.subscription_id for notification in stream}, {mine, other_one})

    def test_a_bad_id_is_named_within_the_stream(self):
        with self.calendar.streaming_subscription() as subscription:
            with self.assertRaises(ErrorInvalidSubscription):
                self.first([subscription, "AAMkbad"])

    def test_what_ended_is_not_found(self):
        subscription = self.calendar.subscribe_to_streaming()
        self.calendar.unsubscribe(subscription)
        with self.assertRaises(ErrorSubscriptionNotFound):
            self.calendar.unsubscribe(subscription)


class Listener(http.server.ThreadingHTTPServer):
    """Hears notifications, and answers as it was last told to."""

    def __init__(self):
        heard = self.heard = queue.Queue()
        self.answer = SendNotification(protocol=None).ok_payload
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                payload = server.answer()
                self.send_response(200)
                self.send_header("Content-Type", "text/xml; charset=utf-8")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)
                for notification in SendNotification(protocol=None).parse(body):
                    heard.put(notification)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/notify"

    def hear(self, wanted):
        """The first event of a kind; the others before it are normal."""
        while True:
            notification = self.heard.get(timeout=30)
            found = [event for event in notification.events if isinstance(event, wanted)]
            if found:
                return notification, found


class Push(Case):
    def setUp(self):
        super().setUp()
        self.listener = Listener()
        self.addCleanup(self.listener.server_close)
        self.addCleanup(self.listener.shutdown)

    def test_a_listener_is_greeted_and_told(self):
        subscription, _ = self.calendar.subscribe_to_push(self.listener.url, event_types=ALL_EVENTS)
        greeting, _ = self.listener.hear(StatusEvent)
        self.assertEqual(greeting.subscription_id, subscription)
        self.sim.meeting(self.room, "One")
        told, created = self.listener.hear(CreatedEvent)
        [item] = self.view()
        self.assertEqual(told.subscription_id, subscription)
        self.assertIn(item.id, [event.item_id.id for event in created if event.item_id])

    def test_a_listener_ends_it_by_its_answer(self):
        self.calendar.subscribe_to_push(self.listener.url)
        self.listener.hear(StatusEvent)
        before = self.sim.state()["subscriptions"]
        self.listener.answer = SendNotification(protocol=None).unsubscribe_payload
        self.sim.meeting(self.room, "One")
        self.listener.hear(CreatedEvent)
        self.sim.until(lambda state: state["subscriptions"] == before - 1)
