//! The SQL of SEARCH, as far as it is served: `SELECT … FROM … WHERE … ORDER BY …`.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDateTime, Utc};

/// A query that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    /// Properties, each perhaps under another name.
    pub(super) columns: Vec<(String, Option<String>)>,
    pub(super) condition: Option<Condition>,
    pub(super) order: Option<String>,
}

/// What rows must meet.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    IsNull(String),
    Compare(String, Operator, Literal),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    Like,
}

/// A value in a query, or of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Number(i64),
    Truth(bool),
    Time(DateTime<Utc>),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Property(String),
    Text(String),
    Number(i64),
    Sign(&'static str),
}

const SIGNS: [&str; 11] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", "*"];

impl Query {
    /// Reads a query; nothing where it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0 };
        parser.word("SELECT")?;
        let mut columns = vec![parser.column()?];
        while parser.sign(",").is_some() {
            columns.push(parser.column()?);
        }
        parser.word("FROM")?;
        parser.scope()?;
        let condition = match parser.word("WHERE") {
            Some(()) => Some(parser.either()?),
            None => None,
        };
        let mut order = None;
        if parser.word("ORDER").is_some() {
            parser.word("BY")?;
            order = Some(parser.property()?);
            parser.word("ASC");
        }
        (parser.at == parser.tokens.len()).then_some(Self { columns, condition, order })
    }
}

impl Condition {
    /// Whether a row meets it, by what it says of itself.
    pub(super) fn holds(&self, row: &impl Fn(&str) -> Option<Literal>) -> bool {
        match self {
            Self::And(one, other) => one.holds(row) && other.holds(row),
            Self::Or(one, other) => one.holds(row) || other.holds(row),
            Self::Not(one) => !one.holds(row),
            Self::IsNull(property) => row(property).is_none(),
            Self::Compare(property, operator, literal) => {
                row(property).is_some_and(|value| operator.holds(&value, literal))
            }
        }
    }

    /// Every comparison in it.
    pub(super) fn comparisons(&self) -> Vec<(&str, Operator, &Literal)> {
        match self {
            Self::And(one, other) | Self::Or(one, other) => [one.comparisons(), other.comparisons()].concat(),
            Self::Not(one) => one.comparisons(),
            Self::IsNull(_) => Vec::new(),
            Self::Compare(property, operator, literal) => vec![(property, *operator, literal)],
        }
    }
}

impl Operator {
    fn holds(self, value: &Literal, literal: &Literal) -> bool {
        if self == Self::Like {
            let (Literal::Text(value), Literal::Text(pattern)) = (value, literal) else { return false };
            return value.to_lowercase().contains(&pattern.to_lowercase().replace('%', ""));
        }
        let ordering = match (value, literal) {
            (Literal::Text(one), Literal::Text(other)) => {
                one.to_lowercase().partial_cmp(&other.to_lowercase())
            }
            (Literal::Number(one), Literal::Number(other)) => one.partial_cmp(other),
            (Literal::Truth(one), Literal::Truth(other)) => one.partial_cmp(other),
            (Literal::Time(one), Literal::Time(other)) => one.partial_cmp(other),
            _ => None,
        };
        match self {
            Self::Equal => ordering == Some(Ordering::Equal),
            Self::Unequal => ordering.is_some_and(Ordering::is_ne),
            Self::Less => ordering == Some(Ordering::Less),
            Self::AtMost => ordering.is_some_and(Ordering::is_le),
            Self::More => ordering == Some(Ordering::Greater),
            Self::AtLeast => ordering.is_some_and(Ordering::is_ge),
            Self::Like => false,
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn next(&mut self) -> Option<Token> {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned()
    }

    /// Goes on where the next token is this word.
    fn word(&mut self, expected: &str) -> Option<()> {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(expected));
        self.at += usize::from(found);
        found.then_some(())
    }

    fn sign(&mut self, expected: &str) -> Option<()> {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(sign)) if *sign == expected);
        self.at += usize::from(found);
        found.then_some(())
    }

    fn property(&mut self) -> Option<String> {
        match self.next()? {
            Token::Property(name) => Some(name),
            _ => None,
        }
    }

    fn column(&mut self) -> Option<(String, Option<String>)> {
        let property = self.property()?;
        let alias = match self.word("AS") {
            Some(()) => match self.next()? {
                Token::Word(name) => Some(name),
                _ => return None,
            },
            None => None,
        };
        Some((property, alias))
    }

    /// `""`, a path, or `Scope('SHALLOW TRAVERSAL OF ""')`.
    fn scope(&mut self) -> Option<()> {
        if self.word("SCOPE").is_some() {
            self.sign("(")?;
            let Token::Text(scope) = self.next()? else { return None };
            self.sign(")")?;
            let traversal = scope.to_ascii_uppercase();
            return (traversal.starts_with("SHALLOW") || traversal.starts_with("DEEP")).then_some(());
        }
        self.property().map(drop)
    }

    fn either(&mut self) -> Option<Condition> {
        let mut condition = self.both()?;
        while self.word("OR").is_some() {
            condition = Condition::Or(Box::new(condition), Box::new(self.both()?));
        }
        Some(condition)
    }

    fn both(&mut self) -> Option<Condition> {
        let mut condition = self.one()?;
        while self.word("AND").is_some() {
            condition = Condition::And(Box::new(condition), Box::new(self.one()?));
        }
        Some(condition)
    }

    fn one(&mut self) -> Option<Condition> {
        if self.word("NOT").is_some() {
            return Some(Condition::Not(Box::new(self.one()?)));
        }
        if self.sign("(").is_some() {
            let condition = self.either()?;
            self.sign(")")?;
            return Some(condition);
        }
        let property = self.property()?;
        if self.word("IS").is_some() {
            self.word("NULL")?;
            return Some(Condition::IsNull(property));
        }
        let operator = self.operator()?;
        let literal = self.literal(property.ends_with(":dtstart") || property.ends_with(":dtend"))?;
        Some(Condition::Compare(property, operator, literal))
    }

    fn operator(&mut self) -> Option<Operator> {
        if self.word("LIKE").is_some() {
            return Some(Operator::Like);
        }
        Some(match self.next()? {
            Token::Sign("=") => Operator::Equal,
            Token::Sign("!=" | "<>") => Operator::Unequal,
            Token::Sign("<") => Operator::Less,
            Token::Sign("<=") => Operator::AtMost,
            Token::Sign(">") => Operator::More,
            Token::Sign(">=") => Operator::AtLeast,
            _ => return None,
        })
    }

    /// A value. Instants are written in three ways; one of ISO 8601 without a cast is not understood.
    fn literal(&mut self, is_time: bool) -> Option<Literal> {
        Some(match self.next()? {
            Token::Number(number) => Literal::Number(number),
            Token::Text(text) if is_time => {
                Literal::Time(NaiveDateTime::parse_from_str(&text, "%Y/%m/%d %H:%M:%S").ok()?.and_utc())
            }
            Token::Text(text) => Literal::Text(text),
            Token::Word(word) if word.eq_ignore_ascii_case("TRUE") => Literal::Truth(true),
            Token::Word(word) if word.eq_ignore_ascii_case("FALSE") => Literal::Truth(false),
            Token::Word(word) if word.eq_ignore_ascii_case("CAST") => {
                self.sign("(")?;
                let text = self.property()?;
                self.word("AS")?;
                let Token::Text(kind) = self.next()? else { return None };
                self.sign(")")?;
                if !["dateTime", "dateTime.tz"].contains(&kind.as_str()) {
                    return None;
                }
                Literal::Time(DateTime::parse_from_rfc3339(&text).ok()?.to_utc())
            }
            _ => return None,
        })
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(letter) = rest.chars().next() {
        let after = if letter == '"' {
            let (name, after) = rest.get(1..)?.split_once('"')?;
            found.push(Token::Property(name.to_owned()));
            after
        } else if letter == '\'' {
            let (text, after) = quoted(rest.get(1..)?)?;
            found.push(Token::Text(text));
            after
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            found.push(Token::Sign(sign));
            rest.get(sign.len()..)?
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if word.is_empty() {
                return None;
            }
            found.push(word.parse().map_or_else(|_| Token::Word(word.to_owned()), Token::Number));
            after
        };
        rest = after.trim_start();
    }
    Some(found)
}

