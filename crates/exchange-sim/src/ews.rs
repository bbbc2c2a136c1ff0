//! Exchange Web Services: from an HTTP request to the reply of an operation.

mod affinity;
mod calendar_item;
mod convert_id;
mod create_item;
mod delete_item;
mod dialect;
mod faulty;
mod find_folder;
mod find_item;
mod folder;
mod get_events;
mod get_folder;
mod get_item;
mod get_password_expiration_date;
mod get_rooms;
mod get_server_time_zones;
mod get_streaming_events;
mod get_user_availability;
mod id;
mod mailbox_state;
mod named;
mod notification;
mod refusal;
mod request_schema;
mod resolve_names;
mod send_notification;
mod shape;
mod soap;
mod stray_item;
mod stream_envelope;
mod subscribe;
mod sync_folder_items;
mod sync_state;
mod update_item;
mod written;
pub(crate) mod zone_rules;

use chrono::{DateTime, NaiveDateTime, Utc};

pub(crate) use self::send_notification::{Answer as NotificationAnswer, send_notification};
pub(crate) use self::stream_envelope::{ConnectionStatus, StreamMessage, stream_envelope};

use self::soap::{EwsError, Schema};
use crate::account::Rights;
use crate::fault::{Fault, Moment, Struck};
use crate::item::CalendarItem;
use crate::profile::ServerProfile;
use crate::sign_in::SignedIn;
use crate::throttle::{Payer, Refused};
use crate::world::RoomNumber;
use crate::xml::Element;
use crate::{Request, Response, World, Zone};

/// How long a client is asked to wait that synchronizes too much at a time, in milliseconds.
const SYNC_BACK_OFF: i64 = 5000;

/// One operation being answered.
struct Call<'a> {
    world: &'a mut World,
    request: &'a Request,
    body: &'a Element,
    login: String,
    impersonated: Option<RoomNumber>,
    /// The version of the schema as it was asked for, and what it can express.
    version: String,
    schema: Schema,
    /// The zone in which instants are read and written; none is UTC.
    zone: Option<Zone>,
    fault: Option<Fault>,
}

/// Answers a request to `/EWS/Exchange.asmx`.
pub(crate) fn handle(world: &mut World, request: &Request) -> Response {
    let response = respond(world, request);
    dialect::spoken(world, request, response)
}

fn respond(world: &mut World, request: &Request) -> Response {
    if let Some(refusal) = dialect::refused(world.profile, request) {
        return refusal;
    }
    let envelope = Element::parse(&request.body).filter(|envelope| envelope.name == "Envelope");
    let body = envelope.as_ref().and_then(|envelope| envelope.child("Body")?.children.first());
    let fault = strike(world, request, envelope.as_ref(), body);
    let operation = body.map_or("", |body| body.name.as_str());
    if fault == Some(Fault::SignInForgotten) {
        world.forget_connections();
    }
    if let Some(response) = fault.and_then(|fault| faulty::instead(world, fault, request, operation)) {
        return response;
    }
    let signed_in = match world.signed_in(request) {
        Ok(signed_in) => signed_in,
        Err(refusal) => return refusal,
    };
    if request.method != "POST" {
        return Response::new(405, "text/plain", "post a SOAP envelope here").header("Allow", "POST");
    }
    let (Some(envelope), Some(body)) = (&envelope, body) else {
        return dialect::fault(world.profile, &EwsError::of("ErrorSchemaValidation"));
    };
    if world.profile == ServerProfile::ExchangeOnlineEwsOff {
        return Response::empty(403);
    }
    let sid = envelope.path(&["Header", "ExchangeImpersonation", "ConnectingSID"]);
    if sid.is_some_and(|sid| sid.children.len() > 1) {
        return Response::empty(403);
    }
    let profile = world.profile;
    let answered = open(world, request, envelope, body, &signed_in, fault).and_then(|mut call| {
        call.valid()?;
        call.charge()?;
        call.response()
    });
    let response = answered.unwrap_or_else(|error| dialect::fault(profile, &error));
    if fault == Some(Fault::OtherOperation) {
        get_streaming_events::discard(world, &response);
    }
    let mut response =
        fault.map_or(response.clone(), |fault| faulty::distorted(fault, &mut world.dice, response));
    response.delay += world.throttle.call_time().to_std().unwrap_or_default();
    signed_in.answered(response)
}

