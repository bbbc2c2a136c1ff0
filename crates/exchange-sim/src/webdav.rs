//! WebDAV of Exchange 2003 and 2007: the same rooms and meetings below `/exchange`.
//!
//! Reading is what it can: folders by PROPFIND, calendars by SEARCH with the store's own expansion, changes by SUBSCRIBE,
//! POLL and UNSUBSCRIBE. Nothing is written through it.

mod appointment;
mod forms;
mod manners;
mod multistatus;
mod notify;
mod path;
mod propfind;
mod replication;
mod search;
mod sql;
mod store;
mod subscribe;
mod vtimezone;

pub use self::manners::{
    DatagramManners, InvalidCollblob, LostIds, StoreVersion, WebdavManners, WebdavSignIn,
};
pub use self::notify::Datagram;

pub(crate) use self::store::Store;

use self::path::{Folder, Place};
use crate::account::Rights;
use crate::fault::{Fault, Moment, Struck};
use crate::http::Ending;
use crate::world::RoomNumber;
use crate::{MailboxState, Request, Response, ServerProfile, World};

/// One request being answered.
struct Call<'a> {
    world: &'a mut World,
    request: &'a Request,
    room: RoomNumber,
    folder: Folder,
    fault: Option<Fault>,
}

/// Whether a path, in lower case, is one of this face's.
pub(crate) fn serves(page: &str) -> bool {
    ["/exchange/", "/exchweb/bin/auth/", "/owa/auth/"].iter().any(|start| page.starts_with(start))
        || page == "/exchange"
}

/// Answers a request below `/exchange`, or to a form.
pub(crate) fn handle(world: &mut World, request: &Request) -> Response {
    let Some(manners) = world.webdav.manners.clone() else { return without(world) };
    let response = respond(world, request, &manners);
    let is_form = request.path.contains("/auth/");
    let response = if is_form || response.status == 440 {
        response
    } else {
        response.header("MS-WebStorage", manners.version.build())
    };
    response.header("Server", manners.version.server()).header("X-Powered-By", "ASP.NET")
}

/// Where there is no such thing: Exchange 2010 and later lead people to their web mail.
fn without(world: &World) -> Response {
    if world.profile < ServerProfile::Exchange2010Sp1 || world.profile == ServerProfile::Other {
        return Response::new(404, "text/html", "<html><body>The page cannot be found</body></html>");
    }
    let version = world.profile.version();
    let version =
        format!("{}.{}.{}.{}", version.major, version.minor, version.major_build, version.minor_build);
    Response::empty(302)
        .header("Location", "https://mail.exchange.example/owa/")
        .header("X-OWA-Version", version)
}

fn respond(world: &mut World, request: &Request, manners: &WebdavManners) -> Response {
    if let Some(page) = forms::page(world, request, manners) {
        return page;
    }
    if world.webdav.down_until.is_some_and(|until| world.now < until) {
        return Response::new(503, "text/html", "<html><body>Service Unavailable</body></html>");
    }
    let login = match manners.sign_in {
        WebdavSignIn::Http => match world.signed_in(request) {
            Ok(signed_in) => signed_in.login,
            Err(refusal) => return refusal,
        },
        WebdavSignIn::Forms => match forms::session(world, request) {
            Some(login) => login,
            None => return forms::login_timeout(),
        },
    };
    let Some(place) = Place::of(world, &request.path, manners) else {
        return Response::new(404, "text/html", "<html><body>Resource Not Found</body></html>");
    };
    let fault = strike(world, request, place.room);
    if let Some(response) = fault.and_then(|fault| instead(world, fault)) {
        return response;
    }
    if let Some(refusal) = refused(world, request, manners, &login, place) {
        return refusal;
    }
    let Place { room, folder } = place;
    let response = Call { world, request, room, folder, fault }.response(manners);
    fault.map_or(response.clone(), |fault| distorted(fault, response))
}

