//! GetPasswordExpirationDate ([MS-OXWSPED] 3.1.4.1): until when the account's password holds. Exchange 2010 SP2 and later.

use super::{Dialect, date_time, reply};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
};
use chrono::{DateTime, Datelike as _, Utc};

/// What a password that never ends is told to end in.
const NEVER: i32 = 9999;

/// Asks for the account's own, as the account itself.
pub fn request(dialect: Dialect) -> Request {
    dialect.own_request(Operation::GetPasswordExpirationDate, "<m:GetPasswordExpirationDate/>")
}

/// Reads the instant; nothing where the password never ends.
///
/// # Errors
///
/// When the reply does not tell it, as where the server is older or the account has no mailbox: see
/// [`Problem`](crate::Problem).
pub fn parse(reply: &Reply<'_>) -> Result<Option<DateTime<Utc>>, Error> {
    let operation = Operation::GetPasswordExpirationDate;
    let message = reply::bare_message(operation, reply)?;
    let told = message.value("PasswordExpirationDate").and_then(date_time::instant);
    let told = told.ok_or_else(|| reply::missing(operation, "PasswordExpirationDate"))?;
    Ok(Some(told).filter(|ends| ends.year() < NEVER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &str) -> Result<Option<String>, String> {
        let body = format!(
            "<Envelope><Body><GetPasswordExpirationDateResponse ResponseClass='Success'><ResponseCode>NoError</ResponseCode>\
             {message}</GetPasswordExpirationDateResponse></Body></Envelope>"
        );
        let read = parse(&Reply { status: 200, headers: &[], body: body.as_bytes() });
        read.map(|ends| ends.map(|ends| ends.to_rfc3339())).map_err(|error| error.to_string())
    }

    #[test]
    fn what_never_ends_is_nothing() {
        let told = |date: &str| read(&format!("<PasswordExpirationDate>{date}</PasswordExpirationDate>"));
        assert_eq!(told("2026-12-01T08:00:00.123Z"), Ok(Some("2026-12-01T08:00:00.123+00:00".into())));
        assert_eq!(told("9999-12-31T23:59:59.9999999"), Ok(None));
        for unread in [told("soon"), read("")] {
            assert!(unread.unwrap_err().contains("PasswordExpirationDate"));
        }
    }
}
