//! Where a room's devices are.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long a name's addresses are remembered: whoever asks from elsewhere cannot make us ask the network more often.
const REMEMBERED: Duration = Duration::from_mins(1);

/// The devices of a room, by address and by name.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    addresses: BTreeSet<IpAddr>,
    names: Vec<String>,
}

/// What names led to. Whoever asks for a name waits for nobody who asks for another one.
#[derive(Debug, Default)]
pub(crate) struct Names(Mutex<BTreeMap<String, Arc<Name>>>);

/// When a name was last looked up, and where it led.
type Name = tokio::sync::Mutex<Option<(Instant, Vec<IpAddr>)>>;

impl Addresses {
    /// Of hosts as they stand in URLs.
    pub(crate) fn new(hosts: &[String]) -> Self {
        let mut all = Self::default();
        for host in hosts {
            match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
                Ok(address) => drop(all.addresses.insert(address.to_canonical())),
                Err(_) => all.names.push(host.clone()),
            }
        }
        all
    }

    /// Whether one of the devices is there.
    pub(crate) async fn contain(&self, address: IpAddr, names: &Names) -> bool {
        let address = address.to_canonical();
        if self.addresses.contains(&address) {
            return true;
        }
        for name in &self.names {
            if names.lead_to(name, address).await {
                return true;
            }
        }
        false
    }
}

impl Names {
    async fn lead_to(&self, name: &str, address: IpAddr) -> bool {
        let known = {
            let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(names.entry(name.to_owned()).or_default())
        };
        let mut known = known.lock().await;
        if let Some((at, addresses)) = known.as_ref()
            && at.elapsed() < REMEMBERED
        {
            return addresses.contains(&address);
        }
        let found: Vec<IpAddr> = match tokio::net::lookup_host((name, 0)).await {
            Ok(found) => found.map(|found| found.ip().to_canonical()).collect(),
            Err(error) => {
                tracing::debug!(name, %error, "a device's name leads nowhere");
                Vec::new()
            }
        };
        let is_there = found.contains(&address);
        *known = Some((Instant::now(), found));
        is_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn devices_are_found_by_address_and_by_name() {
        let hosts = ["10.0.0.9", "[2001:db8::9]", "localhost"].map(str::to_owned);
        let (all, names) = (Addresses::new(&hosts), Names::default());
        for (address, is_there) in [
            ("10.0.0.9", true),
            ("::ffff:10.0.0.9", true),
            ("2001:db8::9", true),
            ("127.0.0.1", true),
            ("10.0.0.10", false),
        ] {
            assert_eq!(all.contain(address.parse().unwrap(), &names).await, is_there, "{address}");
        }
        assert!(!Addresses::default().contain("10.0.0.9".parse().unwrap(), &names).await);
    }
}
