//! BodyType ([MS-OXWSCDATA] 2.2.4): whether there are any words in it. Bodies are asked for as text, and still come as HTML
//! from servers that have nothing else.

use crate::xml::Element;
use meeting_model::join::Body;

/// What holds no words that anybody reads.
const UNREAD: [&str; 4] = ["head", "style", "script", "title"];

/// Whether an item's body says anything.
pub(super) fn has_words(item: &Element) -> bool {
    let bodies = item.children.iter().filter(|child| child.name == "Body" || child.name == "TextBody");
    bodies.into_iter().any(|body| match body.attribute("BodyType") {
        Some("HTML") => is_read(body.text()),
        _ => !body.text().trim().is_empty(),
    })
}

/// An item's body: its words as text, where the server has them so.
pub(super) fn of(item: &Element) -> Option<Body<'_>> {
    let said = |name| item.child(name).filter(|body| !body.text().trim().is_empty());
    let body = said("TextBody").or_else(|| said("Body"))?;
    Some(match body.attribute("BodyType") {
        Some("HTML") => Body::Html(body.text()),
        _ => Body::Text(body.text()),
    })
}

/// Whether HTML shows any words: not in tags, comments, or elements that are not shown.
fn is_read(html: &str) -> bool {
    let mut rest = html;
    while let Some((text, markup)) = rest.split_once('<') {
        if says(text) {
            return true;
        }
        rest = after_markup(markup);
    }
    says(rest)
}

/// What stands behind the comment, the tag, or the element that is not shown.
fn after_markup(markup: &str) -> &str {
    if let Some(comment) = markup.strip_prefix("!--") {
        return comment.split_once("-->").map_or("", |(_, rest)| rest);
    }
    let name = markup.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let rest = markup.split_once('>').map_or("", |(_, rest)| rest);
    if !UNREAD.iter().any(|unread| name.eq_ignore_ascii_case(unread)) {
        return rest;
    }
    let end = format!("</{}", name.to_ascii_lowercase());
    // Lower case by ASCII alone keeps every position.
    rest.to_ascii_lowercase().find(&end).and_then(|at| rest.get(at..)).unwrap_or_default()
}

fn says(text: &str) -> bool {
    let text = text.replace("&nbsp;", " ").replace("&#160;", " ");
    text.chars().any(|character| !character.is_whitespace() && !"\u{200B}\u{FEFF}".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    #[test]
    fn only_words_are_a_body() {
        for (body, expected) in [
            ("<Body BodyType='Text'>Agenda</Body>", true),
            ("<Body BodyType='Text'> \r\n </Body>", false),
            ("<Body>Agenda</Body>", true),
            ("<Body BodyType='HTML'/>", false),
            ("<Body BodyType='HTML'/><TextBody BodyType='Text'>Agenda</TextBody>", true),
            ("<Body BodyType='HTML'>&lt;p&gt;Agenda&lt;/p&gt;</Body>", true),
            ("<Body BodyType='HTML'>&lt;p&gt;1 &amp;lt; 2</Body>", true),
            (
                "<Body BodyType='HTML'>&lt;html&gt;&lt;HEAD&gt;&lt;meta a=b&gt;x&lt;/Head&gt;&lt;body&gt;&lt;p&gt;&amp;nbsp;&lt;/p&gt;&lt;/body&gt;&lt;/html&gt;</Body>",
                false,
            ),
            (
                "<Body BodyType='HTML'>&lt;style&gt;p {}&lt;/style&gt;&lt;!-- no --&gt;&#x200B;&lt;br&gt;</Body>",
                false,
            ),
            ("<Body BodyType='HTML'>&lt;style&gt;p {}</Body>", false),
            ("<Body BodyType='HTML'>&lt;header&gt;Agenda&lt;/header&gt;</Body>", true),
            ("<Subject>Agenda</Subject>", false),
        ] {
            let item = xml::parse(format!("<CalendarItem>{body}</CalendarItem>").as_bytes()).unwrap();
            assert_eq!(has_words(&item), expected, "{body}");
        }
    }
}
