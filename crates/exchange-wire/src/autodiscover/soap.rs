//! Autodiscover in SOAP: GetUserSettings ([MS-OXWSADISC] 3.1.4.3). Exchange 2010 and later.

use super::{Said, Settings};
use crate::{
    error::Problem,
    ews::server_version::ServerVersion,
    xml::{self, Element, escape},
};

/// Asks the service at this address where the services of a mailbox are.
pub fn request(url: &str, address: &str) -> String {
    format!(
        concat!(
            r#"<?xml version="1.0" encoding="utf-8"?>"#,
            r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/""#,
            r#" xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover""#,
            r#" xmlns:wsa="http://www.w3.org/2005/08/addressing"><s:Header>"#,
            "<a:RequestedServerVersion>Exchange2010</a:RequestedServerVersion><wsa:Action>",
            "http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings",
            "</wsa:Action><wsa:To>{url}</wsa:To></s:Header><s:Body><a:GetUserSettingsRequestMessage><a:Request>",
            "<a:Users><a:User><a:Mailbox>{address}</a:Mailbox></a:User></a:Users><a:RequestedSettings>",
            "<a:Setting>ExternalEwsUrl</a:Setting><a:Setting>InternalEwsUrl</a:Setting>",
            "<a:Setting>GroupingInformation</a:Setting></a:RequestedSettings></a:Request>",
            "</a:GetUserSettingsRequestMessage></s:Body></s:Envelope>",
        ),
        url = escape(url),
        address = escape(address),
    )
}

/// Reads what is said of the first mailbox.
///
/// # Errors
///
/// When it is not an answer of Autodiscover.
pub fn parse(body: &[u8]) -> Result<Said, Problem> {
    let envelope = xml::parse(body)?;
    if envelope.name != "Envelope" {
        return Err(super::unexpected("Envelope", &envelope));
    }
    let answer = envelope.child("Body").and_then(|body| body.children.first());
    let answer = answer.ok_or(Problem::Missing { element: "Body" })?;
    if answer.name == "Fault" {
        return Ok(Said::Error { code: super::word(answer.value("faultcode").unwrap_or("a fault")) });
    }
    if answer.name != "GetUserSettingsResponseMessage" {
        return Err(super::unexpected("GetUserSettingsResponseMessage", answer));
    }
    let response = answer.child("Response").ok_or(Problem::Missing { element: "Response" })?;
    if let Some(error) = error(response) {
        return Ok(error);
    }
    let user = response.child("UserResponses").and_then(|users| users.child("UserResponse"));
    let user = user.ok_or(Problem::Missing { element: "UserResponse" })?;
    match (user.value("ErrorCode"), user.value("RedirectTarget")) {
        (Some("RedirectAddress"), Some(target)) => Ok(Said::RedirectAddress(target.to_owned())),
        (Some("RedirectUrl"), Some(target)) => Ok(Said::RedirectUrl(target.to_owned())),
        _ => Ok(error(user).unwrap_or_else(|| Said::Settings(settings(&envelope, user)))),
    }
}

fn error(response: &Element) -> Option<Said> {
    let code = response.value("ErrorCode").filter(|code| *code != "NoError")?;
    Some(Said::Error { code: super::word(code) })
}

fn settings(envelope: &Element, user: &Element) -> Settings {
    let list = user.child("UserSettings").map(|list| list.children.as_slice()).unwrap_or_default();
    let setting = |name| {
        list.iter()
            .find(|setting| setting.value("Name") == Some(name))
            .and_then(|setting| setting.value("Value"))
    };
    let mut ews_urls: Vec<String> =
        ["ExternalEwsUrl", "InternalEwsUrl"].into_iter().filter_map(setting).map(str::to_owned).collect();
    ews_urls.dedup();
    Settings {
        ews_urls,
        group: setting("GroupingInformation").map(str::to_owned),
        server_version: envelope.child("Header").and_then(version),
    }
}

/// The numbers are elements here, not attributes as in Exchange Web Services.
fn version(header: &Element) -> Option<ServerVersion> {
    let info = header.child("ServerVersionInfo")?;
    let number = |name| info.value(name)?.parse().ok();
    Some(ServerVersion {
        major: number("MajorVersion")?,
        minor: number("MinorVersion")?,
        build: number("MajorBuildNumber").unwrap_or(0),
    })
}
