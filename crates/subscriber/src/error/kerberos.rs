//! Why a key distribution centre gives no ticket.

use std::fmt;

/// The error code of a KRB-ERROR (RFC 4120 §7.5.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KerberosRefusal(pub u32);

impl KerberosRefusal {
    /// Whether it is about the account: asking again with the same password may lock it out, or cannot help.
    pub fn is_of_the_account(self) -> bool {
        matches!(self.0, 1 | 6 | 18 | 23 | 24)
    }

    /// For how many refusals of the account it counts: a wrong password may be a new one that is not known everywhere yet, all else
    /// stays as it is until somebody changes it.
    pub(crate) fn refusals(self) -> u32 {
        match self.0 {
            24 => 1,
            _ if self.is_of_the_account() => 2,
            _ => 0,
        }
    }

    /// What can be done about it.
    pub fn remedy(self) -> &'static str {
        match self.0 {
            1 => "extend the account, then `callboard resync-room ROOM`",
            6 => "check `username`: the account and its domain, as Active Directory writes them",
            7 => "register the host of `url` for the servers' account: `setspn -S HTTP/HOST ACCOUNT`",
            14 => "let the account use AES (`msDS-SupportedEncryptionTypes`), and set its password anew",
            18 => "unlock or enable the account, then `callboard resync-room ROOM`",
            23 => {
                "set a new password for the account, put it where `password_file` says, then `callboard reload`"
            }
            24 => "put the right password where `password_file` says, then `callboard reload`",
            37 => "set this machine's clock by the domain's",
            68 => "give `username` with the account's own domain, and that domain's `kdc`",
            _ => "look for this code in the domain controller's event log",
        }
    }
}

impl fmt::Display for KerberosRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.0 {
            1 => "the account has expired",
            6 => "it knows no such account",
            7 => "it knows no service of the host in `url`",
            14 => "it has no kind of encryption in common with us",
            18 => "the account is locked out or disabled",
            23 => "the password has expired",
            24 => "the password is wrong",
            37 => "the clocks differ too much",
            68 => "the account is of another domain",
            _ => "it refuses",
        };
        write!(f, "{reason} (Kerberos error {})", self.0)
    }
}
