//! ResolveNames ([MS-OXWSRSLNM] 3.1.4.1): what the directory has under a name or an address.

use super::{Dialect, EmailAddress, Version, reply};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
    xml::{self, escape},
};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Everything that can be reached by SMTP, the best match first. Exchange tells 100 at most.
    pub matches: Vec<EmailAddress>,
    /// Whether that is all.
    pub is_whole: bool,
}

/// Asks for what begins with these words, as the account itself. An address behind `smtp:` finds itself alone.
pub fn request(dialect: Dialect, words: &str) -> Request {
    // Exchange 2007 does not know where to search, and takes the directory first.
    let scope =
        if dialect.version < Version::Exchange2010 { "" } else { r#" SearchScope="ActiveDirectory""# };
    let body = format!(
        concat!(
            r#"<m:ResolveNames ReturnFullContactData="false"{scope}><m:UnresolvedEntry>{words}</m:UnresolvedEntry>"#,
            "</m:ResolveNames>",
        ),
        scope = scope,
        words = escape(words),
    );
    dialect.own_request(Operation::ResolveNames, &body)
}

/// Reads what was found, which may be nothing.
///
/// # Errors
///
/// When the reply does not tell: see [`Problem`](crate::Problem).
pub fn parse(reply: &Reply<'_>) -> Result<Resolved, Error> {
    let operation = Operation::ResolveNames;
    let messages = reply::messages(operation, reply)?;
    let message = messages.first().ok_or_else(|| reply::missing(operation, "ResolveNamesResponseMessage"))?;
    match message.value("ResponseCode") {
        Some("ErrorNameResolutionNoResults") => return Ok(Resolved { matches: Vec::new(), is_whole: true }),
        // A warning, with what was found.
        Some("ErrorNameResolutionMultipleResults") => {}
        _ => {
            if let Some(failure) = reply::failure(message) {
                return Err(Error { operation, problem: failure.problem() });
            }
        }
    }
    let set = message.child("ResolutionSet").ok_or_else(|| reply::missing(operation, "ResolutionSet"))?;
    let matches = set.children.iter().filter_map(|found| EmailAddress::read(found.child("Mailbox")?));
    let is_whole = set.attribute("IncludesLastItemInRange").and_then(xml::boolean).unwrap_or(true);
    Ok(Resolved { matches: matches.collect(), is_whole })
}