/// The fault, if any, that strikes this call.
fn strike(
    world: &mut World,
    request: &Request,
    envelope: Option<&Element>,
    body: Option<&Element>,
) -> Option<Fault> {
    if world.faults.is_empty() {
        return None;
    }
    let rooms = envelope.map(|envelope| world.rooms_named(envelope)).unwrap_or_default();
    let call = Struck {
        operation: body.map_or("", |body| body.name.as_str()),
        rooms: &rooms,
        items: body.and_then(|body| body.child("ItemIds")).map_or(0, |ids| ids.children.len()),
        resumes: body.and_then(|body| body.text_of("SyncState")).is_some_and(|state| !state.is_empty()),
        anchored: envelope.is_none_or(|envelope| affinity::anchored(request, envelope)),
        moment: Moment::Call,
    };
    let World { faults, dice, now, .. } = world;
    faults.strike(*now, dice, &call)
}

/// Reads the SOAP header: schema version, impersonation, time zone.
fn open<'a>(
    world: &'a mut World,
    request: &'a Request,
    envelope: &Element,
    body: &'a Element,
    signed_in: &SignedIn,
    fault: Option<Fault>,
) -> Result<Call<'a>, EwsError> {
    let none = Element::default();
    let header = envelope.child("Header").unwrap_or(&none);
    let version = header.child("RequestServerVersion").and_then(|version| version.attribute("Version"));
    let version = version.unwrap_or("Exchange2007").to_owned();
    if !world.profile.takes(&version) {
        return Err(EwsError::of("ErrorInvalidServerVersion"));
    }
    let schema = version.parse()?;
    let zone = header.path(&["TimeZoneContext", "TimeZoneDefinition"]).and_then(|zone| zone.attribute("Id"));
    let zone = match zone {
        None | Some("UTC") => None,
        Some(_) if !world.profile.knows_time_zone_context() => None,
        Some(id) => Some(world.zone(id).ok_or_else(|| EwsError::of("ErrorTimeZone"))?),
    };
    let impersonated = match header.path(&["ExchangeImpersonation", "ConnectingSID"]) {
        None if signed_in.application => {
            return Err(EwsError::of("ErrorInvalidExchangeImpersonationHeaderData"));
        }
        None => None,
        Some(sid) => Some(impersonate(world, &signed_in.login, sid)?),
    };
    let login = signed_in.login.clone();
    Ok(Call { world, request, body, login, impersonated, version, schema, zone, fault })
}

fn impersonate(world: &World, login: &str, sid: &Element) -> Result<RoomNumber, EwsError> {
    let [who] = sid.children.as_slice() else { return Err(EwsError::of("ErrorSchemaValidation")) };
    if !world.accounts.get(login).is_some_and(|account| account.impersonates) {
        return Err(EwsError::of("ErrorImpersonateUserDenied"));
    }
    let unknown = || EwsError::of("ErrorNonExistentMailbox").with("SmtpAddress", who.text().to_owned());
    let number = world.room_number(who.text()).map_err(|_unknown| unknown())?;
    mailbox_state::may_be_impersonated(world, number, who)?;
    Ok(number)
}

