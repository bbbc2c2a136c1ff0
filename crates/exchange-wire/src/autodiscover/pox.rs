//! Autodiscover in plain old XML ([MS-OXDSCLI]).

use super::{Said, Settings};
use crate::{
    error::Problem,
    ews::server_version::ServerVersion,
    xml::{self, Element, escape},
};

/// Asks where the services of a mailbox are.
pub fn request(address: &str) -> String {
    format!(
        concat!(
            r#"<?xml version="1.0" encoding="utf-8"?>"#,
            r#"<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">"#,
            "<Request><EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>",
            "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a",
            "</AcceptableResponseSchema></Request></Autodiscover>",
        ),
        address = escape(address),
    )
}

/// Reads what is said.
///
/// # Errors
///
/// When it is not an answer of Autodiscover.
pub fn parse(body: &[u8]) -> Result<Said, Problem> {
    let root = xml::parse(body)?;
    if root.name != "Autodiscover" {
        return Err(super::unexpected("Autodiscover", &root));
    }
    let response = root.child("Response").ok_or(Problem::Missing { element: "Response" })?;
    if let Some(error) = response.child("Error") {
        return Ok(Said::Error { code: super::word(error.value("ErrorCode").unwrap_or("no code")) });
    }
    let account = response.child("Account").ok_or(Problem::Missing { element: "Account" })?;
    let address = account.value("RedirectAddr").or_else(|| account.value("RedirectAddress"));
    match (account.value("Action"), address, account.value("RedirectUrl")) {
        (Some("redirectAddr"), Some(address), _) => Ok(Said::RedirectAddress(address.to_owned())),
        (Some("redirectUrl"), _, Some(url)) => Ok(Said::RedirectUrl(url.to_owned())),
        (Some("settings"), ..) => Ok(Said::Settings(settings(account))),
        _ => Err(Problem::Missing { element: "Action" }),
    }
}

/// Of the protocols, `EXPR` is how the outside reaches the services, `EXCH` how the inside does.
fn settings(account: &Element) -> Settings {
    let protocols = || {
        ["EXPR", "EXCH"].into_iter().flat_map(|kind| {
            account.children_named("Protocol").filter(move |protocol| protocol.value("Type") == Some(kind))
        })
    };
    let said = |name| protocols().filter_map(move |protocol| protocol.value(name));
    let urls =
        protocols().filter_map(|protocol| protocol.value("EwsUrl").or_else(|| protocol.value("ASUrl")));
    let mut ews_urls: Vec<String> = urls.map(str::to_owned).collect();
    ews_urls.dedup();
    Settings {
        ews_urls,
        group: said("GroupingInformation").next().map(str::to_owned),
        server_version: said("ServerVersion").find_map(version),
    }
}

/// `ServerVersion` ([MS-OXDSCLI] 2.2.4.1.1.2.6.43): 32 bits in hex, of which four are a mark, six the major version, six the
/// minor one, one a mark, and fifteen the build.
fn version(hex: &str) -> Option<ServerVersion> {
    let bits = u32::from_str_radix(hex, 16).ok()?;
    let part = |shift: u32, mask: u32| u16::try_from(bits >> shift & mask).ok();
    Some(ServerVersion { major: part(22, 0x3F)?, minor: part(16, 0x3F)?, build: part(0, 0x7FFF)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_packed_into_32_bits() {
        for (hex, expected) in [
            ("73C08204", "15.0.516"),
            ("72008287", "8.0.647"),
            ("73C18193", "15.1.403"),
            ("73C28608", "15.2.1544"),
        ] {
            assert_eq!(version(hex).unwrap().to_string(), expected);
        }
        assert_eq!(version("new"), None);
    }
}