/// What stands before the closing apostrophe; a doubled one is one.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut found = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('\'')?;
        found.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                found.push('\'');
                rest = more;
            }
            None => return Some((found, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_in_three_ways() {
        let noon: DateTime<Utc> = "2003-06-01T12:00:00Z".parse().unwrap();
        for time in [
            "'2003/06/01 12:00:00'",
            "CAST(\"2003-06-01T12:00:00Z\" AS 'dateTime')",
            "cast (\"2003-06-01T12:00:00.000Z\" as 'dateTime.tz')",
        ] {
            let text =
                format!("SELECT \"DAV:href\" FROM \"\" WHERE \"urn:schemas:calendar:dtstart\" > {time}");
            let condition = Query::parse(&text).unwrap().condition.unwrap();
            let expected = Condition::Compare(
                "urn:schemas:calendar:dtstart".into(),
                Operator::More,
                Literal::Time(noon),
            );
            assert_eq!(condition, expected, "{time}");
        }
        let uncast = "SELECT \"a\" FROM \"\" WHERE \"urn:schemas:calendar:dtstart\" > '2003-06-01T12:00:00Z'";
        assert_eq!(Query::parse(uncast), None);
    }

    #[test]
    fn conditions_bind_as_in_sql() {
        let holds = |condition: &str| {
            let text = format!(
                "SELECT \"n\" AS number, \"t\" FROM Scope('SHALLOW TRAVERSAL OF \"\"') WHERE {condition}"
            );
            let row = |name: &str| match name {
                "n" => Some(Literal::Number(2)),
                "t" => Some(Literal::Text("It's".into())),
                "f" => Some(Literal::Truth(false)),
                _ => None,
            };
            Query::parse(&text).unwrap().condition.unwrap().holds(&row)
        };
        for condition in [
            "NOT \"n\" = 1 AND \"t\" = 'it''s'",
            "\"n\" = 1 OR \"n\" = 2 AND \"f\" = False",
            "NOT (\"n\" = 1 OR \"n\" = 3)",
            "\"m\" Is Null",
            "\"t\" LIKE '%t''%'",
            "\"n\" >= 2 AND \"n\" <= 2 AND \"n\" <> 3 AND \"n\" != 4",
        ] {
            assert!(holds(condition), "{condition}");
        }
        assert!(!holds("\"m\" = 1 OR NOT \"t\" = 'it''s'"));
    }

    #[test]
    fn what_is_no_query_is_nothing() {
        for text in [
            "",
            "SELECT",
            "SELECT \"a\"",
            "SELECT \"a\" FROM \"\" WHERE",
            "SELECT \"a\" FROM \"\" GROUP",
            "DELETE",
        ] {
            assert_eq!(Query::parse(text), None, "{text}");
        }
    }
}
