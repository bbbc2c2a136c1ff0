//! `flight_record`: whether what happens is recorded, so that it can be replayed.

const MIB: u64 = 1 << 20;

/// That what happens is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlightConfig {
    /// The most bytes that a record's files become long together.
    pub max_size: u64,
}

/// `off`, or a size, as `64 MiB` or `1 GiB`.
pub(super) fn flight_record(text: &str) -> Result<Option<FlightConfig>, String> {
    if text == "off" {
        return Ok(None);
    }
    let read = || {
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
        let unit = match unit.trim() {
            "MiB" => MIB,
            "GiB" => MIB << 10,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(unit).filter(|size| (MIB..=MIB << 12).contains(size))
    };
    let max_size =
        read().ok_or_else(|| format!("expected `off`, or a size from `1 MiB` to `4 GiB`, found `{text}`"))?;
    Ok(Some(FlightConfig { max_size }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit_and_bounds() {
        for (text, expected) in [
            ("off", Some(None)),
            ("1 MiB", Some(Some(MIB))),
            ("64MiB", Some(Some(64 * MIB))),
            ("4 GiB", Some(Some(4 << 30))),
            ("5 GiB", None),
            ("0 MiB", None),
            ("64", None),
            ("64 MB", None),
            ("99999999999999999999 MiB", None),
            ("much", None),
        ] {
            let found = flight_record(text).ok().map(|found| found.map(|found| found.max_size));
            assert_eq!(found, expected, "{text}");
        }
    }
}
