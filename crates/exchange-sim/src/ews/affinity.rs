//! Which server answers: mailboxes lie on several, and a subscription lives where it was made.
//!
//! The headers are those of "How to maintain affinity between a group of subscriptions and the Mailbox
//! server in Exchange".

use super::Call;
use crate::world::RoomNumber;
use crate::xml::Element;
use crate::{Request, Response, ServerProfile, SimError, World};

const COOKIE: &str = "X-BackEndOverrideCookie";
/// The cookie of Exchange 2010, whose Client Access servers keep the subscriptions.
const CLIENT_ACCESS: &str = "exchangecookie";

impl Call<'_> {
    /// The server that a request about a room reaches: that of the cookie, else the anchor's, else that of
    /// the impersonated mailbox, else the room's own. In Exchange 2010 it is a Client Access server: that of its cookie,
    /// else the one to which a load balancer sent the connection.
    pub(super) fn server(&self, room: RoomNumber) -> u32 {
        if self.world.profile == ServerProfile::Exchange2010Sp1 {
            return self.client_access_server();
        }
        let cookie = || overridden(self.request);
        let anchor = || {
            let address = self.request.header_value("X-AnchorMailbox")?;
            self.world.room_number(address).ok().map(|room| self.world.server_of(room))
        };
        cookie().or_else(anchor).unwrap_or_else(|| self.world.server_of(self.impersonated.unwrap_or(room)))
    }

    fn client_access_server(&self) -> u32 {
        let balanced = self.request.connection.checked_rem(self.world.notifying.servers.into()).unwrap_or(0);
        kept(self.request).unwrap_or_else(|| u32::try_from(balanced).unwrap_or(0))
    }
}

/// Whether `X-AnchorMailbox` names the mailbox that is impersonated, if one is.
pub(super) fn anchored(request: &Request, envelope: &Element) -> bool {
    let sid = envelope.path(&["Header", "ExchangeImpersonation", "ConnectingSID"]);
    let who = sid.and_then(|sid| sid.children.first()).map(Element::text);
    let anchor = request.header_value("X-AnchorMailbox").unwrap_or_default();
    who.is_none_or(|who| who.eq_ignore_ascii_case(anchor))
}

impl World {
    /// Where a mailbox lies.
    fn server_of(&self, room: RoomNumber) -> u32 {
        let moved = self.failed_over.get(&room).copied().unwrap_or(0);
        (room.0 + moved).checked_rem(self.notifying.servers).unwrap_or(0)
    }

    /// Moves a room's mailbox to the next server. Its subscriptions are forgotten; no stream says so.
    ///
    /// # Errors
    ///
    /// [`SimError::UnknownRoom`].
    pub fn fail_over(&mut self, room: &str) -> Result<(), SimError> {
        let room = self.room_number(room)?;
        *self.failed_over.entry(room).or_default() += 1;
        self.subscriptions.forget(room);
        Ok(())
    }
}

/// The server that the cookie of an earlier answer names.
fn overridden(request: &Request) -> Option<u32> {
    cookie(request, COOKIE)?.strip_prefix("mbx-")?.parse().ok()
}

/// The same in Exchange 2010.
fn kept(request: &Request) -> Option<u32> {
    u32::from_str_radix(cookie(request, CLIENT_ACCESS)?, 16).ok()
}

/// The last cookie of a name.
fn cookie<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let cookies = request.header_value("Cookie")?.split(';');
    cookies.filter_map(|cookie| cookie.trim().strip_prefix(name)?.strip_prefix('=')).next_back()
}

/// The answer to the first Subscribe of a group, which prefers to stay where it is, says where that is. Exchange 2010
/// says it to everybody who does not know.
pub(super) fn bound(call: &Call<'_>, response: Response) -> Response {
    if call.world.profile == ServerProfile::Exchange2010Sp1 {
        if kept(call.request).is_some() {
            return response;
        }
        let server = format!("{CLIENT_ACCESS}={:032x}; path=/; HttpOnly", call.client_access_server());
        return response.header("Set-Cookie", server);
    }
    let prefers = call
        .request
        .header_value("X-PreferServerAffinity")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let anchor =
        call.request.header_value("X-AnchorMailbox").and_then(|anchor| call.world.room_number(anchor).ok());
    let Some(anchor) = anchor.filter(|_| call.body.name == "Subscribe" && prefers) else { return response };
    if overridden(call.request).is_some() {
        return response;
    }
    let server = call.world.server_of(anchor);
    let expires = (call.now() + chrono::Duration::minutes(10)).format("%a, %d-%b-%Y %H:%M:%S GMT");
    response
        .header("Set-Cookie", format!("{COOKIE}=mbx-{server}; path=/; HttpOnly"))
        .header("Set-Cookie", format!("X-BackEndCookie=mbx-{server}; expires={expires}; path=/EWS; HttpOnly"))
}
