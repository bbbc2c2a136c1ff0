//! What is wrong on this machine.

use super::report::{Finding, Report};
use crate::{
    config::{Config, SecretSource},
    site,
    state_dir::StateDir,
};
use meeting_model::id::ServerId;
use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener, UdpSocket},
    os::unix::net::UnixStream,
};
use subscriber::Subscriber;

/// What is wrong with the state directory, the address to listen on and the devices' passwords.
pub(super) fn check(config: &Config, report: &mut Report) {
    let state = StateDir::new(&config.state_dir);
    if let Err(error) = state.probe() {
        let sentence = format!("`state_dir` `{}`: {error:#}", state.path().display());
        report.findings.push(Finding::wrong(sentence));
    }
    let daemon_runs = UnixStream::connect(state.control_socket()).is_ok();
    if !daemon_runs {
        listens(config, report);
    }
    for device in config.rooms.iter().flat_map(|room| &room.devices) {
        if let Some(Err(error)) = device.secret().map(SecretSource::read) {
            let sentence = format!("device `{}`: {:#}", device.id, anyhow::Error::new(error));
            report.findings.push(Finding::wrong(sentence));
        }
    }
}

/// What cannot be listened on.
fn listens(config: &Config, report: &mut Report) {
    let tcp = |listen: SocketAddr| TcpListener::bind(listen).err();
    let feed = [("`listen`", config.feed.listen, tcp(config.feed.listen))];
    let push = config.push.iter().map(|push| ("[push] `listen`", push.listen, tcp(push.listen)));
    let udp = |listen: SocketAddr| UdpSocket::bind(listen).err();
    let notify = config.notify.iter().map(|notify| ("[notify] `listen`", notify.listen, udp(notify.listen)));
    for (what, listen, error) in feed.into_iter().chain(push).chain(notify) {
        if let Some(error) = error {
            report.findings.push(Finding::wrong(format!(
                "{what} `{listen}`: it cannot be listened on; name another, or stop what listens there: {error}"
            )));
        }
    }
}

/// A connection to each server whose password and certificates can be used, and what is wrong with the others.
pub(super) fn connections(config: &Config, report: &mut Report) -> BTreeMap<ServerId, Subscriber> {
    let mut servers = BTreeMap::new();
    for (id, server) in &config.servers {
        let error = match site::connection(id, server) {
            Ok(subscriber) => {
                servers.insert(id.clone(), subscriber);
                continue;
            }
            Err(error) => error,
        };
        let unusable = error.downcast_ref::<subscriber::Error>();
        report.misconfigured |= unusable.is_some_and(subscriber::Error::is_configuration);
        let sentence = match (unusable, &server.ca_file) {
            (Some(_), Some(file)) => format!("`ca_file` `{}`: {error:#}", file.display()),
            _ => format!("{error:#}"),
        };
        report.findings.push(Finding::wrong(sentence));
    }
    servers
}
