//! People as RFC 5322 §3.4 writes them: `"Kim Jones" <kim@example.com>`.

use meeting_model::item::Person;

/// One person.
pub(super) fn person(text: &str) -> Option<Person> {
    let text = text.trim();
    let (name, address) = match text.rsplit_once('<') {
        Some((name, rest)) => (name, rest.split('>').next().unwrap_or_default()),
        None if text.contains('@') && !text.contains(' ') => ("", text),
        None => (text, ""),
    };
    let name = unquoted(name.trim());
    let address = address.trim().trim_start_matches("mailto:").trim_start_matches("MAILTO:");
    let person = Person {
        name: Some(name).filter(|name| !name.is_empty()),
        address: Some(address.to_owned()).filter(|address| address.contains('@')),
    };
    (person.name.is_some() || person.address.is_some()).then_some(person)
}

/// The addresses in a list of people.
pub(super) fn addresses(list: &str) -> Vec<&str> {
    let words = list.split(|c: char| c.is_whitespace() || ",;<>\"".contains(c));
    words.filter(|word| word.contains('@')).collect()
}

fn unquoted(name: &str) -> String {
    let Some(inside) = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) else {
        return name.to_owned();
    };
    let mut plain = String::with_capacity(inside.len());
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_told_apart() {
        for (text, name, address) in [
            (r#""Jones, \"Kim\"" <kim@example.com>"#, Some("Jones, \"Kim\""), Some("kim@example.com")),
            ("Kim Jones <kim@example.com>", Some("Kim Jones"), Some("kim@example.com")),
            ("kim@example.com", None, Some("kim@example.com")),
            ("Kim Jones", Some("Kim Jones"), None),
            ("Kim </o=Org/cn=kim>", Some("Kim"), None),
        ] {
            let found = person(text).unwrap();
            assert_eq!((found.name.as_deref(), found.address.as_deref()), (name, address), "{text}");
        }
        assert_eq!(person(" "), None);
        assert_eq!(addresses("\"A, B\" <a@x>, c@x; D"), ["a@x", "c@x"]);
    }
}
