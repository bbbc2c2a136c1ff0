-- What is remembered of occurrences that vanished, so that they can be explained: the model says for how long.
CREATE TABLE tombstone (
    room_id TEXT NOT NULL REFERENCES room (room_id) ON DELETE CASCADE,
    meeting_key TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (room_id, meeting_key)
);
