//! ResponseCodeType ([MS-OXWSCDATA] 2.2.5.24): hundreds of codes, and what each asks for.

use crate::{
    error::{Denied, Problem, Refused, Unusable},
    xml::Element,
};
use std::time::Duration;

/// What a message says when it does not say `NoError`.
#[derive(Debug)]
pub(super) struct Failure {
    code: String,
    message: String,
    back_off: Option<Duration>,
}

const TABLE: &str = include_str!("../../data/response_codes.tsv");

/// The class of a code, as the table has it; `None` for codes that are only reported.
fn class(code: &str) -> Option<&'static str> {
    TABLE
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .find(|(known, _)| *known == code)
        .map(|(_, class)| class)
}

impl Failure {
    /// Reads a failure: `code` as the server has it, its text, and the `MessageXml` of a message or of a fault's detail.
    ///
    /// An ErrorInternalServerError may hold a code that says more.
    pub(super) fn new(code: &str, text: &str, message_xml: Option<&Element>) -> Self {
        let named = |name: &str| {
            message_xml?
                .children_named("Value")
                .find(|value| value.attribute("Name") == Some(name))
                .map(|value| value.text().trim())
        };
        let inner = named("InnerErrorResponseCode").filter(|_| code == "ErrorInternalServerError");
        let code = inner.filter(|inner| class(inner).is_some()).unwrap_or(code);
        Self {
            code: code.chars().filter(|character| !character.is_control()).take(64).collect(),
            message: loggable(text),
            back_off: named("BackOffMilliseconds")
                .and_then(|value| value.parse().ok())
                .map(Duration::from_millis),
        }
    }

    /// A failure that the server named by code alone.
    pub(super) fn code(code: &str) -> Self {
        Self::new(code, "", None)
    }

    /// Whether an item is simply not there any more.
    pub(super) fn is_gone(&self) -> bool {
        class(&self.code) == Some("gone")
    }

    /// Whether it concerns the one item it was said of, and nothing else.
    pub(super) fn is_of_one_item(&self) -> bool {
        matches!(class(&self.code), None | Some("gone" | "rejected" | "failure"))
    }

    /// What it means for whoever asked.
    pub(super) fn problem(self) -> Problem {
        let Self { code, message, back_off } = self;
        match class(&code).unwrap_or_default() {
            "busy" => Problem::ServerBusy { code, back_off },
            "transient" | "failure" => Problem::Transient { found: format!("`{code}`") },
            "unavailable" => Problem::MailboxUnavailable { code },
            "wrong-server" => Problem::WrongServer { code },
            "too-much" => Problem::TooMuch { code },
            "subscription-lost" => Problem::SubscriptionLost { code },
            "subscription-unsupported" => {
                Problem::SubscriptionRefused { refused: Refused::NotSupported, code }
            }
            "subscription-limit" => Problem::SubscriptionRefused { refused: Refused::TooMany, code },
            "sync-state" => Problem::SyncStateInvalid { code },
            "folder-not-found" | "gone" => Problem::FolderNotFound { code },
            "mailbox-not-found" => Problem::MailboxNotFound { code },
            "read-denied" => Problem::AccessDenied { denied: Denied::Read, code },
            "impersonation-denied" => Problem::AccessDenied { denied: Denied::Impersonate, code },
            "account" => Problem::AccountUnusable { reason: account_reason(&code) },
            "forbidden" => Problem::Forbidden,
            "version" => Problem::VersionRefused { code },
            "rejected" => Problem::Rejected { code, message },
            _ => Problem::ResponseCode { code, message },
        }
    }
}

fn account_reason(code: &str) -> Unusable {
    match code {
        "ErrorAccountDisabled" => Unusable::Disabled,
        _ => Unusable::PasswordExpired,
    }
}

/// The server's words, fit for a log: one line, without addresses, not endless.
fn loggable(text: &str) -> String {
    let words = text.split_whitespace().map(|word| if word.contains('@') { "(address)" } else { word });
    let line: String = words.collect::<Vec<_>>().join(" ");
    line.chars().filter(|character| !character.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_of_the_table_is_known() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (code, class) = line.split_once('\t').unwrap();
            let problem = Failure::code(code).problem();
            assert!(!matches!(problem, Problem::ResponseCode { .. }), "{code} is {class}");
        }
    }

    #[test]
    fn no_code_is_named_twice() {
        let mut codes: Vec<_> = TABLE.lines().filter_map(|line| line.split_once('\t')).collect();
        codes.sort_unstable();
        codes.dedup_by_key(|(code, _)| *code);
        assert_eq!(codes.len(), TABLE.lines().filter(|line| line.contains('\t')).count());
    }

    #[test]
    fn messages_lose_addresses_and_length() {
        let text = format!("User <room@example.com>\n has {}", "x".repeat(500));
        let line = loggable(&text);
        assert!(line.starts_with("User (address) has xxx"), "{line}");
        assert_eq!(line.chars().count(), 200);
    }
}
