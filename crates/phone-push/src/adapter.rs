//! What every kind of device has to be able to do.

use crate::error::PushError;
use meeting_model::display::Present;
use std::pin::Pin;

/// A delivery under way.
pub(crate) type Delivery<'a> = Pin<Box<dyn Future<Output = Result<(), PushError>> + Send + 'a>>;

/// One device, and how it is spoken to.
pub(crate) trait Adapter: Send + Sync {
    /// Makes the device show the present, and ends when the device has answered that it will.
    ///
    /// # Errors
    ///
    /// When the device did not answer, or answered anything else.
    fn deliver<'a>(&'a self, present: &'a Present) -> Delivery<'a>;

    /// Makes the device show nothing of ours any more, and ends when the device has answered.
    ///
    /// # Errors
    ///
    /// When the device did not answer, or refused.
    fn empty(&self) -> Delivery<'_>;
}
