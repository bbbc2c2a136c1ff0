//! The mirror in SQLite; the only place with SQL
