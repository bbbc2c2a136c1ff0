//! What was asked and answered: for the administrator to see.

use super::Form;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What was asked, in order. Its text is one line each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trail(pub Vec<Asked>);

impl Trail {
    /// How often the account was refused.
    pub fn refusals(&self) -> usize {
        self.0.iter().filter(|asked| asked.outcome == Outcome::Unauthorized).count()
    }

    /// Whether somebody who knows the domain has answered about this very mailbox: others may fare better.
    pub fn is_about_the_mailbox(&self) -> bool {
        self.0.iter().any(|asked| {
            matches!(asked.outcome, Outcome::Said { .. } | Outcome::NotAllowed { .. } | Outcome::NoService)
        })
    }

    /// Where it was led from the first whom it asked, in order.
    pub fn redirections(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|asked| match &asked.outcome {
            Outcome::Led { to } => Some(to.as_str()),
            _ => None,
        })
    }
}

/// One question and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// An address.
    pub whom: String,
    /// In which form; none where nobody was asked.
    pub form: Option<Form>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It said where the services are.
    Found,
    /// It led to another address of the mailbox, another Autodiscover or another host.
    Led {
        /// Where to.
        to: String,
    },
    /// It named somebody whom credentials must not be shown to.
    NotAllowed {
        /// Whom, or what it said in its place.
        to: String,
    },
    /// It led to where we had been.
    Circle {
        /// Where to.
        to: String,
    },
    /// It led on once too often.
    TooManyRedirects,
    /// It did not let us sign in.
    Unauthorized,
    /// It does not know, or cannot tell.
    Said {
        /// The code, in the words of the form.
        code: String,
    },
    /// It told no address of Exchange Web Services.
    NoService,
    /// Something else answered.
    NotAutodiscover {
        /// What was wrong with the answer.
        why: String,
    },
    /// Nobody answered.
    Silence {
        /// Why.
        why: String,
    },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found => f.write_str("it says where the services are"),
            Self::Led { to } => write!(f, "it leads to `{to}`"),
            Self::NotAllowed { to } => write!(
                f,
                "it names `{to}`, which is neither of the mailbox's domain nor configured, or not over TLS: not asked"
            ),
            Self::Circle { to } => write!(f, "it leads to `{to}`, where we have been"),
            Self::TooManyRedirects => f.write_str("it leads on once too often"),
            Self::Unauthorized => f.write_str("it does not let the account sign in"),
            Self::Said { code } => write!(f, "it says `{code}`"),
            Self::NoService => f.write_str("it names no address of Exchange Web Services"),
            Self::NotAutodiscover { why } => write!(f, "something else answers: {why}"),
            Self::Silence { why } => write!(f, "no answer: {why}"),
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.whom, self.outcome)
    }
}

impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, asked) in self.0.iter().enumerate() {
            write!(f, "{}{asked}", if number == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}
