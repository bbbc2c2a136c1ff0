//! The content model of an element: what may follow what (XML Schema Part 1 §3.8).
//!
//! The schema is deterministic, as XML Schema demands (§3.8.6, Unique Particle Attribution): the next element alone
//! decides where it belongs, so that matching never goes back.

use crate::xml::{Element, Namespace};

/// A part of a content model with how often it may come.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Particle {
    term: Term,
    optional: bool,
    repeated: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Term {
    Element {
        namespace: Namespace,
        name: &'static str,
        kind: &'static str,
    },
    Sequence(Vec<Particle>),
    Choice(Vec<Particle>),
    /// Each at most once, in any order.
    All(Vec<Particle>),
}

impl Particle {
    /// Reads a content model as `derive.py` writes it.
    pub(super) fn read(text: &'static str) -> Option<Self> {
        let (particle, rest) = Self::begin(text)?;
        rest.is_empty().then_some(particle)
    }

    /// The particle that a text begins with, and what follows it.
    fn begin(text: &'static str) -> Option<(Self, &'static str)> {
        let (term, rest) = if let Some(inside) = text.strip_prefix('(') {
            Self::group(inside)?
        } else {
            let end = text.find(['?', '*', '+', ',', '|', '&', ')']);
            let (name, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
            (Self::element(name)?, rest)
        };
        let (optional, repeated) = match rest.chars().next() {
            Some('?') => (true, false),
            Some('*') => (true, true),
            Some('+') => (false, true),
            _ => return Some((Self { term, optional: false, repeated: false }, rest)),
        };
        Some((Self { term, optional, repeated }, rest.get(1..)?))
    }

    fn element(text: &'static str) -> Option<Term> {
        let mut parts = text.splitn(3, ':');
        let (prefix, name, kind) = (parts.next()?, parts.next()?, parts.next()?);
        let namespace = match prefix {
            "m" => Namespace::Messages,
            "t" => Namespace::Types,
            _ => return None,
        };
        Some(Term::Element { namespace, name, kind })
    }

    fn group(mut text: &'static str) -> Option<(Term, &'static str)> {
        let (mut parts, mut sign) = (Vec::new(), ',');
        loop {
            if let Some(rest) = text.strip_prefix(')') {
                let term = match sign {
                    '|' => Term::Choice(parts),
                    '&' => Term::All(parts),
                    _ => Term::Sequence(parts),
                };
                return Some((term, rest));
            }
            let (part, rest) = Self::begin(text)?;
            parts.push(part);
            text = rest;
            if let Some(next) = rest.strip_prefix([',', '|', '&']) {
                sign = rest.chars().next()?;
                text = next;
            }
        }
    }

    /// The types that its elements are of.
    #[cfg(test)]
    pub(super) fn kinds(&self) -> Vec<&'static str> {
        match &self.term {
            Term::Element { kind, .. } => vec![kind],
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
                parts.iter().flat_map(Self::kinds).collect()
            }
        }
    }
}

/// Elements on their way through a content model.
pub(super) struct Matching<'a> {
    /// What is not taken yet; after a failure it begins with what does not belong.
    pub(super) rest: &'a [Element],
    /// What is taken, each with its type.
    pub(super) taken: Vec<(&'a Element, &'static str)>,
}

impl<'a> Matching<'a> {
    pub(super) fn of(elements: &'a [Element]) -> Self {
        Self { rest: elements, taken: Vec::new() }
    }

    /// Takes what belongs to a particle, and says whether it is whole.
    pub(super) fn takes(&mut self, particle: &Particle) -> bool {
        let mut absent = particle.optional;
        loop {
            let before = self.rest.len();
            let whole = self.takes_once(&particle.term);
            let taken = self.rest.len() < before;
            if !whole {
                return absent && !taken;
            }
            if !taken || !particle.repeated {
                return true;
            }
            absent = true;
        }
    }

    fn takes_once(&mut self, term: &Term) -> bool {
        match term {
            Term::Element { namespace, name, kind } => {
                let Some((next, rest)) = self.rest.split_first() else { return false };
                let belongs = next.namespace == *namespace && next.name == *name;
                if belongs {
                    self.taken.push((next, kind));
                    self.rest = rest;
                }
                belongs
            }
            Term::Sequence(parts) => parts.iter().all(|part| self.takes(part)),
            Term::Choice(parts) => {
                self.takes_one(&parts.iter().collect::<Vec<_>>()).is_some_and(|(_, whole)| whole)
            }
            Term::All(parts) => {
                let mut left: Vec<&Particle> = parts.iter().collect();
                while !self.rest.is_empty() {
                    let before = self.rest.len();
                    match self.takes_one(&left) {
                        Some((at, true)) if self.rest.len() < before => {
                            left.remove(at);
                        }
                        Some((_, true)) | None => break,
                        Some((_, false)) => return false,
                    }
                }
                left.iter().all(|part| part.optional)
            }
        }
    }

    /// Takes the one of several particles that the next element begins, else one that may be absent: which it is, and
    /// whether it is whole.
    fn takes_one(&mut self, particles: &[&Particle]) -> Option<(usize, bool)> {
        let mut absent = None;
        for (at, particle) in particles.iter().enumerate() {
            let before = self.rest.len();
            let whole = self.takes(particle);
            if self.rest.len() < before {
                return Some((at, whole));
            }
            if whole {
                absent = Some((at, true));
            }
        }
        absent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(model: &'static str, names: &str) -> bool {
        let below: Vec<String> = names.chars().map(|name| format!("<{name}/>")).collect();
        let text = format!("<r xmlns=\"{}\">{}</r>", Namespace::TYPES, below.concat());
        let read = Element::parse(text.as_bytes()).unwrap();
        let mut matching = Matching::of(&read.children);
        matching.takes(&Particle::read(model).unwrap()) && matching.rest.is_empty()
    }

    #[test]
    fn models_say_what_may_follow_what() {
        let sequence = "(t:a:K,t:b:K?,t:c:K*)";
        let choice = "((t:a:K|t:b:K)+,t:c:K?)";
        let all = "(t:a:K&t:b:K?&t:c:K)";
        let table = [
            (sequence, vec!["a", "ab", "abcc", "acc"], vec!["", "b", "ba", "abb", "aca", "abx"]),
            (choice, vec!["a", "ba", "abac"], vec!["", "c", "ca", "acc"]),
            (all, vec!["ac", "ca", "bca", "cba"], vec!["", "a", "aca", "bc", "acx"]),
            ("((t:a:K,t:b:K)?,t:c:K)", vec!["c", "abc"], vec!["ac", "ab", "bc"]),
            ("()", vec![""], vec!["a"]),
        ];
        for (model, right, wrong) in table {
            assert!(right.iter().all(|names| matches(model, names)), "{model}");
            assert!(wrong.iter().all(|names| !matches(model, names)), "{model}");
        }
    }

    #[test]
    fn a_name_in_another_namespace_is_another_name() {
        let element = Element::parse(b"<a/>").unwrap();
        assert!(!Matching::of(&[element]).takes(&Particle::read("t:a:K").unwrap()));
    }
}
