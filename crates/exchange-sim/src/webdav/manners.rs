//! How a server with WebDAV behaves, where servers differ or nobody knows.

use chrono::Duration;

/// Which Exchange it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreVersion {
    /// Exchange 2003 SP2 on IIS 6.
    Exchange2003,
    /// Exchange 2007 SP1 on IIS 7.
    Exchange2007,
}

impl StoreVersion {
    pub(super) fn build(self) -> &'static str {
        match self {
            Self::Exchange2003 => "6.5.7638",
            Self::Exchange2007 => "08.01.10240",
        }
    }

    pub(super) fn server(self) -> &'static str {
        match self {
            Self::Exchange2003 => "Microsoft-IIS/6.0",
            Self::Exchange2007 => "Microsoft-IIS/7.0",
        }
    }
}

/// How accounts sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebdavSignIn {
    /// As [`World::set_sign_in`](crate::World::set_sign_in) says.
    Http,
    /// By the form of its version; nothing else is taken.
    Forms,
}

/// What becomes of ids that the store does not know when they are polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LostIds {
    /// They are told, with 412.
    Told,
    /// They are left out.
    LeftOut,
}

/// What becomes of a collblob that is none, or another query's: the page of the SDK that said so is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InvalidCollblob {
    /// 400.
    BadRequest,
    /// 422.
    Unprocessable,
    /// It is passed over: everything is told as new.
    FullList,
}

/// How datagrams are sent, and what becomes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatagramManners {
    /// How long after a datagram the same is sent again, where nobody polled.
    #[serde(rename = "again_ms", with = "crate::milliseconds")]
    pub again: Duration,
    /// How many of a thousand are lost.
    pub lost_per_mille: u32,
    /// Each arrives twice.
    pub doubled: bool,
}

/// How a server with WebDAV behaves.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebdavManners {
    /// Which Exchange it is.
    pub version: StoreVersion,
    /// How accounts sign in.
    pub sign_in: WebdavSignIn,
    /// How long a form's session lasts without a request.
    #[serde(rename = "session_ms", with = "crate::milliseconds")]
    pub session: Duration,
    /// A wrong password is told by a redirection with cookies that are worth nothing.
    pub wrong_password_redirects: bool,
    /// What calendars are called: in the language of whoever opened the mailbox first.
    pub calendar: String,
    /// The host in the addresses that are told; the one that was asked, unless said.
    pub host: Option<String>,
    /// What becomes of lost ids.
    pub lost_ids: LostIds,
    /// What becomes of collblobs that are worth nothing.
    pub invalid_collblob: InvalidCollblob,
    /// The longest that a subscription is granted for.
    #[serde(rename = "longest_ms", with = "crate::milliseconds")]
    pub longest: Duration,
    /// The first number of a subscription in a store that has just started.
    pub first_id: u32,
    /// The most rows in one reply, whatever range is asked for.
    pub rows: usize,
    /// A control character, as a reference, ends every subject.
    pub control_characters: bool,
    /// How datagrams are sent to whoever gave an address for them.
    pub datagrams: DatagramManners,
}

impl Default for WebdavManners {
    /// Exchange 2003, as it is set up first.
    fn default() -> Self {
        Self::of(StoreVersion::Exchange2003)
    }
}

impl WebdavManners {
    /// A server of a version, as it is set up first.
    pub fn of(version: StoreVersion) -> Self {
        Self {
            version,
            sign_in: WebdavSignIn::Http,
            session: Duration::hours(24),
            wrong_password_redirects: false,
            calendar: "Calendar".to_owned(),
            host: None,
            lost_ids: LostIds::Told,
            invalid_collblob: InvalidCollblob::BadRequest,
            longest: Duration::hours(1),
            first_id: 1,
            rows: usize::MAX,
            control_characters: false,
            datagrams: DatagramManners { again: Duration::seconds(30), lost_per_mille: 0, doubled: false },
        }
    }
}
