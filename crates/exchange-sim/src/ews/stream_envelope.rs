//! The envelopes of a stream: each a whole SOAP message, in the shape that Exchange sends them in.

use super::dialect;
use super::notification::Events;
use super::soap::{ENVELOPE, EwsError, MESSAGES, TYPES};
use crate::World;
use crate::calendar::Event;
use crate::fault::STORM;
use crate::notifying::NotificationNamespace;
use crate::subscription::SubscriptionKey;
use crate::xml::Xml;

/// What a stream says of its connection ([MS-OXWSNTIF] ConnectionStatusType).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionStatus {
    Ok,
    Closed,
}

/// What an envelope says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StreamMessage {
    Status(ConnectionStatus),
    /// Of a subscription without events it is said that there are none.
    Notifications {
        of: Vec<(SubscriptionKey, Vec<Event>)>,
        status: Option<ConnectionStatus>,
    },
    Error {
        code: &'static str,
        ids: Vec<String>,
        status: Option<ConnectionStatus>,
    },
}

impl StreamMessage {
    /// The same with each event told again and again.
    pub(crate) fn stormy(&self) -> Self {
        let mut message = self.clone();
        if let Self::Notifications { of, .. } = &mut message {
            for (_, events) in of {
                *events = events.iter().flat_map(|event| [*event; STORM]).collect();
            }
        }
        message
    }
}

/// One envelope; the prefix `soap11` is declared again on header and body, as Exchange does.
pub(crate) fn stream_envelope(world: &World, message: &StreamMessage, declared: bool) -> String {
    let mut xml = if declared { Xml::document() } else { Xml::default() };
    xml.element("Envelope", &[("xmlns", ENVELOPE)], |xml| {
        xml.element("soap11:Header", &[("xmlns:soap11", ENVELOPE)], |xml| {
            write_version(world, xml);
        });
        xml.element("soap11:Body", &[("xmlns:soap11", ENVELOPE)], |xml| {
            let namespaces = [("xmlns:m", MESSAGES), ("xmlns:t", TYPES)];
            xml.element("m:GetStreamingEventsResponse", &namespaces, |xml| {
                xml.within("m:ResponseMessages", |xml| write(world, message, xml));
            });
        });
    });
    dialect::worded(world.profile, xml.finish())
}

fn write_version(world: &World, xml: &mut Xml) {
    let version = world.profile.version();
    let numbers = [
        ("MajorVersion", version.major),
        ("MinorVersion", version.minor),
        ("MajorBuildNumber", version.major_build),
        ("MinorBuildNumber", version.minor_build),
    ];
    let numbers = numbers.map(|(name, number)| (name, number.to_string()));
    let mut attributes: Vec<(&str, &str)> =
        numbers.iter().map(|(name, number)| (*name, number.as_str())).collect();
    attributes.extend(version.schema.map(|schema| ("Version", schema)));
    attributes.push(("xmlns", TYPES));
    xml.empty("ServerVersionInfo", &attributes);
}

fn write(world: &World, message: &StreamMessage, xml: &mut Xml) {
    let class = if matches!(message, StreamMessage::Error { .. }) { "Error" } else { "Success" };
    xml.element("m:GetStreamingEventsResponseMessage", &[("ResponseClass", class)], |xml| {
        let (notifications, ids, status) = match message {
            StreamMessage::Status(status) => (&[][..], &[][..], Some(*status)),
            StreamMessage::Notifications { of, status } => (of.as_slice(), &[][..], *status),
            StreamMessage::Error { ids, status, .. } => (&[][..], ids.as_slice(), *status),
        };
        match message {
            StreamMessage::Error { code, .. } => EwsError::of(code).write_message(xml),
            _ => xml.leaf("m:ResponseCode", "NoError"),
        }
        let all = world.notifying.manners.says_all;
        if all || !notifications.is_empty() {
            xml.within("m:Notifications", |xml| {
                for (key, events) in notifications {
                    write_notification(world, *key, events, xml);
                }
            });
        }
        if all || !ids.is_empty() {
            xml.within("m:ErrorSubscriptionIds", |xml| {
                for id in ids {
                    write_bad_id(world, id, xml);
                }
            });
        }
        if let Some(status) = status {
            write_status(status, xml);
        }
    });
}

fn write_notification(world: &World, key: SubscriptionKey, events: &[Event], xml: &mut Xml) {
    let name = match world.notifying.namespace {
        NotificationNamespace::Types => "t:Notification",
        NotificationNamespace::Messages | NotificationNamespace::MessagesButIds => "m:Notification",
    };
    let interest = world.subscriptions.get(key).map(|subscription| subscription.interest).unwrap_or_default();
    xml.within(name, |xml| {
        xml.leaf("t:SubscriptionId", &world.subscription_text(key));
        if world.notifying.manners.says_all {
            xml.leaf("t:MoreEvents", "false");
        }
        if events.is_empty() {
            xml.empty("t:StatusEvent", &[]);
        }
        let writer = Events { world, room: key.0, interest, watermarks: false };
        for event in events {
            writer.write(event, xml);
        }
    });
}

fn write_bad_id(world: &World, id: &str, xml: &mut Xml) {
    match world.notifying.namespace {
        NotificationNamespace::Messages => xml.leaf("m:SubscriptionId", id),
        NotificationNamespace::Types => xml.leaf("t:SubscriptionId", id),
        NotificationNamespace::MessagesButIds => {
            xml.element("SubscriptionId", &[("xmlns", "")], |xml| xml.text(id));
        }
    }
}

fn write_status(status: ConnectionStatus, xml: &mut Xml) {
    let status = match status {
        ConnectionStatus::Ok => "OK",
        ConnectionStatus::Closed => "Closed",
    };
    xml.leaf("m:ConnectionStatus", status);
}
