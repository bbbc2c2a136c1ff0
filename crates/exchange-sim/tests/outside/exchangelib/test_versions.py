"""What a client finds out before anything else: the version, and how ids are spelled."""

from exchangelib.errors import ErrorInvalidIdMalformed
from exchangelib.properties import AlternateId

from exchange import Case


class Versions(Case):
    def test_the_version_is_found_out(self):
        self.sim.tell("accounts", login="new", password="word", rights="reviewer")
        account = self.sim.account(self.room, version=None, login="new", password="word")
        self.assertEqual((account.version.build.major_version, account.version.build.minor_version), (15, 2))

    def test_ids_have_other_spellings(self):
        spelled = AlternateId(id=self.calendar.id, format="EwsId", mailbox=f"{self.room}@rooms.example")
        [entry] = self.account.protocol.convert_ids([spelled], destination_format="HexEntryId")
        self.assertEqual(entry.format, "HexEntryId")
        [back] = self.account.protocol.convert_ids([entry], destination_format="EwsId")
        self.assertEqual(back.id, self.calendar.id)
        dummy = AlternateId(id="DUMMY", format="EwsId", mailbox="DUMMY")
        [refused] = self.account.protocol.convert_ids([dummy], destination_format="EntryId")
        self.assertIsInstance(refused, ErrorInvalidIdMalformed)
