//! GetUserSettings: settings by name, of several mailboxes in one request ([MS-OXWSADISC] 3.1.4.3).

use super::{Located, Redirect, ews_url};
use crate::xml::{Element, Xml};
use crate::{Request, Response, ServerProfile, World};

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
const AUTODISCOVER: &str = "http://schemas.microsoft.com/exchange/2010/Autodiscover";
const ACTION: &str = "http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings";
/// The versions of the schema that `EwsSupportedSchemas` can name.
const SCHEMAS: [&str; 9] = [
    "Exchange2007",
    "Exchange2007_SP1",
    "Exchange2010",
    "Exchange2010_SP1",
    "Exchange2010_SP2",
    "Exchange2013",
    "Exchange2013_SP1",
    "Exchange2015",
    "Exchange2016",
];

pub(super) fn answer(world: &World, request: &Request) -> Response {
    let content_type = "text/xml; charset=utf-8";
    let envelope = Element::parse(&request.body).filter(|envelope| envelope.name == "Envelope");
    let operation = envelope.as_ref().and_then(|envelope| envelope.child("Body")?.children.first());
    let (Some(envelope), Some(operation)) = (&envelope, operation) else {
        return Response::empty(400);
    };
    if operation.name != "GetUserSettingsRequestMessage" {
        return Response::new(500, content_type, unknown_action());
    }
    let reply = match asked(envelope, operation) {
        Err(sentence) => reply(world, |xml| outcome("InvalidRequest", sentence, xml)),
        Ok(Asked { users, settings }) => reply(world, |xml| {
            outcome("NoError", "", xml);
            xml.within("UserResponses", |xml| {
                for user in users {
                    xml.within("UserResponse", |xml| {
                        user_response(world, request, user, &settings, xml);
                    });
                }
            });
        }),
    };
    Response::new(200, content_type, reply)
}

struct Asked<'a> {
    users: Vec<&'a str>,
    settings: Vec<&'a str>,
}

fn asked<'a>(envelope: &Element, operation: &'a Element) -> Result<Asked<'a>, &'static str> {
    let header = envelope.child("Header").ok_or("The request has no header.")?;
    if header.text_of("RequestedServerVersion").is_none() {
        return Err("The header RequestedServerVersion is missing.");
    }
    if header.text_of("Action") != Some(ACTION) || header.text_of("To").is_none() {
        return Err("The headers Action and To are missing, or are another operation's.");
    }
    let users = operation.path(&["Request", "Users"]).map_or(&[][..], |users| &users.children);
    let settings = operation.path(&["Request", "RequestedSettings"]);
    let settings = settings.map_or(&[][..], |settings| &settings.children);
    if users.is_empty() || settings.is_empty() {
        return Err("The request names no user, or no setting.");
    }
    Ok(Asked {
        users: users.iter().map(|user| user.text_of("Mailbox").unwrap_or_default()).collect(),
        settings: settings.iter().map(Element::text).collect(),
    })
}

fn outcome(code: &str, message: &str, xml: &mut Xml) {
    xml.leaf("ErrorCode", code);
    xml.leaf("ErrorMessage", message);
}

