//! Who is at a phone's address. Addresses are lent to other phones, which must not show this room's meetings.

use crate::{
    error::{Fault, PushError},
    http::{Answer, Http},
    xml::{Element, printable},
};
use reqwest::{Method, StatusCode, Url};
use std::sync::{Mutex, PoisonError};

/// Whom we mean, and who was last found.
pub(super) struct Identity {
    url: Url,
    /// As it was configured.
    named: Option<String>,
    /// Where it was not: whoever was there first.
    first: Mutex<Option<String>>,
}

impl Identity {
    /// `/DeviceInformationX` on the host that is pushed to.
    pub(super) fn new(execute: &Url, named: Option<String>) -> Self {
        let mut url = execute.clone();
        let beside = execute.path().strip_suffix("/CGI/Execute").unwrap_or_default();
        url.set_path(&format!("{beside}/DeviceInformationX"));
        Self { url, named: named.map(|name| phone_name(&name)), first: Mutex::default() }
    }

    /// Asks who is there.
    ///
    /// # Errors
    ///
    /// When nobody answers, when it is another phone, and when it does not say who it is though one is meant by name.
    pub(super) async fn check(&self, http: &Http) -> Result<(), PushError> {
        let answer = http.ask(http.request(Method::GET, self.url.clone())).await?;
        let found = (answer.status == StatusCode::OK).then(|| of_information(&answer.body)).flatten();
        let Some(found) = found else { return self.unnamed(http, answer) };
        let expected = self.named.clone().unwrap_or_else(|| self.first(&found));
        if expected == found {
            return Ok(());
        }
        Err(http.place().error(Fault::AnotherDevice { expected, found }))
    }

    /// Phones that are not under CUCM, and those whose pages are switched off, do not say who they are.
    fn unnamed(&self, http: &Http, answer: Answer) -> Result<(), PushError> {
        let Some(expected) = self.named.clone() else { return Ok(()) };
        let status = answer.status;
        let is_told_apart = status.is_redirection()
            || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        if is_told_apart {
            http.expect_success(answer, &self.url)?;
        }
        Err(http.place().error(Fault::Unidentified { expected, status: status.as_u16() }))
    }

    fn first(&self, found: &str) -> String {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| found.to_owned()).clone()
    }
}

/// The name that DeviceInformationX tells; where it has none, the MAC address, which names are made of.
pub(super) fn of_information(body: &[u8]) -> Option<String> {
    let information = Element::parse(body).ok().filter(|root| root.name == "DeviceInformation")?;
    let told = ["HostName", "MACAddress"]
        .into_iter()
        .find_map(|name| information.text_of(name).filter(|text| !text.is_empty()));
    told.map(phone_name)
}

/// What a phone is known by, of its device name or its MAC address: without `SEP` and whatever separates the digits, in
/// capitals. Two that are equal are one phone.
pub fn phone_name(name: &str) -> String {
    let kept: String = printable(name, 64).chars().filter(|c| c.is_alphanumeric()).collect();
    let kept = kept.to_uppercase();
    kept.strip_prefix("SEP").map_or_else(|| kept.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_known_by_its_name_or_its_address() {
        for (information, name) in [
            (
                "<MACAddress>0003E369A125</MACAddress><HostName>SEP0003E369A125</HostName>",
                Some("0003E369A125"),
            ),
            ("<MACAddress>00:03:e3:69:a1:25</MACAddress>", Some("0003E369A125")),
            ("<HostName></HostName><MACAddress>0003E369A125</MACAddress>", Some("0003E369A125")),
            ("<phoneDN>5920</phoneDN>", None),
        ] {
            let document = format!(
                "<?xml version='1.0' encoding='iso-8859-1'?><DeviceInformation>{information}</DeviceInformation>"
            );
            assert_eq!(of_information(document.as_bytes()).as_deref(), name, "{information}");
        }
        assert_eq!(of_information(b"<html/>"), None);
        assert_eq!(phone_name("sep00:03:E3-69.a1.25"), "0003E369A125");
    }
}
