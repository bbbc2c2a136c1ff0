//! `ServerVersionInfo`: which Exchange answered ([MS-OXWSCDATA] 2.2.3.12).

use crate::{http::Reply, xml};
use std::fmt;

/// Which Exchange answered. 8 is 2007, 14 is 2010, 15.0 is 2013, 15.1 is 2016, 15.2 is 2019 and Subscription Edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerVersion {
    /// Major version.
    pub major: u16,
    /// Minor version.
    pub minor: u16,
    /// Major build number.
    pub build: u16,
}

impl fmt::Display for ServerVersion {
    /// As `15.2.1544`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.build)
    }
}

/// The version in a reply's header, where it says one. Reads the whole reply: ask it of small ones.
pub fn parse(reply: &Reply<'_>) -> Option<ServerVersion> {
    let envelope = xml::parse(reply.body).ok()?;
    let info = envelope.child("Header")?.child("ServerVersionInfo")?;
    let number = |name| info.attribute(name)?.parse().ok();
    Some(ServerVersion {
        major: number("MajorVersion")?,
        minor: number("MinorVersion")?,
        build: number("MajorBuildNumber").unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_header_under_any_prefix() {
        let body = br#"<s:Envelope xmlns:s="s"><s:Header><h:ServerVersionInfo xmlns:h="t" MajorVersion="15" MinorVersion="2"
            MajorBuildNumber="1544" MinorBuildNumber="4"/></s:Header><s:Body/></s:Envelope>"#;
        let version = parse(&Reply { status: 200, headers: &[], body }).unwrap();
        assert_eq!(version.to_string(), "15.2.1544");
        let silent = b"<Envelope><Header/><Body/></Envelope>";
        assert_eq!(parse(&Reply { status: 200, headers: &[], body: silent }), None);
    }
}
