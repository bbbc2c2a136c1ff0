//! GetUserAvailability ([MS-OXWAVLS] 3.1.4.1): when mailboxes are taken, for whoever may know.

mod zone;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, NaiveDateTime, Utc};

use self::zone::Clock;
use super::Call;
use super::calendar_item::free_busy_word;
use super::soap::{self, EwsError};
use crate::account::Rights;
use crate::item::{FreeBusy, Sensitivity, View};
use crate::room::{MailboxState, Room};
use crate::world::RoomNumber;
use crate::xml::{Element, Xml};

/// `maximumQueryIntervalDays`, as installed.
const LONGEST: Duration = Duration::days(42);
/// How many mailboxes one call may ask about.
const MAILBOXES: usize = 100;

/// How much is told ([MS-OXWAVLS] FreeBusyViewType), each view holding the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    Merged,
    FreeBusy,
    Detailed,
}

/// What is asked of every mailbox.
struct Wanted {
    clock: Clock,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    detail: Detail,
    /// The grain of the merged bar, where one is wanted.
    merged: Option<Duration>,
}

pub(super) fn answer(call: &Call<'_>) -> Result<String, EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let wanted = wanted(call)?;
    let mailboxes = &call.body.child("MailboxDataArray").ok_or_else(invalid)?.children;
    if mailboxes.is_empty() {
        return Err(EwsError::of("ErrorMailboxDataArrayEmpty"));
    }
    if mailboxes.len() > MAILBOXES {
        return Err(EwsError::of("ErrorMailboxDataArrayTooBig"));
    }
    if wanted.until - wanted.from > LONGEST {
        return Err(EwsError::of("ErrorTimeIntervalTooBig"));
    }
    let addresses = mailboxes.iter().map(|data| data.path(&["Email", "Address"]).ok_or_else(invalid));
    let addresses = addresses.collect::<Result<Vec<_>, _>>()?;
    Ok(soap::reply("m:GetUserAvailabilityResponse", &[], |xml| {
        xml.within("m:FreeBusyResponseArray", |xml| {
            for address in addresses {
                xml.within("m:FreeBusyResponse", |xml| mailbox(call, &wanted, address.text(), xml));
            }
        });
    }))
}

fn wanted(call: &Call<'_>) -> Result<Wanted, EwsError> {
    let invalid = || EwsError::of("ErrorInvalidFreeBusyViewType");
    let options = call.body.child("FreeBusyViewOptions").ok_or_else(invalid)?;
    let clock = Clock::of(call)?;
    let bound = |name| {
        let text = options.path(&["TimeWindow", name]).map(Element::text).unwrap_or_default();
        let wall = text.parse::<NaiveDateTime>().map(|wall| clock.instant(wall));
        wall.or_else(|_offset| call.instant(text))
    };
    let (from, until) = (bound("StartTime")?, bound("EndTime")?);
    if until <= from {
        return Err(EwsError::of("ErrorInvalidTimeInterval"));
    }
    let (detail, merges) = match options.text_of("RequestedView").unwrap_or("FreeBusy") {
        "MergedOnly" => (Detail::Merged, true),
        "FreeBusy" => (Detail::FreeBusy, false),
        "FreeBusyMerged" => (Detail::FreeBusy, true),
        "Detailed" => (Detail::Detailed, false),
        "DetailedMerged" => (Detail::Detailed, true),
        _ => return Err(invalid()),
    };
    let grain = options.text_of("MergedFreeBusyIntervalInMinutes").map_or(Ok(30), str::parse);
    let grain = grain.ok().filter(|grain| (5..=1440).contains(grain));
    let grain = grain.ok_or_else(|| EwsError::of("ErrorInvalidMergedFreeBusyInterval"))?;
    Ok(Wanted { clock, from, until, detail, merged: merges.then(|| Duration::minutes(grain)) })
}

fn mailbox(call: &Call<'_>, wanted: &Wanted, address: &str, xml: &mut Xml) {
    let may = permitted(call, address);
    let class = if may.is_ok() { "Success" } else { "Error" };
    xml.element("m:ResponseMessage", &[("ResponseClass", class)], |xml| match &may {
        Ok(_) => xml.leaf("m:ResponseCode", "NoError"),
        Err(error) => error.write_message(xml),
    });
    xml.within("m:FreeBusyView", |xml| match may {
        Err(_) => xml.leaf("t:FreeBusyViewType", "None"),
        Ok((number, room, most)) => view(call, wanted, (number, room), wanted.detail.min(most), xml),
    });
}

