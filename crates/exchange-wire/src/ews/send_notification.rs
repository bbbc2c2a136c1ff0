//! SendNotification ([MS-OXWSNTIF] 3.1.4.5): what a server tells a push subscription, and what it is answered.

use super::reply;
use crate::{error::Error, http::Operation};

/// What a server tells a push subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The subscription that it is about.
    pub subscription: String,
    /// Whether anything but "nothing happened" was among it.
    pub changed: bool,
}

/// Whether the server is to go on telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is.
    Ok,
    /// It is not: nobody knows this subscription.
    Unsubscribe,
}

/// Reads what a server has sent us.
///
/// # Errors
///
/// When it is not a notification; with [`SubscriptionLost`](crate::Problem::SubscriptionLost) the subscription has ended.
pub fn parse(body: &[u8]) -> Result<Pushed, Error> {
    let message = reply::notice(body)?;
    let missing = |element| reply::missing(Operation::SendNotification, element);
    let notification = message.child("Notification").ok_or_else(|| missing("Notification"))?;
    let subscription = notification.value("SubscriptionId").ok_or_else(|| missing("SubscriptionId"))?;
    let mut events = notification.children.iter().filter(|child| child.name.ends_with("Event"));
    Ok(Pushed {
        subscription: subscription.to_owned(),
        changed: events.any(|event| event.name != "StatusEvent"),
    })
}

impl Answer {
    /// The body to answer with, as `text/xml; charset=utf-8`, status 200: anything else is a failure to the server, which
    /// then tries again.
    pub fn body(self) -> String {
        let status = match self {
            Self::Ok => "OK",
            Self::Unsubscribe => "Unsubscribe",
        };
        format!(
            concat!(
                r#"<?xml version="1.0" encoding="utf-8"?>"#,
                r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>"#,
                r#"<m:SendNotificationResult xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">"#,
                "<m:SubscriptionStatus>{status}</m:SubscriptionStatus></m:SendNotificationResult>",
                "</s:Body></s:Envelope>",
            ),
            status = status
        )
    }
}
