//! The codes that an operation can be answered with.

use std::fmt;
use std::str::FromStr;

use crate::SimError;

/// The names, one a line, below a line that says where they are from.
const NAMES: &str = include_str!("response_codes.txt");

/// A code of an error ([MS-OXWSCDATA] ResponseCodeType, all but `NoError`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResponseCode(&'static str);

impl ResponseCode {
    /// All of them, in the order of the schema.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.lines().filter(|name| name.starts_with("Error")).map(Self)
    }

    /// Its name, such as `ErrorTimeoutExpired`.
    pub fn name(self) -> &'static str {
        self.0
    }
}

impl FromStr for ResponseCode {
    type Err = SimError;

    fn from_str(name: &str) -> Result<Self, SimError> {
        Self::all().find(|code| code.0 == name).ok_or_else(|| SimError::UnknownCode(name.to_owned()))
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_schema() {
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/xsd/messages.xsd");
        let Ok(schema) = std::fs::read_to_string(schema) else {
            println!("skipped: the schemas are not beside the repository");
            return;
        };
        let kind = schema.split("name=\"ResponseCodeType\"").nth(1).unwrap();
        let values = kind.split("</xs:simpleType>").next().unwrap().split("enumeration value=\"").skip(1);
        let names: Vec<&str> = values.map(|value| value.split('"').next().unwrap()).collect();
        let ours: Vec<&str> = ResponseCode::all().map(ResponseCode::name).collect();
        assert_eq!((names[0], &names[1..]), ("NoError", &ours[..]));
    }
}
