//! Why there is no sample.

use std::{fmt, io, time::Duration};

/// Why an NTP server that was asked gave no sample. The sentences stand behind the server's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSample {
    /// Its name means no address.
    #[error("its name cannot be resolved ({0:?}); check the name and this machine's DNS")]
    Name(io::ErrorKind),
    /// It cannot be sent to.
    #[error("it cannot be reached ({0:?}); check the address, and that UDP gets out to it")]
    Unreachable(io::ErrorKind),
    /// Nothing came that was an answer.
    #[error("no answer within {} s; check that UDP gets out to it and back", .0.as_secs_f32())]
    Silent(Duration),
    /// What came is no NTP packet.
    #[error("what it answers is no NTP packet")]
    Unreadable,
    /// What came is no server's answer (RFC 5905 §7.3, mode).
    #[error("what it answers is not of a server's mode")]
    Mode,
    /// What came answers another question: an old one, or nobody's (RFC 5905 §8, bogus).
    #[error("what it answers was not asked")]
    Origin,
    /// It says that it must not be used so (RFC 5905 §7.4).
    #[error("it refuses: {0}")]
    Kiss(Kiss),
    /// It does not know the time itself: its leap indicator is the alarm, or its stratum is 16 (RFC 5905 §7.3).
    #[error("it has no time to give: it is not synchronised itself")]
    Unsynchronised,
    /// Its times contradict each other.
    #[error("its times contradict each other")]
    Impossible,
}

impl NoSample {
    /// Whether the server itself has said so in answer to our question. Everything else may come from anybody, and is no
    /// reason not to wait for the answer.
    pub fn is_said_by_the_server(&self) -> bool {
        matches!(self, Self::Kiss(_) | Self::Unsynchronised | Self::Impossible)
    }
}

/// What a kiss-o'-death packet says (RFC 5905 §7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kiss {
    /// It is asked too often. It names the interval it bears, as a power of two in seconds.
    Rate {
        /// The interval it bears.
        poll: i8,
    },
    /// It denies us access.
    Deny,
    /// It restricts access by policy.
    Restrict,
    /// Another code, which asks for nothing.
    Other([u8; 4]),
}

impl Kiss {
    /// The kiss of a code, in a packet that names an interval, as a power of two in seconds.
    pub fn of(code: [u8; 4], poll: i8) -> Self {
        match &code {
            b"RATE" => Self::Rate { poll },
            b"DENY" => Self::Deny,
            b"RSTR" => Self::Restrict,
            _ => Self::Other(code),
        }
    }
}

impl fmt::Display for Kiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate { .. } => f.write_str("asked too often (RATE); it is asked less often"),
            Self::Deny => {
                f.write_str("access denied (DENY); name another server, or let it serve this machine")
            }
            Self::Restrict => {
                f.write_str("access restricted (RSTR); name another server, or let it serve this machine")
            }
            Self::Other(code) => write!(f, "kiss code `{}`", code.escape_ascii()),
        }
    }
}
