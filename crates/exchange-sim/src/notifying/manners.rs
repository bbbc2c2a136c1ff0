//! What streams say beside events: Exchange, and the server that is not Exchange.

/// What streams say beside events, where servers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamManners {
    /// Whether any message may begin with an XML declaration, instead of the first alone.
    pub declares_anywhere: bool,
    /// Whether every message says how the connection is, and has all of its lists, even empty ones.
    pub says_all: bool,
    /// Whether a heartbeat is a StatusEvent of every subscription, instead of the word that the connection is well.
    pub beats_by_events: bool,
    /// Whether a stream ends only when it would have beaten, its last beat and a farewell both saying `Closed`.
    pub ends_by_beating: bool,
    /// Whether the first of two connections ends without an error.
    pub yields_in_silence: bool,
}

impl StreamManners {
    /// Those of Exchange.
    pub fn exchange() -> Self {
        Self {
            declares_anywhere: true,
            says_all: false,
            beats_by_events: false,
            ends_by_beating: false,
            yields_in_silence: false,
        }
    }

    /// Those of the server that is not Exchange.
    pub fn other() -> Self {
        Self {
            declares_anywhere: false,
            says_all: true,
            beats_by_events: true,
            ends_by_beating: true,
            yields_in_silence: true,
        }
    }
}
