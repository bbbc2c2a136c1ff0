//! What an administrator can do about an error: the cmdlet or the setting.

use super::{Denied, Error, Problem, Refused, Unusable};
use crate::http::Operation;

impl Error {
    /// What an administrator can do about it, where there is something.
    pub fn remedy(&self) -> Option<&'static str> {
        let of_webdav = match self.operation {
            Operation::Webdav(_) => self.of_webdav(),
            _ => None,
        };
        of_webdav.or_else(|| self.of_sign_in()).or_else(|| self.of_what_was_asked())
    }

    /// What is another thing to do where WebDAV is spoken.
    fn of_webdav(&self) -> Option<&'static str> {
        Some(match &self.problem {
            Problem::WebdavEnded { .. } => "use `protocol = \"ews\"`, at `https://server/EWS/Exchange.asmx`",
            Problem::SignInPage | Problem::SessionEnded => {
                "people sign in there by a form: `auth = \"form\"`"
            }
            Problem::MailboxUnauthorized => {
                "check the account's name and password, as `DOMAIN\\account` or `account@domain`, and that `auth` is a way to sign in that \
                 the virtual directory offers; where other rooms of this server can be read, nobody has opened this mailbox yet: open it once \
                 in Outlook Web Access"
            }
            Problem::FormRefused => {
                "check the account's name and password, as `DOMAIN\\account` or `account@domain`"
            }
            Problem::AccessDenied { .. } => {
                "give the account Receive-As or full access on the mailbox, or the role Reviewer on its calendar; over plain HTTP, \
                 configure `https://`: Exchange may require it"
            }
            Problem::FolderNotFound { .. } => {
                "open the room's calendar once, in Outlook or Outlook Web Access: it is made at the first sign-in"
            }
            Problem::MailboxNotFound { .. } => {
                "configure the room's SMTP address of the domain that the virtual directory serves"
            }
            Problem::WrongPath { .. } => {
                "configure the address of the mailboxes, usually `https://server/exchange/`; Exchange 2010 and later have no WebDAV: \
                 use `protocol = \"ews\"`"
            }
            Problem::Transient { found } if found == "status 500" => {
                "it is asked again; where everything below `/exchange` fails so, WebDAV is not installed: use `protocol = \"ews\"`"
            }
            _ => return None,
        })
    }

    /// What lets us in.
    fn of_sign_in(&self) -> Option<&'static str> {
        Some(match &self.problem {
            Problem::SignInPage => {
                "let `/EWS/Exchange.asmx` through the proxy without forms-based sign-in, or configure the server's own address"
            }
            Problem::WebPage => {
                "open the configured address in a browser on this machine to see whose page it is (a proxy or filter on the way, \
                 or another web server), then let this machine through, or configure the address of Exchange"
            }
            Problem::SessionEnded => {
                "let `/EWS/Exchange.asmx` through the proxy with the account's own sign-in, not by a form that keeps sessions"
            }
            Problem::ProxySignIn => {
                "let this machine through the proxy without a sign-in, or put the server's host into `NO_PROXY` where callboard is started"
            }
            Problem::Unauthorized { offered }
                if offered.len() == 1 && offered.iter().all(|one| one == "Bearer") =>
            {
                "the server takes tokens only: `auth = \"oauth2\"` with an application that has the role `full_access_as_app` and an \
                 administrator's consent, `access = \"impersonation\"`, and the scope of this very server"
            }
            Problem::Unauthorized { offered } => of_refusal(offered),
            Problem::NotLocated { trail } if trail.refusals() > 0 => {
                "check the account's name and password, and that Autodiscover offers the configured way to sign in"
            }
            Problem::AccountUnusable { reason } => match reason {
                Unusable::LockedOut => {
                    "unlock the service account, and look for who else tries passwords for it, then `callboard resync-room ROOM`"
                }
                Unusable::Disabled => "enable the service account, then `callboard resync-room ROOM`",
                Unusable::PasswordExpired => {
                    "set a new password for the service account, put it where `password_file` says, then `callboard reload`"
                }
                Unusable::Policy => {
                    "let the sign-in policies of its tenant (Conditional Access, security defaults, blocked sign-in) admit the \
                     service account from this machine, then `callboard resync-room ROOM`"
                }
            },
            Problem::Forbidden => {
                "allow Exchange Web Services for the account, the mailbox and this program: `Set-CASMailbox -EwsEnabled $true`, \
                 `Set-OrganizationConfig -EwsApplicationAccessPolicy`; Exchange Online has it off since 2026-10-01 unless \
                 `Set-OrganizationConfig -EwsEnabled $true -EwsAllowedAppIDs` names this application, and for good from 2027-04-01"
            }
            _ => return None,
        })
    }

    /// What makes the answer come.
    fn of_what_was_asked(&self) -> Option<&'static str> {
        Some(match &self.problem {
            Problem::WrongPath { .. } => {
                "configure the address of Exchange Web Services, usually `https://server/EWS/Exchange.asmx`"
            }
            Problem::Redirected { .. } | Problem::WrongServer { .. } => {
                "configure the address of the server that holds the mailbox: redirections are not followed with credentials"
            }
            Problem::NotLocated { .. } => {
                "publish Autodiscover at `autodiscover.` and the mailbox's domain, name the domains it leads to in \
                 `autodiscover_domains`, or configure the address of Exchange Web Services as `url`"
            }
            Problem::VersionRefused { .. } => "configure the version of the server that holds the mailbox",
            Problem::MailboxNotFound { .. } => {
                "configure the room's primary SMTP address, as `Get-Mailbox -RecipientTypeDetails RoomMailbox` lists them"
            }
            Problem::AccessDenied { denied: Denied::Read, .. } => {
                "`Add-MailboxFolderPermission ROOM:\\Calendar -User ACCOUNT -AccessRights Reviewer`, or full access to the mailbox; in \
                 another language `Get-MailboxFolderStatistics ROOM -FolderScope Calendar` says what the folder is called"
            }
            Problem::AccessDenied { denied: Denied::Impersonate, .. } => {
                "`New-ManagementRoleAssignment -Role ApplicationImpersonation -User ACCOUNT` with a scope that holds the room, \
                 or configure delegate access"
            }
            Problem::FolderNotFound { .. } => {
                "open the room's calendar once, in Outlook or Outlook on the web"
            }
            Problem::SubscriptionRefused { refused: Refused::NotSupported, .. } => {
                "give the account full access to the mailbox or let it impersonate; until then the room is asked at intervals"
            }
            Problem::SubscriptionRefused { refused: Refused::TooMany, .. } => {
                "raise `EwsMaxSubscriptions` by a throttling policy for the account, or configure impersonation"
            }
            Problem::ServerBusy { .. } | Problem::Throttled { status: 429, .. } => {
                "it is asked again when its pause is over, by fewer rooms at once; if this happens daily, give the account a \
                 throttling policy of its own (`New-ThrottlingPolicy`)"
            }
            Problem::Throttled { .. } => {
                "it is asked again after a pause; if this goes on, see that the web services' application pools run on the server, and \
                 what the load balancer on the way says of it"
            }
            Problem::Transient { .. } => {
                "it is asked again; if this goes on, look into the server's event log and into its logs of web services"
            }
            Problem::MailboxUnavailable { code } if code.starts_with("ErrorMailboxMove") => {
                "it is asked again; there is nothing to do while the mailbox is moved: `Get-MoveRequestStatistics ROOM` says how far that is"
            }
            Problem::MailboxUnavailable { .. } => {
                "it is asked again; if this goes on, see that the mailbox's database is mounted (`Get-MailboxDatabase -Status`)"
            }
            Problem::PlainHttp => "write `https://` in `url`, or the port that speaks plain HTTP",
            Problem::Truncated { .. } => {
                "it is asked again; if this goes on, look for a proxy or filter on the way that cuts replies"
            }
            Problem::Unexpected { .. } => {
                "it is asked again; if this goes on, look for a proxy or cache on the way that mixes up replies"
            }
            _ => return None,
        })
    }
}

/// What lets an account in that a server refuses which offers these schemes. Whoever signs in takes a server that does not offer the
/// configured scheme for another matter, so that where any is offered, it was tried.
fn of_refusal(offered: &[String]) -> &'static str {
    let offers = |scheme: &str| offered.iter().any(|one| one.eq_ignore_ascii_case(scheme));
    if offered.is_empty() {
        return "check the account's name and password, and that the server offers a configured way to sign in";
    }
    if offers("NTLM") || offers("Negotiate") {
        return "name or password is wrong: check both, as `DOMAIN\\account` or `account@domain`; where `auth` is \"ntlm\" or \
                \"negotiate\" and both are right, Extended Protection is in the way: let the TLS connection end at Exchange itself";
    }
    "name or password is wrong: check both, as `DOMAIN\\account` or `account@domain`"
}
