-- How to join what may be seen, as JSON. Absent where there is no way; what is private has none (rule P1).
ALTER TABLE display ADD COLUMN join_by TEXT;

-- What join addresses were looked for with when the calendar was last read whole: absent, where that was never done. Where
-- it differs from what is configured the calendar is read whole again, for bodies are not kept.
ALTER TABLE room ADD COLUMN read_with TEXT;

-- How an occurrence takes the room: `occupied` or `held`, absent where it does not; and what free/busy makes of it. With its
-- start and end that is all of it that displays may read (rules E and P2).
ALTER TABLE occurrence ADD COLUMN starts_at BIGINT;
ALTER TABLE occurrence ADD COLUMN occupancy TEXT;
ALTER TABLE occurrence ADD COLUMN show_as TEXT;

-- The room whose copy said the subject. Absent of what was learned before this was written down.
ALTER TABLE meeting_fact ADD COLUMN said_in TEXT;
