//! What our errors mean to the engine.

use crate::error::Error;
use std::error::Error as _;
use sync_engine::Unreachable;

impl From<Error> for Unreachable {
    fn from(error: Error) -> Self {
        let (whole_server, remedy) = match &error {
            Error::Certificates { .. } | Error::Client { .. } | Error::UnknownServer { .. } => (true, None),
            Error::Connect { source, .. } => (true, Some(connect_remedy(source))),
            Error::Timeout { .. } => {
                (false, Some("if this happens often, look at the server's load and at what stands between"))
            }
            Error::BrokenOff { .. } => (false, Some("it is asked again")),
            Error::TooLarge { .. } => (false, Some("check that the address is Exchange's")),
        };
        let cause = innermost(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        let remedy = remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default();
        Self { whole_server, sentence: format!("{error}{cause}{remedy}") }
    }
}

/// What the lowest layer said: `Connection refused`, `invalid peer certificate: UnknownIssuer`.
fn innermost(error: &Error) -> Option<String> {
    let mut cause = error.source()?;
    while let Some(next) = cause.source() {
        cause = next;
    }
    Some(cause.to_string())
}

fn connect_remedy(source: &reqwest::Error) -> &'static str {
    let text = format!("{source:?}");
    if text.contains("UnknownIssuer") {
        "give the certificate of the authority that issued the server's as `ca_file`"
    } else if text.contains("certificate") || text.contains("Certificate") {
        "the address must name the server as its certificate does, and the certificate must be in force"
    } else if text.contains("dns") {
        "check the host's name in `url` and the resolver"
    } else {
        "check `url`, that the server runs, and that no firewall stands between"
    }
}
