"""Autodiscover, asked by exchangelib's own protocol."""

from exchangelib import BASIC, Credentials, FailFast
from exchangelib.autodiscover.protocol import AutodiscoverProtocol
from exchangelib.configuration import Configuration
from exchangelib.errors import ErrorNonExistentMailbox

from exchange import Case


class Autodiscover(Case):
    def protocol(self, **more):
        configuration = Configuration(
            service_endpoint=f"{self.sim.base}/autodiscover/autodiscover.svc",
            credentials=Credentials("svc", "secret"),
            retry_policy=FailFast(),
            **more,
        )
        return AutodiscoverProtocol(config=configuration)

    def settings(self, address, *names):
        return self.protocol(auth_type=BASIC).get_user_settings(address, list(names) or None)

    def test_how_to_sign_in_is_found_out(self):
        self.assertEqual(self.protocol().auth_type, BASIC)

    def test_a_room_is_here(self):
        address = f"{self.room}@rooms.example"
        here = self.settings(address)
        here.raise_errors()
        self.assertEqual((here.ews_url, here.autodiscover_smtp_address), (self.sim.ews_url, address))
        self.assertEqual(here.version.api_version, "Exchange2016")

    def test_rooms_have_groups(self):
        self.sim.tell("groups", room=self.room, group="DAG-BERLIN-01")
        here = self.settings(f"{self.room}@rooms.example", "grouping_information", "internal_ews_url")
        inside = "https://mailbox.exchange.example/EWS/Exchange.asmx"
        expected = {"grouping_information": "DAG-BERLIN-01", "internal_ews_url": inside}
        self.assertEqual(here.user_settings, expected)

    def test_some_are_elsewhere(self):
        self.sim.tell("redirects", address="moved@rooms.example", to={"address": "moved@cloud.example"})
        moved = self.settings("moved@rooms.example")
        self.assertEqual((moved.redirect_address, moved.redirect_url), ("moved@cloud.example", None))
        self.sim.tell("redirects", address="far@rooms.example", to={"url": "https://cloud.example/a.svc"})
        far = self.settings("far@rooms.example")
        self.assertEqual((far.redirect_address, far.redirect_url), (None, "https://cloud.example/a.svc"))

    def test_a_stranger_is_nobody(self):
        with self.assertRaises(ErrorNonExistentMailbox):
            self.settings("nobody@rooms.example").raise_errors()
