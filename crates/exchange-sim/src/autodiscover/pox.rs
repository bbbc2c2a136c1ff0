//! Plain old XML: one address a request ([MS-OXDSCLI] 2.2.4).

use super::{Located, Redirect, ews_url};
use crate::room::Room;
use crate::xml::{Element, Xml};
use crate::{Request, Response, World};

const OUTER: &str = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
/// The only response schema that is understood.
const OUTLOOK: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
const LEGACY_DN: &str = "/o=Example/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=";

/// Why an address is not told about.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    NoSuchAddress,
    Invalid,
    NoProvider,
}

pub(super) fn answer(world: &World, request: &Request) -> Response {
    let answer = match asked(request) {
        Err(refusal) => refused(world, refusal),
        Ok(address) => match world.locate(&address) {
            Located::Here { room, .. } => {
                settings(room, &world.autodiscover.internal_ews_url, &ews_url(world, request))
            }
            Located::Elsewhere(redirect) => redirected(redirect),
            Located::Nowhere => refused(world, Refusal::NoSuchAddress),
        },
    };
    Response::new(200, "text/xml; charset=utf-8", answer)
}

/// The address that is asked about.
fn asked(request: &Request) -> Result<String, Refusal> {
    let document = Element::parse(&request.body).filter(|document| document.name == "Autodiscover");
    let document = document.ok_or(Refusal::Invalid)?;
    let asked = document.child("Request").ok_or(Refusal::Invalid)?;
    let address = asked.text_of("EMailAddress").filter(|address| address.contains('@'));
    match asked.text_of("AcceptableResponseSchema") {
        None => Err(Refusal::Invalid),
        Some(OUTLOOK) => address.map(ToOwned::to_owned).ok_or(Refusal::Invalid),
        Some(_) => Err(Refusal::NoProvider),
    }
}

fn response(namespace: &str, content: impl FnOnce(&mut Xml)) -> String {
    let mut xml = Xml::document();
    xml.element("Autodiscover", &[("xmlns", OUTER)], |xml| {
        xml.element("Response", &[("xmlns", namespace)], content);
    });
    xml.finish()
}

fn account(action: &str, content: impl FnOnce(&mut Xml)) -> impl FnOnce(&mut Xml) {
    let action = action.to_owned();
    move |xml| {
        xml.within("Account", |xml| {
            xml.leaf("AccountType", "email");
            xml.leaf("Action", &action);
            content(xml);
        });
    }
}

fn settings(room: &Room, inside: &str, outside: &str) -> String {
    response(OUTLOOK, |xml| {
        xml.within("User", |xml| {
            xml.leaf("DisplayName", &room.mailbox.name);
            xml.leaf("LegacyDN", &format!("{LEGACY_DN}Recipients/cn={}", room.alias));
            xml.leaf("AutoDiscoverSMTPAddress", &room.mailbox.address);
        });
        account("settings", |xml| {
            let protocols =
                [("EXCH", "mailbox.exchange.example", inside), ("EXPR", "exchange.example", outside)];
            for (kind, server, ews) in protocols {
                xml.within("Protocol", |xml| {
                    xml.leaf("Type", kind);
                    xml.leaf("Server", server);
                    for name in ["ASUrl", "EwsUrl", "OOFUrl"] {
                        xml.leaf(name, ews);
                    }
                });
            }
        })(xml);
    })
}

fn redirected(redirect: &Redirect) -> String {
    let (action, element, target) = match redirect {
        Redirect::Address(address) => ("redirectAddr", "RedirectAddr", address),
        Redirect::Url(url) => ("redirectUrl", "RedirectUrl", url),
    };
    response(OUTLOOK, account(action, |xml| xml.leaf(element, target)))
}

fn refused(world: &World, refusal: Refusal) -> String {
    let (code, message) = match refusal {
        Refusal::NoSuchAddress => ("500", "The email address can't be found."),
        Refusal::Invalid => ("600", "Invalid Request"),
        Refusal::NoProvider => ("601", "Provider is not available"),
    };
    let time = world.now.format("%H:%M:%S%.6f0").to_string();
    let id = world.tag.to_string();
    response(OUTER, |xml| {
        xml.element("Error", &[("Time", &time), ("Id", &id)], |xml| {
            xml.leaf("ErrorCode", code);
            xml.leaf("Message", message);
            xml.empty("DebugData", &[]);
        });
    })
}
