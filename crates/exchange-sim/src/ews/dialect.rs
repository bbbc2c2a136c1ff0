//! How another server than the one that the operations were written for says the same.

use super::soap::{self, EwsError};
use crate::http::Ending;
use crate::profile::ServerProfile;
use crate::xml::Xml;
use crate::{Request, Response, World};

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const MESSAGES: &str = "http://schemas.microsoft.com/exchange/services/2006/messages";
const TYPES: &str = "http://schemas.microsoft.com/exchange/services/2006/types";
const ERRORS: &str = "http://schemas.microsoft.com/exchange/services/2006/errors";
const XML: &str = "text/xml; charset=utf-8";
/// COR_E_EXCEPTION, which is all that Exchange 2007 says of some mistakes.
const OLD_ERROR_CODE: &str = "-2146233088";

/// A SOAP fault as a server says it.
pub(super) fn fault(profile: ServerProfile, error: &EwsError) -> Response {
    match profile {
        ServerProfile::Other => {
            // What it could not read at all has a code of SOAP's own and status 500.
            let (status, code) =
                if error.code == "ErrorSchemaValidation" { (500, "SOAP:Client") } else { (200, error.code) };
            enveloped(status, |xml| {
                xml.leaf("faultcode", code);
                xml.leaf("faultstring", error.sentence());
            })
        }
        ServerProfile::Exchange2007Sp1 => enveloped(500, |xml| {
            xml.leaf("faultcode", "s:Client");
            xml.leaf("faultstring", error.sentence());
            xml.leaf("faultactor", "https://ex01.exchange.example/EWS/Exchange.asmx");
            xml.within("detail", |xml| match error.code {
                "ErrorInvalidServerVersion" | "ErrorSchemaValidation" => {
                    xml.element("ErrorCode", &[("xmlns", MESSAGES)], |xml| xml.text(OLD_ERROR_CODE));
                }
                code => {
                    xml.element("ResponseCode", &[("xmlns", ERRORS)], |xml| xml.text(code));
                    xml.element("Message", &[("xmlns", ERRORS)], |xml| xml.text(error.sentence()));
                    error.write_message_xml(xml);
                }
            });
        }),
        _ => soap::fault(error),
    }
}

fn enveloped(status: u16, parts: impl FnOnce(&mut Xml)) -> Response {
    let mut xml = Xml::document();
    xml.element("s:Envelope", &[("xmlns:s", ENVELOPE)], |xml| {
        xml.within("s:Body", |xml| xml.within("s:Fault", parts));
    });
    Response::new(status, XML, xml.finish())
}

/// What the server that is not Exchange does not even look into: bodies in chunks, and paths with a query.
pub(super) fn refused(profile: ServerProfile, request: &Request) -> Option<Response> {
    let chunked = request.header_value("Transfer-Encoding").is_some();
    match profile {
        ServerProfile::Other if request.path.contains('?') => Some(Response::empty(405)),
        ServerProfile::Other if chunked => Some(Response::empty(400)),
        _ => None,
    }
}

/// A reply with the version, the words and the headers of its server.
pub(super) fn spoken(world: &mut World, request: &Request, mut response: Response) -> Response {
    let profile = world.profile;
    if response.header_value("Content-Type") == Some(XML) {
        // Replies are written as UTF-8; one that a fault cut inside a letter is left as it is.
        if let Ok(text) = String::from_utf8(response.body.clone()) {
            let text = versioned(profile, text);
            response.body = worded(profile, text).into_bytes();
        }
    }
    if profile == ServerProfile::Other {
        response.headers.retain(|(name, value)| name != "Content-Type" || value != XML);
        let stream = matches!(response.ending, Ending::Stream(_));
        let xml = stream || response.body.starts_with(b"<?xml");
        return if xml { response.header("Content-Type", "text/xml") } else { response };
    }
    headed(world, request, response)
}

/// The reply with its server's own version in place of the one it was written with.
fn versioned(profile: ServerProfile, text: String) -> String {
    const OPEN: &str = "<h:ServerVersionInfo ";
    let version = profile.version();
    if version == ServerProfile::default().version() {
        return text;
    }
    let Some((before, rest)) = text.split_once(OPEN) else { return text };
    let Some((_, after)) = rest.split_once("/>") else { return text };
    let schema = version.schema.map(|schema| format!(" Version=\"{schema}\"")).unwrap_or_default();
    format!(
        "{before}{OPEN}MajorVersion=\"{}\" MinorVersion=\"{}\" MajorBuildNumber=\"{}\" \
         MinorBuildNumber=\"{}\"{schema} xmlns:h=\"{TYPES}\"/>{after}",
        version.major, version.minor, version.major_build, version.minor_build
    )
}

