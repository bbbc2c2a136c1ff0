//! Reading what people write of an item and nobody here decides by.

use crate::ews::soap::EwsError;
use crate::particulars::{Importance, Leaves, Particulars, Place, Reminder};
use crate::xml::Element;

/// The longest time before a start at which somebody is reminded: five years ([MS-OXWSCDATA] 2.2.5.27).
const LONGEST: u32 = 2_629_800;

/// Writes one property, or takes it away; what is none of them is accepted and not kept.
pub(super) fn write(
    particulars: &mut Particulars,
    name: &str,
    value: Option<&Element>,
) -> Result<(), EwsError> {
    let invalid = || EwsError::of("ErrorSchemaValidation");
    let text = value.map_or("", Element::text);
    let flag = matches!(text, "true" | "1");
    match name {
        "Categories" => {
            particulars.categories = children(value).iter().map(|name| name.text().to_owned()).collect();
        }
        "Importance" => {
            particulars.importance = match text {
                "Low" => Importance::Low,
                "High" => Importance::High,
                _ => Importance::Normal,
            };
        }
        "ReminderIsSet" => particulars.reminder.is_set = flag,
        "ReminderMinutesBeforeStart" => {
            let default = Reminder::default().minutes;
            let minutes = value.map_or(Some(default), |value| value.text().parse().ok());
            particulars.reminder.minutes =
                minutes.filter(|minutes| *minutes <= LONGEST).ok_or_else(invalid)?;
        }
        "InboxReminders" => particulars.inbox_reminders = children(value).iter().map(leaves).collect(),
        "IsResponseRequested" => particulars.asks_no_response = value.is_some() && !flag,
        "AllowNewTimeProposal" => particulars.takes_no_proposals = value.is_some() && !flag,
        "DoNotForwardMeeting" => particulars.not_to_be_forwarded = flag,
        "IsOnlineMeeting" => particulars.is_online = flag,
        "ConferenceType" => {
            let kind = value.map(|value| value.text().parse()).transpose();
            particulars.conference_type = kind.map_err(|_no_number| invalid())?;
        }
        "MeetingWorkspaceUrl" => text.clone_into(&mut particulars.workspace_url),
        "NetShowUrl" => text.clone_into(&mut particulars.net_show_url),
        "EnhancedLocation" => particulars.place = value.map(place),
        _ => {}
    }
    Ok(())
}

fn place(location: &Element) -> Place {
    Place {
        annotation: location.text_of("Annotation").map(ToOwned::to_owned),
        address: location.child("PostalAddress").map(leaves).unwrap_or_default(),
    }
}

fn children(value: Option<&Element>) -> &[Element] {
    value.map_or(&[], |value| &value.children)
}

fn leaves(element: &Element) -> Leaves {
    element.children.iter().map(|leaf| (leaf.name.clone(), leaf.text().to_owned())).collect()
}