impl Call<'_> {
    fn response(&mut self) -> Result<Response, EwsError> {
        if let Some(Fault::Code(code)) = self.fault {
            return refusal::answer(self, code);
        }
        if self.body.name == "GetStreamingEvents" {
            return get_streaming_events::answer(self).map(|response| affinity::bound(self, response));
        }
        let response = Response::new(200, "text/xml; charset=utf-8", self.answer()?);
        Ok(affinity::bound(self, response))
    }

    fn answer(&mut self) -> Result<String, EwsError> {
        if self.fault == Some(Fault::NonExistentMailbox) {
            return Err(EwsError::of("ErrorNonExistentMailbox"));
        }
        match self.body.name.as_str() {
            absent if !self.world.profile.has(absent) => Err(EwsError::of("ErrorSchemaValidation")),
            "GetFolder" => get_folder::answer(self),
            "SyncFolderItems" => sync_folder_items::answer(self),
            "GetItem" => get_item::answer(self),
            "GetUserAvailabilityRequest" => get_user_availability::answer(self),
            "GetRoomLists" => get_rooms::lists(self),
            "GetRooms" => get_rooms::rooms(self),
            "GetPasswordExpirationDate" => get_password_expiration_date::answer(self),
            "ResolveNames" => resolve_names::answer(self),
            "GetServerTimeZones" => get_server_time_zones::answer(self),
            "ConvertId" => convert_id::answer(self),
            "CreateItem" => create_item::answer(self),
            "UpdateItem" => update_item::answer(self),
            "DeleteItem" => delete_item::answer(self),
            "MoveItem" => delete_item::move_item(self),
            "FindItem" => find_item::answer(self),
            "FindFolder" => find_folder::answer(self),
            "Subscribe" => subscribe::answer(self),
            "GetEvents" => get_events::answer(self),
            "Unsubscribe" => subscribe::unsubscribe(self),
            _ => Err(EwsError::of("ErrorSchemaValidation")),
        }
    }

    /// Fails unless the request is one of the schema, where the server looks at that.
    fn valid(&self) -> Result<(), EwsError> {
        if self.world.profile.habits().checks_schemas {
            request_schema::check(self.request, self.body)
        } else {
            Ok(())
        }
    }

    /// Takes the call from its budget, or says why the budget does not allow it.
    fn charge(&mut self) -> Result<(), EwsError> {
        let now = self.now();
        let payer = self.impersonated.map_or_else(|| Payer::Account(self.login.clone()), Payer::Mailbox);
        let syncs = self.body.name == "SyncFolderItems";
        self.world.throttle.charge(now, payer, syncs).map_err(|refused| throttled(&refused))
    }

    fn now(&self) -> DateTime<Utc> {
        self.world.now
    }

    /// What the caller may do in a room's calendar.
    fn rights(&self, room: RoomNumber) -> Rights {
        match self.impersonated {
            _ if self.fault == Some(Fault::AccessDenied) => Rights::None,
            Some(own) if own == room => Rights::Full,
            Some(other) => self.world.rights_of(other, room),
            None => {
                self.world.accounts.get(&self.login).map_or(Rights::None, |account| account.rights_in(room))
            }
        }
    }

    /// The number of an item's last change, as far as the server counts it as one.
    fn changed(&self, room: RoomNumber, item: &CalendarItem) -> u64 {
        let calendar = self.world.room(room).map(|room| &room.calendar);
        match calendar.filter(|_| !self.world.profile.habits().counts_occurrences) {
            Some(calendar) => calendar.changed_itself(item),
            None => item.changed,
        }
    }

    /// Fails unless the caller may read a room's calendar.
    fn may_read(&self, room: RoomNumber) -> Result<(), EwsError> {
        if let Some(code) = self.world.mailbox_refuses(room, &self.version) {
            return Err(EwsError::of(code));
        }
        self.reachable(room)?;
        if self.rights(room) < Rights::Reviewer { Err(EwsError::of("ErrorAccessDenied")) } else { Ok(()) }
    }

    /// An instant as a request writes it; without an offset it is read in the request's zone.
    fn instant(&self, text: &str) -> Result<DateTime<Utc>, EwsError> {
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Ok(instant.to_utc());
        }
        let wall: NaiveDateTime = text.parse().map_err(|_bad| EwsError::of("ErrorSchemaValidation"))?;
        Ok(self.zone.as_ref().map_or_else(|| wall.and_utc(), |zone| zone.instant(wall)))
    }
}

/// What a client is told whose budget does not allow its call.
fn throttled(refused: &Refused) -> EwsError {
    let exceeded = |part: &str, limit: usize, back_off: i64| {
        format!(
            "This operation exceeds the throttling budget for policy part '{part}', policy value '{limit}',  \
             Budget type: 'Ews'.  Suggested backoff time {back_off} ms."
        )
    };
    match *refused {
        Refused::Concurrency { limit } => EwsError::of("ErrorExceededConnectionCount")
            .with("Policy", "MaxConcurrency".to_owned())
            .with("MaxConcurrencyLimit", limit.to_string())
            .with("ErrorMessage", exceeded("MaxConcurrency", limit, 0)),
        Refused::SyncCalls { limit } => EwsError::of("ErrorServerBusy")
            .with("Policy", "ConcurrentSyncCalls".to_owned())
            .with("ErrorMessage", exceeded("ConcurrentSyncCalls", limit, SYNC_BACK_OFF))
            .with("BackOffMilliseconds", SYNC_BACK_OFF.to_string()),
        Refused::Spent { back_off } => EwsError::of("ErrorServerBusy")
            .with("BackOffMilliseconds", back_off.num_milliseconds().to_string()),
    }
}

impl World {
    fn zone(&self, id: &str) -> Option<Zone> {
        self.zones.get(id).cloned().or_else(|| Zone::windows(id).ok())
    }

    /// The rooms a request speaks of: by address, or by an id of theirs.
    fn rooms_named(&self, envelope: &Element) -> Vec<RoomNumber> {
        let mut rooms = Vec::new();
        for element in envelope.walk() {
            let by_name = self.room_number(element.text()).ok();
            let by_id = || element.attribute("Id").and_then(|id| self.id(id)).map(id::Id::room);
            let by_subscription = || {
                (element.name == "SubscriptionId").then(|| self.subscription_key(element.text())).flatten()
            };
            let room = by_name.or_else(by_id).or_else(|| by_subscription().map(|(room, _)| room));
            rooms.extend(room);
        }
        rooms
    }
}
