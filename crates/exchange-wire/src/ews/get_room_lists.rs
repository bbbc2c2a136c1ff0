//! GetRoomLists ([MS-OXWSGTRL] 3.1.4.1): the lists of rooms that an administrator has made. Exchange 2010 and later.

use super::{Dialect, EmailAddress, reply};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
};

/// Asks for the lists, as the account itself.
pub fn request(dialect: Dialect) -> Request {
    dialect.own_request(Operation::GetRoomLists, "<m:GetRoomLists/>")
}

/// Reads the lists, of which there may be none.
///
/// # Errors
///
/// When the reply does not tell them: see [`Problem`](crate::Problem).
pub fn parse(reply: &Reply<'_>) -> Result<Vec<EmailAddress>, Error> {
    let operation = Operation::GetRoomLists;
    let message = reply::bare_message(operation, reply)?;
    let lists = message.child("RoomLists").ok_or_else(|| reply::missing(operation, "RoomLists"))?;
    Ok(lists.children.iter().filter_map(EmailAddress::read).collect())
}
