//! What came of something, as JSON: itself where it went well, else `{"trouble": "what is wrong and what to do"}`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Outcome<T> {
    Failed { trouble: String },
    Done(T),
}

/// # Errors
/// Where the serializer fails.
pub(crate) fn serialize<T: Serialize, S: Serializer>(
    outcome: &Result<T, String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match outcome {
        Ok(done) => Outcome::Done(done).serialize(serializer),
        Err(trouble) => Outcome::<&T>::Failed { trouble: trouble.clone() }.serialize(serializer),
    }
}

/// # Errors
/// Where it is neither.
pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Result<T, String>, D::Error> {
    Ok(match Outcome::deserialize(deserializer)? {
        Outcome::Done(done) => Ok(done),
        Outcome::Failed { trouble } => Err(trouble),
    })
}

/// The same of what need not be there.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Outcome, Serialize, Serializer};

    /// # Errors
    /// Where the serializer fails.
    #[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        outcome: &Option<Result<T, String>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match outcome {
            Some(outcome) => super::serialize(outcome, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// # Errors
    /// Where it is neither.
    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Result<T, String>>, D::Error> {
        let outcome: Option<Outcome<T>> = Deserialize::deserialize(deserializer)?;
        Ok(outcome.map(|outcome| match outcome {
            Outcome::Done(done) => Ok(done),
            Outcome::Failed { trouble } => Err(trouble),
        }))
    }
}
