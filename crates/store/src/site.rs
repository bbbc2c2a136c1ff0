//! What holds for the whole site: its secret.

use crate::error::Fault;
use meeting_model::privacy::SiteSecret;
use rusqlite::Connection;

/// The stored secret, or `fresh` where there was none: public keys must stay what they are (rule P6).
pub(crate) fn secret(conn: &Connection, fresh: [u8; 32]) -> Result<SiteSecret, Fault> {
    conn.execute(
        "INSERT INTO site (name, value) VALUES ('secret', ?1) ON CONFLICT (name) DO NOTHING",
        [hex::encode(fresh)],
    )?;
    let stored: String =
        conn.query_row("SELECT value FROM site WHERE name = 'secret'", [], |row| row.get(0))?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(stored, &mut bytes).map_err(|error| Fault::row("site", error))?;
    Ok(SiteSecret::new(bytes))
}
