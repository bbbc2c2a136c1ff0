//! `[clock]`: who knows the time (rule C1).

use super::{notes::Given, section::Section, value::host};
use control::Warning;

/// Who knows the time (rule C1). Read and kept; nobody is asked: see the warning `clock-unchecked`.
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

/// Warns that the machine's own clock decides, unchecked.
pub(super) fn warning(clock: Option<&RawClock>) -> Warning {
    let (id, sentence) = match clock {
        None => (
            "clock-unconfigured",
            "nobody is asked for the time, so a wrong clock takes meetings off displays early or late",
        ),
        Some(_) => {
            ("clock-unchecked", "this version does not ask NTP servers yet: the machine's own clock decides")
        }
    };
    Warning {
        id: id.into(),
        about: None,
        sentence: sentence.into(),
        remedy: "keep this machine's clock in step with the servers that Exchange uses (chrony, ntpd)".into(),
    }
}
