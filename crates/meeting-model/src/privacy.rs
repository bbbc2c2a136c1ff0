//! Rules P1 to P6: what may be seen.

/// The site's secret, 32 bytes: what public keys are made with (rule P6).
#[derive(Clone, PartialEq, Eq)]
pub struct SiteSecret([u8; 32]);

impl SiteSecret {
    /// Takes 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for SiteSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SiteSecret(..)")
    }
}
