"""SyncFolderItems: everything once, then what changed."""

from exchangelib.errors import ErrorInvalidSyncStateData

from exchange import Case


class Sync(Case):
    def changes(self, **more):
        return [(kind, getattr(item, "subject", None)) for kind, item in self.calendar.sync_items(**more)]

    def test_the_first_sync_tells_all_the_next_what_changed(self):
        self.assertEqual(self.changes(), [])
        one = self.sim.meeting(self.room, "One")
        self.sim.meeting(self.room, "Two", hours=3)
        self.assertCountEqual(self.changes(), [("create", "One"), ("create", "Two")])
        self.assertEqual(self.changes(), [])
        self.sim.tell(f"meetings/{one}/rename", subject="Uno")
        self.assertEqual(self.changes(), [("update", "Uno")])
        self.sim.tell(f"meetings/{one}/delete", room=self.room)
        [(kind, gone)] = list(self.calendar.sync_items())
        self.assertEqual(kind, "delete")
        self.assertIsNotNone(gone.id)

    def test_pages_add_up(self):
        for number in range(7):
            self.sim.meeting(self.room, f"Number {number}", hours=2 * number + 1)
        self.assertEqual(len(self.changes(max_changes_returned=3)), 7)
        self.assertEqual(self.changes(), [])

    def test_series_are_one_item_whatever_happens_to_an_occurrence(self):
        series = self.sim.meeting(self.room, "Daily", repeats="daily", times=4)
        [(_, master)] = list(self.calendar.sync_items())
        self.assertEqual(master.type, "RecurringMaster")
        date = self.view()[1].start.date()
        self.sim.tell(f"meetings/{series}/rename", subject="Special", occurrence=str(date))
        [(kind, changed)] = list(self.calendar.sync_items())
        self.assertEqual((kind, changed.id, changed.subject), ("update", master.id, "Daily"))
        self.assertNotEqual(changed.changekey, master.changekey)

    def test_ignored_ids_are_left_out(self):
        self.sim.meeting(self.room, "One")
        self.sim.meeting(self.room, "Two", hours=3)
        one = self.view()[0]
        self.assertEqual(self.changes(ignore=[(one.id, None)]), [("create", "Two")])

    def test_a_state_of_another_making_is_refused(self):
        with self.assertRaises(ErrorInvalidSyncStateData):
            self.changes(sync_state="H4sIAAA=")
        self.changes()
        self.sim.fault("invalid-sync-state", room=self.room)
        with self.assertRaises(ErrorInvalidSyncStateData):
            self.changes()
