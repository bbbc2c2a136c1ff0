//! `[clock]`: whom to ask for the time (rule C1).

use super::{notes::Given, section::Section, value::host};
use control::Warning;

/// Whom to ask for the time (rule C1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockConfig {
    /// One to five NTP servers, each a name or an address.
    pub ntp_servers: Vec<String>,
}

/// `[clock]` as it was typed.
#[derive(Debug)]
pub(super) struct RawClock {
    ntp_servers: Option<Given<Vec<Given<String>>>>,
}

impl RawClock {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        section.require(&["ntp_servers"]);
        let ntp_servers = section.texts("ntp_servers", host);
        if let Some(Given { value, at }) = &ntp_servers
            && !(1..=5).contains(&value.len())
        {
            let sentence = format!("`ntp_servers`: expected one to five servers, found {}", value.len());
            section.notes.mistake(*at, sentence);
        }
        Self { ntp_servers }
    }

    pub(super) fn meaning(self) -> Option<ClockConfig> {
        let ntp_servers = self.ntp_servers?.value.into_iter().map(|given| given.value).collect();
        Some(ClockConfig { ntp_servers })
    }
}

/// Nobody is asked for the time.
pub(super) fn unconfigured() -> Warning {
    Warning {
        id: "clock-unconfigured".into(),
        about: None,
        sentence: "nobody is asked for the time, so a wrong clock takes meetings off displays early or late"
            .into(),
        remedy: "name the NTP server that Exchange uses: [clock] ntp_servers = [\"ntp1.example.com\"]".into(),
    }
}
