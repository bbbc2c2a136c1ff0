-- The calendars of a room: most have one. `number` is how the room tells their items apart, and given to no other calendar of
-- the room afterwards; `name` is where the calendar lies, absent of what was read before anybody wrote that down. `as_of` is
-- when the server's answer was asked for that its rows show; before it was ever read, what the room showed as it was added.
CREATE TABLE calendar (
    room_id TEXT NOT NULL REFERENCES room (room_id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    name TEXT,
    as_of BIGINT,
    read_protocol TEXT,
    read_cursor TEXT,
    read_with TEXT,
    PRIMARY KEY (room_id, number)
);
INSERT INTO calendar (room_id, number, as_of, read_protocol, read_cursor, read_with)
    SELECT room_id, 0, as_of, read_protocol, read_cursor, read_with FROM room;
ALTER TABLE room DROP COLUMN read_protocol;
ALTER TABLE room DROP COLUMN read_cursor;
ALTER TABLE room DROP COLUMN read_with;

-- How many numbers were given to a room's calendars.
ALTER TABLE room ADD COLUMN calendars BIGINT NOT NULL DEFAULT 0;
UPDATE room SET calendars = 1;
