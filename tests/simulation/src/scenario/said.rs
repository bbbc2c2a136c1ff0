//! What people write of where a meeting takes place and how it is joined.
//!
//! Whoever writes an address notes it: nobody has to read it out of the text again.

use crate::dice::Dice;

/// The site's own domains: only addresses of these are taken from a body by their scheme alone.
pub(crate) const DOMAINS: [&str; 2] = ["vc.example.com", "people.example"];

/// What stands before the site's numbers, what these begin with, and how many digits they have.
pub(crate) const NUMBERS: (&str, &str, usize) = ("bridge", "88", 9);

/// How a meeting can be joined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ways {
    /// A video address.
    pub video: Option<String>,
    /// A number.
    pub number: Option<String>,
    /// A link.
    pub web: Option<String>,
}

impl Ways {
    /// These, and of what they lack the others'.
    pub(crate) fn or(self, others: &Self) -> Self {
        Self {
            video: self.video.or_else(|| others.video.clone()),
            number: self.number.or_else(|| others.number.clone()),
            web: self.web.or_else(|| others.web.clone()),
        }
    }

    fn video(address: String) -> Self {
        Self { video: Some(address), ..Self::default() }
    }

    fn web(link: &str) -> Self {
        Self { web: Some(link.to_owned()), ..Self::default() }
    }
}

/// A text, and how its author means the meeting to be joined. No two that say a way are equal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The text.
    pub text: String,
    /// What is to be found in it.
    pub ways: Ways,
}

/// Whoever writes.
pub(super) struct Pen {
    pub(super) dice: Dice,
    written: u32,
}

impl Pen {
    pub(super) fn new(dice: Dice) -> Self {
        Self { dice, written: 0 }
    }

    /// A word that nobody has written before. Of what is private it is known wherever it turns up.
    fn word(&mut self, secret: bool) -> String {
        self.written += 1;
        let word = if secret { crate::run::SECRET } else { "team" };
        format!("{word}-{}", self.written)
    }

    /// The server's own link.
    pub(super) fn link(&mut self, secret: bool) -> Said {
        let text = format!("https://teams.microsoft.com/l/meetup-join/{}/1", self.word(secret));
        Said { ways: Ways::web(&text), text }
    }

    /// A location.
    pub(super) fn location(&mut self, secret: bool) -> Said {
        let word = self.word(secret);
        let nowhere = |text: String| Said { text, ways: Ways::default() };
        let address = |user: &str, host: &str| format!("{user}@{host}");
        match self.dice.below(14) {
            0..=2 => nowhere(format!("Tower 9, {word}")),
            3 => nowhere(String::new()),
            4 => nowhere(format!(
                " \u{202E}cba {word} 会議室 \u{2066}e\u{301} \u{1F469}\u{200D}\u{1F680}\t&<>\"' "
            )),
            5 => nowhere(format!("{word}{}", " behind the stairs".repeat(60))),
            6 => nowhere(format!("ask {}", address(&word, "elsewhere.example"))),
            7 => {
                let video = address(&word, "video.example.org");
                Said { text: format!("sip:{video}"), ways: Ways::video(video) }
            }
            8 => {
                let (video, far) = (address(&word, "partner.example.net"), "far away ".repeat(40));
                Said { text: format!("{far}; <sips:{video}>"), ways: Ways::video(video) }
            }
            9 => {
                let video = format!("h323:{}", address(&word, "gw.example.net"));
                Said { text: format!("Board room ({video})"), ways: Ways::video(video) }
            }
            10 => {
                let video = address(&word, "vc.example.com");
                Said { text: format!("会議室 {video}"), ways: Ways::video(video) }
            }
            11 => {
                let web = format!("https://acme.webex.com/meet/{word}");
                let ways = Ways { video: Some(address(&word, "acme.webex.com")), ..Ways::web(&web) };
                Said { text: web, ways }
            }
            12 => {
                let web = format!("https://teams.microsoft.com/l/meetup-join/{word}/0");
                Said { text: format!("Microsoft Teams Meeting; {web}"), ways: Ways::web(&web) }
            }
            _ => self.number(),
        }
    }

