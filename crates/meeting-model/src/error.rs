//! What can be wrong with what the model is given.

/// What can be wrong with a value the model is asked to take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The zone is not in the zone database.
    #[error(
        "time zone `{name}`: expected an IANA name such as `Europe/Berlin` or a Windows id such as `W. Europe Standard Time`, found neither"
    )]
    UnknownZone {
        /// What was asked for.
        name: String,
    },
    /// The bytes are not a GlobalObjectId.
    #[error("global object id: expected {expected}, found {found}")]
    GlobalObjectId {
        /// What should have been there.
        expected: &'static str,
        /// What was.
        found: String,
    },
}
