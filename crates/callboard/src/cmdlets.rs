//! Cmdlets in sentences, as somebody can paste them: with the room and the account that they are about.
//!
//! Who writes a sentence about a reply of Exchange knows neither, and says `ROOM` and `ACCOUNT` within its quotes.

use crate::config::{Config, ServerConfig, SignInConfig};
use meeting_model::id::{RoomId, ServerId};
use std::collections::BTreeMap;

/// How the sentences' cmdlets begin.
const VERBS: [&str; 5] = ["Add-", "Get-", "New-", "Set-", "Test-"];

/// Who signs in to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Account {
    /// Somebody whom rights on a mailbox can be given to.
    User(String),
    /// An application by its client id: no user, and no cmdlet takes it for one.
    Application(String),
}

/// Who signs in to which server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accounts(BTreeMap<ServerId, Account>);

/// A room's calendar, of which a sentence tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Concerned<'a> {
    pub(crate) room: &'a RoomId,
    pub(crate) mailbox: &'a str,
    pub(crate) account: Option<&'a Account>,
}

impl Account {
    /// Who signs in there.
    pub(crate) fn of(server: &ServerConfig) -> Self {
        match &server.sign_in {
            SignInConfig::Basic(account)
            | SignInConfig::Form(account)
            | SignInConfig::Ntlm(account)
            | SignInConfig::Negotiate { account, .. } => Self::User(account.username.clone()),
            SignInConfig::OAuth2 { client_id, .. } => Self::Application(client_id.clone()),
        }
    }

    /// What gives it the right to impersonate the owners of rooms.
    pub(crate) fn impersonates(&self) -> String {
        match self {
            Self::User(name) => {
                format!("New-ManagementRoleAssignment -Role ApplicationImpersonation -User {}", quoted(name))
            }
            Self::Application(id) => format!(
                "New-ManagementRoleAssignment -Role 'Application EWS.AccessAsApp' -App {} -CustomResourceScope SCOPE",
                quoted(id)
            ),
        }
    }
}

impl Accounts {
    pub(crate) fn of(config: &Config) -> Self {
        Self(config.servers.iter().map(|(id, server)| (id.clone(), Account::of(server))).collect())
    }

    pub(crate) fn at(&self, server: &ServerId) -> Option<&Account> {
        self.0.get(server)
    }
}

impl Concerned<'_> {
    /// The sentence with names in its cmdlets.
    pub(crate) fn named(&self, sentence: &str) -> String {
        let parts = sentence.split('`').enumerate();
        let named = parts.map(|(place, part)| match part {
            command if place % 2 == 1 && command.starts_with("callboard ") => {
                each_word(command, |word| (word == "ROOM").then(|| self.room.to_string()))
            }
            cmdlet if place % 2 == 1 && VERBS.iter().any(|verb| cmdlet.starts_with(verb)) => {
                self.of_cmdlet(cmdlet)
            }
            words => words.to_owned(),
        });
        named.collect::<Vec<_>>().join("`")
    }

    fn of_cmdlet(&self, cmdlet: &str) -> String {
        let names_account = cmdlet.ends_with(" ACCOUNT") || cmdlet.contains(" ACCOUNT ");
        match self.account {
            Some(application @ Account::Application(_)) if names_account => application.impersonates(),
            account => each_word(cmdlet, |word| match (word.strip_prefix("ROOM"), account) {
                (Some(""), _) => Some(quoted(self.mailbox)),
                (Some(folder), _) if folder.starts_with(':') => {
                    Some(quoted(&format!("{}{folder}", self.mailbox)))
                }
                (_, Some(Account::User(name))) if word == "ACCOUNT" => Some(quoted(name)),
                _ => None,
            }),
        }
    }
}

/// A text with something in the place of some of its words.
fn each_word(text: &str, in_place: impl Fn(&str) -> Option<String>) -> String {
    let words = text.split(' ').map(|word| in_place(word).unwrap_or_else(|| word.to_owned()));
    words.collect::<Vec<_>>().join(" ")
}

/// As PowerShell takes it.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cmdlet_names_whom_it_is_about() {
        let user = Account::User("EXAMPLE\\o'hara".to_owned());
        let application = Account::Application("11111111-2222".to_owned());
        let room = RoomId::new("berlin");
        let read =
            "no; `Add-MailboxFolderPermission ROOM:\\Calendar -User ACCOUNT -AccessRights Reviewer`, or ask";
        let acts = "`New-ManagementRoleAssignment -Role ApplicationImpersonation -User ACCOUNT` with a scope";
        for (account, sentence, expected) in [
            (
                Some(&user),
                read,
                "no; `Add-MailboxFolderPermission 'b o''x@example.com:\\Calendar' -User 'EXAMPLE\\o''hara' -AccessRights Reviewer`, or ask",
            ),
            (
                Some(&application),
                acts,
                "`New-ManagementRoleAssignment -Role 'Application EWS.AccessAsApp' -App '11111111-2222' -CustomResourceScope SCOPE` with a scope",
            ),
            (Some(&user), "`Get-Mailbox ROOM` shows it", "`Get-Mailbox 'b o''x@example.com'` shows it"),
            (
                Some(&application),
                "`Get-Mailbox ROOM` shows it",
                "`Get-Mailbox 'b o''x@example.com'` shows it",
            ),
            (None, "then `callboard resync-room ROOM`", "then `callboard resync-room berlin`"),
            (
                Some(&user),
                "room `ROOM`: ROOM of ACCOUNT `Board ROOM`",
                "room `ROOM`: ROOM of ACCOUNT `Board ROOM`",
            ),
        ] {
            let concerned = Concerned { room: &room, mailbox: "b o'x@example.com", account };
            assert_eq!(concerned.named(sentence), expected);
        }
    }
}