fn user_response(world: &World, request: &Request, user: &str, settings: &[&str], xml: &mut Xml) {
    let nowhere = |xml: &mut Xml| xml.empty("RedirectTarget", &[("i:nil", "true")]);
    let nothing = |xml: &mut Xml| {
        xml.empty("UserSettingErrors", &[]);
        xml.empty("UserSettings", &[]);
    };
    match world.locate(user) {
        Located::Here { room, group } => {
            outcome("NoError", "No error.", xml);
            nowhere(xml);
            let schemas = schemas(world.profile()).join(", ");
            let known = [
                ("AutoDiscoverSMTPAddress", room.mailbox.address.as_str()),
                ("EwsSupportedSchemas", &schemas),
                ("ExternalEwsUrl", &ews_url(world, request)),
                ("GroupingInformation", group),
                ("InternalEwsUrl", &world.autodiscover.internal_ews_url),
                ("UserDisplayName", &room.mailbox.name),
            ];
            user_settings(&known, settings, xml);
        }
        Located::Elsewhere(redirect) => {
            let (code, message, target) = match redirect {
                Redirect::Address(address) => ("RedirectAddress", "Redirection address.", address),
                Redirect::Url(url) => ("RedirectUrl", "Redirection URL.", url),
            };
            outcome(code, message, xml);
            xml.leaf("RedirectTarget", target);
            nothing(xml);
        }
        Located::Nowhere => {
            outcome("InvalidUser", &format!("Invalid user '{user}'"), xml);
            nowhere(xml);
            nothing(xml);
        }
    }
}

/// Every setting that is asked for is told, or is said not to be there.
fn user_settings(known: &[(&str, &str)], asked: &[&str], xml: &mut Xml) {
    let value = |name: &str| known.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    xml.within("UserSettingErrors", |xml| {
        for name in asked.iter().filter(|name| value(name).is_none()) {
            xml.within("UserSettingError", |xml| {
                outcome("SettingIsNotAvailable", "The requested setting is not available.", xml);
                xml.leaf("SettingName", name);
            });
        }
    });
    xml.within("UserSettings", |xml| {
        for (name, value) in asked.iter().filter_map(|name| Some((name, value(name)?))) {
            xml.element("UserSetting", &[("i:type", "StringSetting")], |xml| {
                xml.leaf("Name", name);
                xml.leaf("Value", value);
            });
        }
    });
}

fn envelope(header: impl FnOnce(&mut Xml), body: impl FnOnce(&mut Xml)) -> String {
    let mut xml = Xml::document();
    xml.element("s:Envelope", &[("xmlns:s", ENVELOPE), ("xmlns:a", ADDRESSING)], |xml| {
        xml.within("s:Header", header);
        xml.within("s:Body", body);
    });
    xml.finish()
}

fn schemas(profile: ServerProfile) -> Vec<&'static str> {
    SCHEMAS.into_iter().filter(|schema| profile.takes(schema)).collect()
}

/// As servers were seen to name themselves here.
fn version_name(profile: ServerProfile) -> &'static str {
    match profile {
        ServerProfile::Exchange2007Sp1 | ServerProfile::Exchange2010Sp1 => "Exchange2010_SP1",
        ServerProfile::Exchange2013 | ServerProfile::Other => "Exchange2013",
        _ => "Exchange2015",
    }
}

fn reply(world: &World, response: impl FnOnce(&mut Xml)) -> String {
    let profile = world.profile();
    let version = profile.version();
    let numbers = [
        ("h:MajorVersion", version.major),
        ("h:MinorVersion", version.minor),
        ("h:MajorBuildNumber", version.major_build),
        ("h:MinorBuildNumber", version.minor_build),
    ];
    let header = |xml: &mut Xml| {
        xml.element("a:Action", &[("s:mustUnderstand", "1")], |xml| xml.text(&format!("{ACTION}Response")));
        xml.element("h:ServerVersionInfo", &[("xmlns:h", AUTODISCOVER)], |xml| {
            for (name, number) in numbers {
                xml.leaf(name, &number.to_string());
            }
            xml.leaf("h:Version", version_name(profile));
        });
    };
    envelope(header, |xml| {
        xml.element("GetUserSettingsResponseMessage", &[("xmlns", AUTODISCOVER)], |xml| {
            xml.element("Response", &[("xmlns:i", INSTANCE)], response);
        });
    })
}

fn unknown_action() -> String {
    envelope(
        |_| {},
        |xml| {
            xml.within("s:Fault", |xml| {
                xml.leaf("faultcode", "a:ActionNotSupported");
                xml.leaf("faultstring", "No operation has the name of the message's first element.");
            });
        },
    )
}
