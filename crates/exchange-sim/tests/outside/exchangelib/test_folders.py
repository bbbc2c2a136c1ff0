"""Folders, seen from above and by themselves."""

from exchangelib.folders import Calendar

from exchange import Case


class Folders(Case):
    def test_the_calendar_is_one(self):
        self.assertIsInstance(self.calendar, Calendar)
        self.assertEqual(self.calendar.name, "Calendar")
        self.assertEqual(self.calendar.total_count, 0)
        self.assertEqual(self.calendar.child_folder_count, 0)
        self.assertTrue(self.calendar.effective_rights.read)

    def test_the_calendar_counts_its_items(self):
        self.sim.meeting(self.room, "One")
        self.sim.meeting(self.room, "Two", hours=3, repeats="daily", times=5)
        self.calendar.refresh()
        self.assertEqual(self.calendar.total_count, 2)

    def test_folders_are_walked_from_the_root(self):
        names = [folder.name for folder in self.account.root.walk()]
        self.assertEqual(names, ["Top of Information Store", "Calendar", "Deleted Items", "Inbox", "Sent Items"])
        self.assertEqual(self.account.root.tois.child_folder_count, 4)
        self.assertEqual((self.account.root / "Top of Information Store" / "Calendar").id, self.calendar.id)

    def test_the_well_known_folders_are_found(self):
        self.assertEqual(self.account.trash.name, "Deleted Items")
        self.assertEqual(self.account.inbox.name, "Inbox")
        self.assertEqual(self.calendar.parent.name, "Top of Information Store")
