//! Whatever phones and video endpoints may answer, and ask.

use crate::said::fits_a_log;
use phone_push::reply::{of_endpoint, of_phone, of_post_event};

pub(crate) fn reply(bytes: &[u8]) {
    fits_a_log(&of_phone(bytes));
    // a list of three days may be long, the reasons in it are not
    let _ = (of_endpoint(bytes), of_post_event(bytes));
}
