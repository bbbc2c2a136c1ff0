//! SendNotification ([MS-OXWSNTIF] 3.2.4.1): what is posted to a listener, and what it answers.

use super::notification::{self, Events};
use super::soap::{ENVELOPE, MESSAGES, TYPES};
use crate::World;
use crate::calendar::Event;
use crate::subscription::SubscriptionKey;
use crate::xml::{Element, Xml};

/// What a listener answers ([MS-OXWSNTIF] SubscriptionStatusType).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Ok,
    Unsubscribe,
}

impl Answer {
    /// Reads a `SendNotificationResult`; anything else is no answer.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let envelope = Element::parse(body).filter(|envelope| envelope.name == "Envelope")?;
        let result = envelope.path(&["Body", "SendNotificationResult"])?;
        match result.text_of("SubscriptionStatus")? {
            "OK" => Some(Self::Ok),
            "Unsubscribe" => Some(Self::Unsubscribe),
            _ => None,
        }
    }
}

/// The envelope that tells events of a subscription, or by a status that there are none.
pub(crate) fn send_notification(
    world: &World,
    key: SubscriptionKey,
    position: u64,
    page: &[Event],
    more: bool,
) -> String {
    let prefix = world.notifying.push_prefix.as_str();
    let named = |name: &str| format!("{prefix}:{name}");
    let interest = world.subscriptions.get(key).map(|subscription| subscription.interest).unwrap_or_default();
    let events = Events { world, room: key.0, interest, watermarks: true };
    let mut xml = Xml::document();
    xml.element(&named("Envelope"), &[(&format!("xmlns:{prefix}"), ENVELOPE)], |xml| {
        xml.within(&named("Header"), |xml| {
            xml.empty("t:RequestServerVersion", &[("xmlns:t", TYPES), ("Version", "Exchange2016")]);
        });
        xml.within(&named("Body"), |xml| {
            xml.element("m:SendNotification", &[("xmlns:m", MESSAGES), ("xmlns:t", TYPES)], |xml| {
                let message = "m:SendNotificationResponseMessage";
                xml.within("m:ResponseMessages", |xml| {
                    xml.element(message, &[("ResponseClass", "Success")], |xml| {
                        xml.leaf("m:ResponseCode", "NoError");
                        xml.within("m:Notification", |xml| {
                            let id = world.subscription_text(key);
                            notification::write(&events, &id, position, page, more, xml);
                        });
                    });
                });
            });
        });
    });
    xml.finish()
}
