//! A room that may be read by whoever asks for it.

use super::{
    answer::{self, refusal},
    is_for_people,
};
use crate::{
    access::Visitor,
    admin,
    room::Room,
    server::{Feed, Shared},
};
use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use meeting_model::id::RoomId;
use std::sync::Arc;

/// The room of a path, which whoever asks may read, and the feed that shows it.
///
/// Whoever may not is answered in place of the handler. Which rooms there are is told to those alone who may read all of them.
pub(crate) struct Readable {
    pub(crate) feed: Arc<Shared>,
    pub(crate) room: Arc<Room>,
}

impl FromRequestParts<Feed> for Readable {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, feed: &Feed) -> Result<Self, Response> {
        let Path(id) =
            Path::<String>::from_request_parts(parts, feed).await.map_err(IntoResponse::into_response)?;
        let Ok(visitor) = Visitor::from_request_parts(parts, feed).await;
        let feed = feed.shared();
        let by_people = is_for_people(&parts.uri, &parts.headers);
        match feed.rooms.get(&RoomId::new(id.as_str())).map(Arc::clone) {
            Some(room) if visitor.may_read(&feed, &room).await => Ok(Self { feed, room }),
            None if visitor.sees_all(&feed) && by_people => Err(admin::no_such_page(&feed)),
            None if visitor.sees_all(&feed) => {
                Err(refusal(StatusCode::NOT_FOUND, &format!("unknown room `{id}`: see `/api/rooms`")))
            }
            _ if by_people => Err(admin::unwelcome(&feed, visitor.is_known())),
            _ => Err(answer::unwelcome(&visitor)),
        }
    }
}