/// The reasons why a mailbox cannot be read.
fn refused(
    world: &mut World,
    request: &Request,
    manners: &WebdavManners,
    login: &str,
    place: Place,
) -> Option<Response> {
    let state = world.room(place.room).map_or(MailboxState::Deleted, |room| room.state);
    match state {
        MailboxState::Deleted => return Some(Response::empty(404)),
        MailboxState::StoreUnavailable | MailboxState::Moving => return Some(Response::empty(503)),
        // whoever says a language sets the mailbox up in it
        MailboxState::NeverOpened if request.header_value("Accept-Language").is_none() => {
            return Some(Response::empty(401).header("WWW-Authenticate", "Negotiate"));
        }
        MailboxState::NeverOpened => {
            if let Some(room) = world.room_mut(place.room) {
                room.state = MailboxState::Healthy;
            }
        }
        _ => {}
    }
    let rights = world.accounts.get(login).map_or(Rights::None, |account| account.rights_in(place.room));
    let may = match place.folder {
        Folder::Root => rights >= Rights::Full,
        Folder::NonIpmSubtree | Folder::Calendar => rights >= Rights::Reviewer,
    };
    if may && !world.webdav.forbidden.contains(&place.room) {
        return None;
    }
    Some(match manners.sign_in {
        WebdavSignIn::Http => Response::new(403, "text/html", "<html><body>Forbidden</body></html>"),
        // no access looks as if nobody were signed in, and ends the session
        WebdavSignIn::Forms => {
            forms::end_session(world, request);
            forms::login_timeout()
        }
    })
}

impl Call<'_> {
    fn response(&mut self, manners: &WebdavManners) -> Response {
        match self.request.method.as_str() {
            "OPTIONS" => Response::empty(200)
                .header("DAV", "1, 2")
                .header("Allow", "OPTIONS, GET, PROPFIND, SEARCH, SUBSCRIBE, UNSUBSCRIBE, POLL"),
            "GET" => {
                Response::new(200, "text/html", "<html><body>Microsoft Outlook Web Access</body></html>")
            }
            "PROPFIND" => propfind::answer(self, manners),
            "SEARCH" => search::answer(self, manners),
            "SUBSCRIBE" => subscribe::subscribe(self, manners),
            "POLL" => subscribe::poll(self, manners),
            "UNSUBSCRIBE" => subscribe::unsubscribe(self),
            _ => Response::empty(501),
        }
    }

    /// The host that addresses are told with, which need not be the one that was asked.
    fn address(&self, manners: &WebdavManners, path: &str) -> String {
        let host = manners.host.as_deref().or_else(|| self.request.header_value("Host"));
        format!("http://{}{path}", host.unwrap_or("mail.exchange.example"))
    }
}

fn strike(world: &mut World, request: &Request, room: RoomNumber) -> Option<Fault> {
    let World { faults, dice, now, .. } = world;
    let call = Struck {
        operation: &request.method,
        rooms: &[room],
        items: 0,
        resumes: false,
        anchored: true,
        moment: Moment::Call,
    };
    faults.strike(*now, dice, &call)
}

/// What a fault answers before anything is looked at.
fn instead(world: &mut World, fault: Fault) -> Option<Response> {
    match fault {
        Fault::ServiceUnavailable => Some(Response::empty(503).header("Retry-After", "10")),
        Fault::IisError => {
            Some(Response::new(500, "text/html", "<html><body>Internal Server Error</body></html>"))
        }
        Fault::WrongPassword => Some(world.challenge()),
        Fault::SubscriptionLost => {
            world.webdav.forget_subscriptions();
            None
        }
        _ => None,
    }
}

fn distorted(fault: Fault, mut response: Response) -> Response {
    let half = response.body.len() / 2;
    match fault {
        Fault::TruncatedBody => response.body.truncate(half),
        Fault::ConnectionClosed => response.ending = Ending::ClosedAfter(half),
        _ => {}
    }
    response
}
