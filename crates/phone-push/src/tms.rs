//! Cisco's video endpoints that ask us: provisioning mode TMS. They send "PostEvent" every now and then, and take their meetings
//! out of the answer, so that they may stand where we cannot reach them.

mod soap;

use crate::{
    adapter::{Adapter, Errand, Showing, Taken, UnderWay},
    bookings::{self, Booking, Dialling},
    target::Poller,
};
use meeting_model::{id::DeviceId, join::Dials};
pub(crate) use soap::Asking;
use std::sync::{Mutex, PoisonError};
use sync_engine::Page;

/// One endpoint that asks.
pub(crate) struct Tms {
    offer: Mutex<Option<Offer>>,
    /// What to say where it never asks.
    unasked: String,
}

/// What an endpoint is answered.
struct Offer {
    page: Page,
    list: Vec<Booking>,
}

impl Tms {
    pub(crate) fn new(device: &DeviceId, poller: &Poller) -> Self {
        Self {
            unasked: format!(
                "endpoint `{}` of device `{device}`: has not asked for its meetings: check its Provisioning Mode (TMS) and the \
                 ExternalManager's address and path",
                poller.identity
            ),
            offer: Mutex::default(),
        }
    }

    /// The answer, and what it holds; nothing where nothing is known of its room yet.
    pub(crate) fn answer(&self) -> Option<(Vec<u8>, Page)> {
        let offer = self.offer.lock().unwrap_or_else(PoisonError::into_inner);
        offer.as_ref().map(|Offer { page, list }| (soap::answer(list), *page))
    }

    fn offer(&self, dialling: &Dialling) {
        let list = bookings::of_present(dialling, Dials::Addresses);
        let page = Page { rev: dialling.present.rev, at: dialling.present.now };
        *self.offer.lock().unwrap_or_else(PoisonError::into_inner) = Some(Offer { page, list });
    }
}

impl Adapter<Dialling> for Tms {
    fn showing(&self, dialling: &Dialling) -> Showing {
        let (digest, until) = bookings::showing(dialling, Dials::Addresses);
        Showing { digest, until }
    }

    /// It has what it is offered when it has asked. The endpoint reminds by itself.
    fn deliver<'a>(&'a self, errand: Errand<'a, Dialling>) -> UnderWay<'a, Taken> {
        self.offer(errand.present);
        let taken = if errand.has { Taken::Had } else { Taken::Offered(self.unasked.clone()) };
        Box::pin(std::future::ready(Ok(taken)))
    }

    /// Whoever asks once more is not ours any more, and is answered nothing: its list is left to whoever manages it next.
    fn empty(&self) -> UnderWay<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// After a start there is nothing to offer yet.
    fn doubts(&self, _now: chrono::DateTime<chrono::Utc>) -> bool {
        self.offer.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}
