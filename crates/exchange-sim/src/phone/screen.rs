//! What a page says, read off its XML.

use crate::xml::Element;

/// What a phone shows: nothing, or a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Screen {
    /// The title, above.
    pub title: String,
    /// The prompt, below.
    pub prompt: String,
    /// A menu's lines, or a text's.
    pub lines: Vec<String>,
    /// The names of the soft keys.
    pub keys: Vec<String>,
}

impl Screen {
    /// Whether nothing is shown.
    pub fn is_blank(&self) -> bool {
        *self == Self::default()
    }

    /// Whether any line holds a text.
    pub fn says(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.contains(text))
    }

    /// Reads a CiscoIPPhoneMenu or a CiscoIPPhoneText; anything else is no page.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let page = Element::parse(body)?;
        let all =
            |name: &str| page.children.iter().filter(move |child| child.name == name).collect::<Vec<_>>();
        let names = |name: &str| {
            let texts = all(name).into_iter().filter_map(|item| item.text_of("Name"));
            texts.map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        let lines = match page.name.as_str() {
            "CiscoIPPhoneMenu" => names("MenuItem"),
            "CiscoIPPhoneText" => page.text_of("Text")?.lines().map(ToOwned::to_owned).collect(),
            _ => return None,
        };
        let text = |name: &str| page.text_of(name).unwrap_or_default().to_owned();
        Some(Self { title: text("Title"), prompt: text("Prompt"), lines, keys: names("SoftKeyItem") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn menus_and_texts_are_read() {
        let menu = "<?xml version=\"1.0\" encoding=\"utf-8\"?><CiscoIPPhoneMenu><Title>T</Title><Prompt>P</Prompt>\
            <SoftKeyItem><Name>Exit</Name><Position>1</Position><URL>SoftKey:Exit</URL></SoftKeyItem>\
            <MenuItem><Name>09:00 R&amp;D</Name></MenuItem><MenuItem><Name>10:00 B</Name></MenuItem></CiscoIPPhoneMenu>";
        let screen = Screen::parse(menu.as_bytes()).unwrap();
        assert_eq!((screen.title.as_str(), screen.prompt.as_str()), ("T", "P"));
        assert_eq!(
            (screen.lines.clone(), screen.keys.clone()),
            (vec!["09:00 R&D".into(), "10:00 B".into()], vec!["Exit".into()])
        );
        assert!(screen.says("R&D") && !screen.is_blank());
        let text = Screen::parse(b"<CiscoIPPhoneText><Text>a\nb</Text></CiscoIPPhoneText>").unwrap();
        assert_eq!(text.lines, ["a", "b"]);
        assert_eq!(Screen::parse(b"<html/>"), None);
    }
}
