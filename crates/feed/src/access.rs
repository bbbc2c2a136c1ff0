//! Who may see what.
//!
//! A room is read by whoever shows its token or one for all rooms, in the URL (`?token=`) or as a bearer (RFC 6750 §2.1);
//! by its own devices, from their addresses; by an administrator who has signed in; and by programs of this machine. What is
//! private is private for all of them: what the rules hide is not here to be shown.

mod addresses;
mod token;

use crate::{
    admin::session::Session,
    room::Room,
    server::{Feed, Shared},
};
pub(crate) use addresses::{Addresses, Names};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Uri, header, request::Parts},
};
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};
pub use token::Token;
pub(crate) use token::one_of;
use url::form_urlencoded;

/// Whoever asks.
#[derive(Debug)]
pub(crate) struct Visitor {
    /// Where from, as the connection says: what a proxy says of others is not believed.
    address: Option<IpAddr>,
    /// Whether somebody else asks through whoever has this connection.
    is_proxied: bool,
    bearer: Option<String>,
    /// The token of the URL.
    token: Option<String>,
    /// An administrator's session.
    pub(crate) session: Option<Session>,
}

impl Visitor {
    /// Whether a room may be shown to them.
    pub(crate) async fn may_read(&self, feed: &Shared, room: &Room) -> bool {
        self.sees_all(feed)
            || self.shows(&room.tokens)
            || match self.address {
                Some(address) if !self.is_proxied => room.devices.contain(address, &feed.names).await,
                _ => false,
            }
    }

    /// Whether a room's pages for phones may be shown to them. A device's address does, without a look at the rest.
    pub(crate) async fn may_phone(&self, feed: &Shared, room: &Room) -> bool {
        self.is_local(feed) || self.may_read(feed, room).await
    }

    /// Whether all rooms may be shown to them.
    pub(crate) fn sees_all(&self, feed: &Shared) -> bool {
        self.is_local(feed) || self.session.is_some() || self.shows(&feed.tokens)
    }

    /// Whether they have said who they are, in vain or not.
    pub(crate) fn is_known(&self) -> bool {
        self.bearer.is_some() || self.token.is_some()
    }

    /// The token that links have to carry for this visitor to follow them: the one that led here.
    pub(crate) fn carried<'a>(&'a self, feed: &Shared, room: &Room) -> Option<&'a str> {
        let token = self.token.as_deref()?;
        (one_of(&feed.tokens, token) || one_of(&room.tokens, token)).then_some(token)
    }

    /// Where they ask from, as far as that is known.
    pub(crate) fn from(&self) -> IpAddr {
        self.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }

    /// A program of this machine that asks for itself. Where the feed is reached by https there is a proxy, for the feed speaks
    /// http alone: then whoever asks from this machine may be that, and not every proxy says so.
    fn is_local(&self, feed: &Shared) -> bool {
        !self.is_proxied
            && !feed.is_https
            && self.address.is_some_and(|address| address.to_canonical().is_loopback())
    }

    fn shows(&self, tokens: &[Token]) -> bool {
        self.bearer.iter().chain(&self.token).any(|shown| one_of(tokens, shown))
    }
}

impl FromRequestParts<Feed> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, feed: &Feed) -> Result<Self, Infallible> {
        let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self {
            address: connection.map(|ConnectInfo(address)| address.ip()),
            is_proxied: ["forwarded", "x-forwarded-for", "via"]
                .iter()
                .any(|name| parts.headers.contains_key(*name)),
            bearer: bearer(&parts.headers),
            token: token_of(&parts.uri),
            session: session(feed, &parts.headers),
        })
    }
}

fn session(feed: &Feed, headers: &HeaderMap) -> Option<Session> {
    let feed = headers.contains_key(header::COOKIE).then(|| feed.shared())?;
    feed.sessions.of(headers, &feed.administrator, feed.clock.now().wall)
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

fn token_of(uri: &Uri) -> Option<String> {
    let mut query = form_urlencoded::parse(uri.query()?.as_bytes());
    query.find(|(name, _)| name == "token").map(|(_, token)| token.into_owned())
}
