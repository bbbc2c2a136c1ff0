-- Whether a calendar was not read since the mirror was restored from a backup.
ALTER TABLE calendar ADD COLUMN restored BIGINT NOT NULL DEFAULT 0;