/// A reply in the words of its server.
pub(super) fn worded(profile: ServerProfile, text: String) -> String {
    if profile == ServerProfile::Other { reworded(text) } else { text }
}

/// The words of the server that is not Exchange.
fn reworded(mut text: String) -> String {
    text = text.replace("m:GetEventsResponseMessage", "m:x");
    for name in ["m:Watermark", "t:Watermark", "t:PreviousWatermark"] {
        text = edited(&text, name, |_| String::new());
    }
    for name in ["t:StartTimeZone", "t:EndTimeZone"] {
        text = edited(&text, name, |element| element.repeat(2));
    }
    for name in ["t:LastModifiedTime", "t:DateTimeCreated", "t:TimeStamp"] {
        text = edited(&text, name, |element| element.replacen("Z</", ".114489300Z</", 1));
    }
    for name in ["t:StartDate", "t:EndDate"] {
        text = edited(&text, name, |element| {
            let date = element.get(name.len() + 2..name.len() + 12).unwrap_or_default();
            format!("<{name}>{date}T00:00:00.000000Z</{name}>")
        });
    }
    text
}

/// The text with every element of a name, which must not hold another of that name, put otherwise.
pub(super) fn edited(text: &str, name: &str, edit: impl Fn(&str) -> String) -> String {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once(&open) {
        done.push_str(before);
        // A longer name begins alike.
        if !tail.starts_with(['>', ' ', '/']) {
            done.push_str(&open);
            rest = tail;
            continue;
        }
        let empty = tail.split_once('>').filter(|(head, _)| head.ends_with('/'));
        let (inside, after) = match empty {
            Some((head, after)) => (format!("{head}>"), after),
            None => match tail.split_once(&close) {
                Some((inside, after)) => (format!("{inside}{close}"), after),
                None => (tail.to_owned(), ""),
            },
        };
        done.push_str(&edit(&format!("{open}{inside}")));
        rest = after;
    }
    done.push_str(rest);
    done
}

/// The headers that Internet Information Services and Exchange add.
fn headed(world: &mut World, request: &Request, mut response: Response) -> Response {
    let (server, runtime) = match world.profile {
        ServerProfile::Exchange2007Sp1 => ("Microsoft-IIS/7.0", "2.0.50727"),
        ServerProfile::Exchange2010Sp1 => ("Microsoft-IIS/7.5", "2.0.50727"),
        ServerProfile::Exchange2013 => ("Microsoft-IIS/8.5", "4.0.30319"),
        _ => ("Microsoft-IIS/10.0", "4.0.30319"),
    };
    response = response.header("Server", server).header("X-Powered-By", "ASP.NET");
    if response.status == 200 {
        response = response.header("X-AspNet-Version", runtime);
    }
    if world.profile < ServerProfile::Exchange2013 {
        return response;
    }
    world.answered += 1;
    let id = format!("{:08x}-0000-4000-8000-{:012x}", world.tag, world.answered);
    response = response.header("request-id", id).header("X-FEServer", "EX01");
    if response.status == 200 {
        response =
            response.header("X-BEServer", "EX01").header("X-CalculatedBETarget", "ex01.exchange.example");
    }
    let returned = request.header_value("return-client-request-id").is_some_and(|value| value == "true");
    match request.header_value("client-request-id").filter(|_| returned) {
        Some(id) => response.header("client-request-id", id),
        None => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_edited_by_their_whole_name() {
        let text = "<a><b x=\"1\"/><bc>1</bc><b>2</b></a>";
        assert_eq!(edited(text, "b", |_| String::new()), "<a><bc>1</bc></a>");
        assert_eq!(
            edited(text, "b", |element| element.repeat(2)),
            "<a><b x=\"1\"/><b x=\"1\"/><bc>1</bc><b>2</b><b>2</b></a>"
        );
    }

    #[test]
    fn the_other_server_writes_dates_as_instants() {
        let text = reworded("<t:StartDate>2026-03-02Z</t:StartDate>".to_owned());
        assert_eq!(text, "<t:StartDate>2026-03-02T00:00:00.000000Z</t:StartDate>");
    }
}
