-- Where a room's rows were read, by the names of the configuration. `migrated_from` is the server that the configuration named
-- when the room was migrated away from it: absent where the room is read where the configuration says.
ALTER TABLE room ADD COLUMN read_server TEXT;
ALTER TABLE room ADD COLUMN migrated_from TEXT;
