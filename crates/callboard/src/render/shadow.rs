//! What devices would have got of a daemon that tells them nothing.

use super::{
    Page, Tint,
    table::{Cell, table},
    time::{clock, moment, span},
};
use control::{Shadow, ShadowDevice, ShadowMeeting, Telling};
use meeting_model::{id::RoomId, zone::RoomZone};
use std::io;

/// Writes what each device would show now, and the last times that it would have been told.
///
/// # Errors
/// When it cannot be written.
pub fn shadow(page: &mut Page<'_>, shadow: &Shadow) -> io::Result<()> {
    if shadow.devices.is_empty() {
        return page.line("no device would have been told anything yet");
    }
    for (number, of_device) in shadow.devices.iter().enumerate() {
        if number > 0 {
            page.line("")?;
        }
        device(page, of_device, shadow)?;
    }
    Ok(())
}

fn device(page: &mut Page<'_>, device: &ShadowDevice, shadow: &Shadow) -> io::Result<()> {
    let zones = page.zones;
    let zone = zones.get(&RoomId::new(&device.room));
    let name = page.paint(Tint::Heading, &device.device);
    let told = match device.told {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    let since = moment(shadow.started, zone);
    page.line(&format!("{name}: would have been told {told} since {since}, and would show now"))?;
    let shows = match device.shows.as_slice() {
        [] => vec![[Cell::plain("nothing"), Cell::plain("")]],
        meetings => meetings.iter().map(|one| line("", Tint::Plain, one, zone)).collect(),
    };
    table(page, "  ", &shows)?;
    for telling in &device.tellings {
        let at = clock(telling.at, zone);
        page.line(&format!("  at {at}, revision {}{}", telling.rev, reminds(telling, zone)))?;
        let came = telling.came.iter().map(|one| line("+ ", Tint::Good, one, zone));
        let went = telling.went.iter().map(|one| line("- ", Tint::Bad, one, zone));
        table(page, "    ", &came.chain(went).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn reminds(telling: &Telling, zone: Option<&RoomZone>) -> String {
    let of = |one: &ShadowMeeting| {
        format!(", reminding people of {} at {}", super::plain(&one.title), clock(one.start, zone))
    };
    telling.reminds_of.as_ref().map_or_else(String::new, of)
}

fn line(sign: &str, tint: Tint, meeting: &ShadowMeeting, zone: Option<&RoomZone>) -> [Cell; 2] {
    let when = span(meeting.start, meeting.end, zone);
    [Cell::new(tint, format!("{sign}{when}")), Cell::plain(&meeting.title)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::page_in_berlin;
    use insta::assert_snapshot;

    #[test]
    fn a_device_is_told_of_with_what_it_shows_and_how_that_came() {
        let review = || ShadowMeeting {
            start: "2026-11-24T08:00:00Z".parse().unwrap(),
            end: "2026-11-24T09:00:00Z".parse().unwrap(),
            title: "Design review".into(),
        };
        let at = |time: &str| format!("2026-11-24T{time}Z").parse().unwrap();
        let first =
            Telling { at: at("06:00:03"), rev: 1, came: vec![review()], went: vec![], reminds_of: None };
        let reminder =
            Telling { at: at("07:50:00"), rev: 1, came: vec![], went: vec![], reminds_of: Some(review()) };
        let phone = ShadowDevice {
            device: "boardroom-9/cisco-ip-phone@10.0.0.9".into(),
            room: "boardroom-9".into(),
            shows: vec![review()],
            told: 2,
            tellings: vec![reminder, first],
        };
        let panel = ShadowDevice {
            device: "cellar/webhook@signs.example.com".into(),
            room: "cellar".into(),
            told: 1,
            ..ShadowDevice::default()
        };
        let told = Shadow { started: at("06:00:00"), devices: vec![phone, panel] };
        assert_snapshot!(page_in_berlin(|page| shadow(page, &told)), @"
        boardroom-9/cisco-ip-phone@10.0.0.9: would have been told 2 times since 2026-11-24 07:00, and would show now
          09:00–10:00 Tue 24 Nov  Design review
          at 08:50:00, revision 1, reminding people of Design review at 09:00:00
          at 07:00:03, revision 1
            + 09:00–10:00 Tue 24 Nov  Design review

        cellar/webhook@signs.example.com: would have been told once since 2026-11-24 07:00, and would show now
          nothing
        ");
        let nothing = Shadow { started: at("06:00:00"), devices: vec![] };
        assert_snapshot!(page_in_berlin(|page| shadow(page, &nothing)), @"no device would have been told anything yet");
    }
}
