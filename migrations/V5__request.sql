-- Whether a subject was said by the meeting request in a room's mailbox, and not by the room's copy of the meeting.
ALTER TABLE meeting_fact ADD COLUMN by_request BOOLEAN NOT NULL DEFAULT FALSE;
