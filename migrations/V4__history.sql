-- What rooms showed before, for as long as somebody may ask: what changes or goes is kept here, and what stays as it is
-- costs nothing. Masking a meeting masks this too, and forgetting its names forgets it.

-- Since which revision an occurrence is as it is, and since which one displays show of it what they show.
ALTER TABLE occurrence ADD COLUMN since_rev BIGINT NOT NULL DEFAULT 0;
ALTER TABLE occurrence ADD COLUMN shown_rev BIGINT NOT NULL DEFAULT 0;

-- When the revisions of a room were committed.
CREATE TABLE revision (
    room_id TEXT NOT NULL REFERENCES room (room_id) ON DELETE CASCADE,
    rev BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, rev)
);
CREATE INDEX revision_by_time ON revision (made_at);

-- What was known of an occurrence before revision `until_rev`, and what displays showed of it: nothing, where
-- `public_key` is absent.
CREATE TABLE past_occurrence (
    room_id TEXT NOT NULL REFERENCES room (room_id) ON DELETE CASCADE,
    meeting_key TEXT NOT NULL,
    until_rev BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    since_rev BIGINT NOT NULL,
    shown_rev BIGINT NOT NULL,
    meeting_id TEXT NOT NULL,
    slot TEXT NOT NULL,
    decision TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    public_key TEXT,
    first_day TEXT,
    last_day TEXT,
    title TEXT,
    organizer TEXT,
    location TEXT,
    tentative BOOLEAN,
    private BOOLEAN,
    join_by TEXT,
    PRIMARY KEY (room_id, meeting_key, until_rev)
);
CREATE INDEX past_occurrence_by_meeting ON past_occurrence (meeting_id);
CREATE INDEX past_occurrence_by_time ON past_occurrence (until_at);
CREATE INDEX past_occurrence_by_end ON past_occurrence (ends_at);

-- When a device first confirmed a revision. `since_at` is 0 where it had before anybody wrote that down.
CREATE TABLE confirmation (
    room_id TEXT NOT NULL REFERENCES room (room_id) ON DELETE CASCADE,
    device_id TEXT NOT NULL,
    rev BIGINT NOT NULL,
    since_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, device_id, rev)
);
CREATE INDEX confirmation_by_time ON confirmation (since_at);
INSERT INTO confirmation (room_id, device_id, rev, since_at)
    SELECT room_id, device_id, acked_rev, 0 FROM device WHERE acked_rev IS NOT NULL;