/// The mailbox, and the most that the caller may know of it.
fn permitted<'a>(call: &'a Call<'_>, address: &str) -> Result<(RoomNumber, &'a Room, Detail), EwsError> {
    let unknown = || EwsError::of("ErrorMailRecipientNotFound");
    let number = call.world.room_number(address).map_err(|_unknown| unknown())?;
    let room = call.world.room(number).ok_or_else(unknown)?;
    match room.state {
        MailboxState::Deleted => return Err(unknown()),
        MailboxState::Healthy | MailboxState::Full | MailboxState::Disabled | MailboxState::NeverOpened => {}
        MailboxState::OtherSite => return Err(EwsError::of("ErrorProxyRequestNotAllowed")),
        MailboxState::Moving | MailboxState::StoreUnavailable => {
            return Err(EwsError::of("ErrorFreeBusyGenerationFailed"));
        }
    }
    match call.rights(number) {
        Rights::None => Err(EwsError::of("ErrorNoFreeBusyAccess")),
        Rights::FreeBusy => Ok((number, room, Detail::FreeBusy)),
        Rights::Reviewer | Rights::Full => Ok((number, room, Detail::Detailed)),
    }
}

fn view(
    call: &Call<'_>,
    wanted: &Wanted,
    (number, room): (RoomNumber, &Room),
    detail: Detail,
    xml: &mut Xml,
) {
    let views = room.calendar.view(wanted.from, wanted.until);
    let kind = match (detail, wanted.merged) {
        (Detail::Merged, _) => "MergedOnly",
        (Detail::FreeBusy, None) => "FreeBusy",
        (Detail::FreeBusy, Some(_)) => "FreeBusyMerged",
        (Detail::Detailed, None) => "Detailed",
        (Detail::Detailed, Some(_)) => "DetailedMerged",
    };
    xml.leaf("t:FreeBusyViewType", kind);
    if let Some(grain) = wanted.merged {
        xml.leaf("t:MergedFreeBusy", &merged(&views, wanted, grain));
    }
    if detail > Detail::Merged && !views.is_empty() {
        xml.within("t:CalendarEventArray", |xml| {
            for view in &views {
                event(call, wanted, (number, view), detail, xml);
            }
        });
    }
}

fn event(
    call: &Call<'_>,
    wanted: &Wanted,
    (number, view): (RoomNumber, &View<'_>),
    detail: Detail,
    xml: &mut Xml,
) {
    let wall = |instant| wanted.clock.wall(instant).format("%Y-%m-%dT%H:%M:%S");
    xml.within("t:CalendarEvent", |xml| {
        xml.value("t:StartTime", wall(view.start()));
        xml.value("t:EndTime", wall(view.end()));
        xml.leaf("t:BusyType", free_busy_word(view.show_as(), call.schema));
        if detail < Detail::Detailed {
            return;
        }
        let private = matches!(view.sensitivity(), Sensitivity::Private | Sensitivity::Confidential);
        xml.within("t:CalendarEventDetails", |xml| {
            let id = STANDARD.decode(call.world.view_id(number, view)).unwrap_or_default();
            xml.leaf("t:ID", &hex::encode_upper(id));
            if !private {
                xml.leaf("t:Subject", view.subject());
                xml.leaf("t:Location", view.location());
            }
            xml.value("t:IsMeeting", view.item.is_meeting());
            xml.value("t:IsRecurring", view.date.is_some());
            xml.value("t:IsException", view.exception.is_some());
            xml.leaf("t:IsReminderSet", "false");
            xml.value("t:IsPrivate", private);
        });
    });
}

/// One digit for every grain of the window: the strongest of what overlaps it.
fn merged(views: &[View<'_>], wanted: &Wanted, grain: Duration) -> String {
    let mut bar = String::new();
    let mut from = wanted.from;
    while from < wanted.until {
        let until = from + grain;
        let here = views.iter().filter(|view| view.start() < until && view.end() > from);
        let strongest = here.map(|view| strength(view.show_as())).max().unwrap_or(0);
        bar.push(char::from_digit(strongest, 10).unwrap_or('0'));
        from = until;
    }
    bar
}

fn strength(show_as: FreeBusy) -> u32 {
    match show_as {
        FreeBusy::Free | FreeBusy::WorkingElsewhere => 0,
        FreeBusy::Tentative => 1,
        FreeBusy::Busy => 2,
        FreeBusy::OutOfOffice => 3,
        FreeBusy::NoData => 4,
    }
}
