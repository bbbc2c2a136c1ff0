//! `[clock]`: who knows the time (rule C1).

use super::{notes::Given, section::Section};
use clock_skew::{NtpAddress, address::NoNtpAddress};
use control::Warning;

/// Who knows the time (rule C1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockConfig {
    /// One to five NTP servers.
    pub ntp_servers: Vec<NtpAddress>,
}

/// `[clock]` as it was typed.
#[derive(Debug)]
pub(super) struct RawClock {
    ntp_servers: Option<Given<Vec<Given<NtpAddress>>>>,
}

impl RawClock {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        section.require(&["ntp_servers"]);
        let ntp_servers = section
            .texts("ntp_servers", |text| text.parse().map_err(|error: NoNtpAddress| error.to_string()));
        if let Some(Given { value, at }) = &ntp_servers
            && !(1..=5).contains(&value.len())
        {
            let sentence = format!("`ntp_servers`: expected one to five servers, found {}", value.len());
            section.notes.mistake(*at, sentence);
        }
        for (place, server) in ntp_servers.iter().flat_map(|given| given.value.iter().enumerate()) {
            let before = ntp_servers.iter().flat_map(|given| &given.value).take(place);
            if before.into_iter().any(|other| other.value == server.value) {
                let sentence =
                    format!("`ntp_servers`: `{}` is already in the list: each has one voice", server.value);
                section.notes.mistake(server.at, sentence);
            }
        }
        Self { ntp_servers }
    }

    pub(super) fn meaning(self) -> Option<ClockConfig> {
        let ntp_servers = self.ntp_servers?.value.into_iter().map(|given| given.value).collect();
        Some(ClockConfig { ntp_servers })
    }
}

/// Warns that the machine's own clock decides, unchecked.
pub(super) fn warning(clock: Option<&RawClock>) -> Option<Warning> {
    clock.is_none().then(|| Warning {
        id: "clock-unconfigured".into(),
        about: None,
        sentence: "nobody is asked for the time, so a wrong clock takes meetings off displays early or late"
            .into(),
        remedy: "name the NTP servers that Exchange uses: [clock] ntp_servers".into(),
    })
}
