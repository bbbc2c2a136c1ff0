//! What every kind of device has to be able to do.

use crate::error::PushError;
use chrono::{DateTime, Utc};
use meeting_model::display::{Displayed, Present};
use std::pin::Pin;

/// Something under way with a device.
pub(crate) type UnderWay<'a, T> = Pin<Box<dyn Future<Output = Result<T, PushError>> + Send + 'a>>;

/// One device, and how it is spoken to. What it is given of its room is a [`Present`], and a
/// [`Dialling`](crate::bookings::Dialling) only where the device dials: no other adapter can get at what that holds (rule P1).
pub(crate) trait Adapter<P = Present>: Send + Sync {
    /// What the device would show of a present.
    fn showing(&self, present: &P) -> Showing;

    /// Makes the device show the present.
    ///
    /// # Errors
    ///
    /// When the device did not answer, or answered anything but that it will.
    fn deliver<'a>(&'a self, errand: Errand<'a, P>) -> UnderWay<'a, Taken>;

    /// Makes the device show nothing of ours any more, and ends when the device has answered.
    ///
    /// # Errors
    ///
    /// When the device did not answer, or refused.
    fn empty(&self) -> UnderWay<'_, ()>;

    /// Whether a device that has the present is to be asked nevertheless, as it may have lost it without a word.
    fn doubts(&self, _now: DateTime<Utc>) -> bool {
        false
    }
}

/// What a device would show.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Showing {
    /// Two presents with one digest need not be sent twice.
    pub(crate) digest: String,
    /// From when on it would show something else though nothing is committed.
    pub(crate) until: DateTime<Utc>,
}

/// One delivery.
pub(crate) struct Errand<'a, P = Present> {
    /// What is to be shown.
    pub(crate) present: &'a P,
    /// The meeting that people are to be reminded of.
    pub(crate) reminder: Option<&'a Displayed>,
    /// Whether the device is known to have had the same before.
    pub(crate) has: bool,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It has it, and had it already: it was not asked.
    Had,
    /// It has it still, as it said.
    HasStill,
    /// It has it now.
    Has,
    /// It was told to fetch it, and has it when it does. What is wrong, and what to do, where it never does.
    Told(String),
    /// The same for what is told nothing, but asks.
    Offered(String),
}
