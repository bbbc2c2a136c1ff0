//! How meetings are treated: `[meetings]` says it for every room, a `[[room]]` for itself.

use super::{
    notes::Given,
    section::Section,
    value::{one_of, span},
};
use meeting_model::settings::{
    FORGET_AFTER, OnSwitch, PrivatePolicy, SubjectPolicy, SubjectSettings, TentativePolicy,
};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// What `[meetings]` and `[[room]]` may both say.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RawMeetings {
    on_switch: Option<Given<OnSwitch>>,
    tentative: Option<Given<TentativePolicy>>,
    private: Option<Given<PrivatePolicy>>,
    private_flag: Option<Given<bool>>,
    organizer_prefix: Option<Given<bool>>,
    subjects: Option<Given<SubjectPolicy>>,
    recover: Option<Given<bool>>,
    recover_from_inbox: Option<Given<bool>>,
    forget_after: Option<Given<Duration>>,
}

impl RawMeetings {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let on_switch = one_of(&[("require-reaccept", OnSwitch::RequireReaccept), ("keep", OnSwitch::Keep)]);
        let tentative = one_of(&[("hide", TentativePolicy::Hide), ("mark", TentativePolicy::Mark)]);
        let private = one_of(&[
            ("mask", PrivatePolicy::Mask),
            ("organizer", PrivatePolicy::Organizer),
            ("show", PrivatePolicy::Show),
        ]);
        let private_flag = one_of(&[("judged", false), ("kept", true)]);
        let subjects = one_of(&[
            ("show", SubjectPolicy::Show),
            ("organizer", SubjectPolicy::Organizer),
            ("busy", SubjectPolicy::Busy),
        ]);
        Self {
            on_switch: section.text("on_switch", on_switch),
            tentative: section.text("tentative", tentative),
            private: section.text("private", private),
            private_flag: section.text("private_flag", private_flag),
            organizer_prefix: section.switch("organizer_prefix"),
            subjects: section.text("subjects", subjects),
            recover: section.switch("recover"),
            recover_from_inbox: section.switch("recover_from_inbox"),
            forget_after: section.text("forget_after", span(DAY..=365 * DAY)),
        }
    }

    /// What is said here, and for the rest what is said there.
    pub(super) fn or(self, site: Self) -> Self {
        Self {
            on_switch: self.on_switch.or(site.on_switch),
            tentative: self.tentative.or(site.tentative),
            private: self.private.or(site.private),
            private_flag: self.private_flag.or(site.private_flag),
            organizer_prefix: self.organizer_prefix.or(site.organizer_prefix),
            subjects: self.subjects.or(site.subjects),
            recover: self.recover.or(site.recover),
            recover_from_inbox: self.recover_from_inbox.or(site.recover_from_inbox),
            forget_after: self.forget_after.or(site.forget_after),
        }
    }

    pub(super) fn on_switch(&self) -> OnSwitch {
        value(self.on_switch).unwrap_or_default()
    }

    pub(super) fn tentative(&self) -> TentativePolicy {
        value(self.tentative).unwrap_or_default()
    }

    pub(super) fn private(&self) -> PrivatePolicy {
        value(self.private).unwrap_or_default()
    }

    pub(super) fn organizer_prefix(&self) -> bool {
        value(self.organizer_prefix).unwrap_or_default()
    }

    pub(super) fn forget_after(&self) -> Duration {
        value(self.forget_after).unwrap_or(FORGET_AFTER)
    }

    pub(super) fn subjects(&self) -> SubjectSettings {
        let default = SubjectSettings::default();
        SubjectSettings {
            shown: value(self.subjects).unwrap_or(default.shown),
            recover: value(self.recover).unwrap_or(default.recover),
            recover_from_inbox: value(self.recover_from_inbox).unwrap_or(default.recover_from_inbox),
            private_flag_kept: value(self.private_flag).unwrap_or(default.private_flag_kept),
        }
    }
}

fn value<T>(given: Option<Given<T>>) -> Option<T> {
    given.map(|given| given.value)
}
