//! GetRooms ([MS-OXWSGTRM] 3.1.4.1): the rooms of a list. Exchange 2010 and later.

use super::{Dialect, EmailAddress, reply};
use crate::{
    error::Error,
    http::{Operation, Reply, Request},
    xml::escape,
};

/// Asks for the rooms of the list of this address, as the account itself.
pub fn request(dialect: Dialect, list: &str) -> Request {
    let list = escape(list);
    let body =
        format!("<m:GetRooms><m:RoomList><t:EmailAddress>{list}</t:EmailAddress></m:RoomList></m:GetRooms>");
    dialect.own_request(Operation::GetRooms, &body)
}

/// Reads the rooms, of which there may be none.
///
/// # Errors
///
/// When the reply does not tell them, or there is no such list: see [`Problem`](crate::Problem).
pub fn parse(reply: &Reply<'_>) -> Result<Vec<EmailAddress>, Error> {
    let operation = Operation::GetRooms;
    let message = reply::bare_message(operation, reply)?;
    let rooms = message.child("Rooms").ok_or_else(|| reply::missing(operation, "Rooms"))?;
    Ok(rooms.children.iter().filter_map(|room| EmailAddress::read(room.child("Id")?)).collect())
}