    /// A body, signed by somebody whose own address is never one to join by.
    pub(super) fn body(&mut self, secret: bool, organizer: Option<&str>) -> Said {
        let word = self.word(secret);
        let mut said = match self.dice.below(10) {
            0 => Said::default(),
            1 => Said { text: format!("sip:{word}@elsewhere.example"), ways: Ways::default() },
            2 => {
                // of several the surer one is found, wherever it stands
                let sure = self.dice.below(6);
                let other = sure + 1 + self.dice.below(6 - sure);
                let [sure, other] = [sure, other].map(|rank| self.invitation(rank, secret));
                let mut texts = [sure.text, other.text];
                if self.dice.chance(50) {
                    texts.reverse();
                }
                let text = texts.join("\n\n");
                Said { text, ways: sure.ways.or(&other.ways) }
            }
            _ => {
                let rank = self.dice.below(7);
                self.invitation(rank, secret)
            }
        };
        let signature =
            organizer.map(|one| format!("\n-- \n{one} <{one}@people.example>\nsip:{one}@people.example"));
        said.text = format!("Agenda of {word}: 1 < 2 & 3\n{}{}\n", said.text, signature.unwrap_or_default());
        said
    }

    /// What a platform writes, the surest first.
    fn invitation(&mut self, rank: u64, secret: bool) -> Said {
        let word = self.word(secret);
        let number = 10_000 + self.written;
        let said = |text: String, video: Option<String>, web: &str| Said {
            text,
            ways: Ways { video, ..Ways::web(web) },
        };
        match rank {
            0 if self.dice.chance(50) => {
                let web = format!("https://acme.webex.com/meet/{word}");
                said(self.linked(&web), Some(format!("{word}@acme.webex.com")), &web)
            }
            0 => {
                let web = format!("https://acme.webex.com/acme/j.php?MTID={word}");
                let text = format!("{}\nAccess code: 2651 {number}", self.linked(&web));
                said(text, Some(format!("2651{number}.acme@webex.com")), &web)
            }
            1 => {
                let web = format!("https://teams.microsoft.com/l/meetup-join/{word}/0?context=a%7Bb");
                let gateway = "teams@gw.example.net\nVideo Conference ID: 115";
                let video = self.dice.chance(50);
                let text = if video { format!("\n{gateway} {number}") } else { String::new() };
                let video = video.then(|| format!("115{number}@gw.example.net"));
                said(format!("Join: {}{text}", self.linked(&web)), video, &web)
            }
            2 => {
                let web = format!("https://zoom.us/j/845{number}?pwd={word}");
                let text = format!("{}\nPasscode: 4711", self.linked(&web));
                said(text, Some(format!("845{number}.4711@zoomcrc.com")), &web)
            }
            3 => {
                let web = format!("https://pexip.example.net/webapp/conference/{word}");
                said(self.linked(&web), Some(format!("{word}@pexip.example.net")), &web)
            }
            4 => {
                let web = format!("https://meet.google.com/{word}");
                said(self.linked(&web), None, &web)
            }
            5 => self.number(),
            _ => {
                let video = format!("{word}@vc.example.com");
                Said { text: format!("Dial sip:{video}."), ways: Ways::video(video) }
            }
        }
    }

    /// A number of the site's.
    fn number(&mut self) -> Said {
        self.written += 1;
        let number = format!("{}{:07}", NUMBERS.1, self.written);
        let ways = Ways { number: Some(number.clone()), ..Ways::default() };
        Said { text: format!("Bridge: {number}#"), ways }
    }

    /// A link, which Outlook may have wrapped.
    fn linked(&mut self, link: &str) -> String {
        if !self.dice.chance(25) {
            return format!("<{link}>");
        }
        let encoded = |byte: u8| {
            if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        };
        let inner: String = link.bytes().map(encoded).collect();
        format!("https://eur01.safelinks.protection.outlook.com/?url={inner}&data=05")
    }
}
