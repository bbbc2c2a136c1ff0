-- The mirror: what was observed of every room's calendar, what was decided, and what may be displayed.
--
-- Written in the part of SQL that SQLite and PostgreSQL share. Instants are microseconds since 1970-01-01 UTC, and no
-- statement asks the time: it is always an argument. Keys are natural; bytes are text, in hex or base64.

-- What holds for the whole site: its secret (rule P6).
CREATE TABLE site (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- A room. `rev` counts its commits; `epoch` says who may write it, and is raised by whoever takes it over.
-- `planned_with` is a digest of what the decisions were made with: absent where they must be made again.
CREATE TABLE room (
    room_id TEXT NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    as_of BIGINT,
    read_protocol TEXT,
    read_cursor TEXT,
    acceptance TEXT,
    switched_to_proxy BIGINT,
    planned_with TEXT
);

-- Every item as it was read, whole. `ends_at` is absent for a series, which ends when its calendar drops it.
CREATE TABLE observed (
    room_id TEXT NOT NULL REFERENCES room (room_id) ON DELETE CASCADE,
    item_id TEXT NOT NULL,
    meeting_id TEXT NOT NULL,
    ends_at BIGINT,
    body TEXT NOT NULL,
    PRIMARY KEY (room_id, item_id)
);
CREATE INDEX observed_by_meeting ON observed (meeting_id);
CREATE INDEX observed_by_end ON observed (ends_at);

-- Every occurrence in the window and what was decided of it, shown or not. What may be seen of it is in `display`,
-- under `public_key`, and nowhere else.
CREATE TABLE occurrence (
    room_id TEXT NOT NULL REFERENCES room (room_id) ON DELETE CASCADE,
    meeting_key TEXT NOT NULL,
    meeting_id TEXT NOT NULL,
    slot TEXT NOT NULL,
    public_key TEXT,
    ends_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (room_id, meeting_key)
);
CREATE INDEX occurrence_by_meeting ON occurrence (meeting_id);
CREATE INDEX occurrence_by_end ON occurrence (ends_at);

-- What may be seen: masked by the rules, and all that feeds and phones can select (rule P2).
CREATE TABLE display (
    room_id TEXT NOT NULL REFERENCES room (room_id) ON DELETE CASCADE,
    public_key TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    first_day TEXT,
    last_day TEXT,
    title TEXT NOT NULL,
    organizer TEXT,
    location TEXT,
    tentative BOOLEAN NOT NULL,
    private BOOLEAN NOT NULL,
    PRIMARY KEY (room_id, public_key)
);
CREATE INDEX display_by_start ON display (room_id, starts_at);

-- What copies of one meeting taught each other across rooms (rules S3 and P5). `slot` is `single` for all of a
-- meeting, or the civil date of one occurrence. `held_at` is when a room last took the meeting up or let it go.
CREATE TABLE meeting_fact (
    meeting_id TEXT NOT NULL,
    slot TEXT NOT NULL,
    subject TEXT,
    sensitivity TEXT NOT NULL,
    held_at BIGINT NOT NULL,
    PRIMARY KEY (meeting_id, slot)
);
CREATE INDEX meeting_fact_by_held ON meeting_fact (held_at);

-- One row a device: what it should show, what it was last sent, what it has confirmed.
CREATE TABLE device (
    device_id TEXT NOT NULL PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES room (room_id) ON DELETE CASCADE,
    wanted_rev BIGINT NOT NULL,
    acked_rev BIGINT,
    sent_digest TEXT,
    attempts BIGINT NOT NULL,
    not_before BIGINT,
    last_error TEXT
);
CREATE INDEX device_by_room ON device (room_id);
