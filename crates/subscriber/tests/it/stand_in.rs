//! The stand-in Exchange, whose NTLM and tokens are neither ours nor the library's: every way to sign in, to the calendar.

use crate::server::{hq, subscriber};
use exchange_sim::{
    Account as Login, CalendarProcessing, ChannelBinding, Rights, Room, SignIn as Demand, World,
    server::{Running, serve_tls},
};
use exchange_wire::ews::{
    Access, Dialect, Mailbox,
    get_folder::{self, Folder},
};
use std::sync::Arc;
use subscriber::{Account, ClientCredentials, SignIn, Trust};

pub(crate) const PASSWORD: &str = "pässwörd";

pub(crate) async fn exchange(demand: Demand) -> Running {
    let now = "2026-03-02T08:00:00Z".parse().unwrap();
    let mut world = World::new(1, now);
    world.add_account(Login::new("CORP\\räume", PASSWORD).with_rights(Rights::Reviewer));
    world.add_account(Login::application("app", "s3cret&x"));
    world.add_room(Room::new("berlin").processing(CalendarProcessing::preserving())).unwrap();
    world.set_sign_in(demand);
    serve_tls(world, "127.0.0.1:0", Arc::new(move || now)).await.unwrap()
}

pub(crate) fn trust(running: &Running) -> Trust {
    Trust::SystemAnd(running.ca_certificate().unwrap().into())
}

pub(crate) fn account(password: &str) -> Account {
    Account { username: "CORP\\räume".into(), password: password.into() }
}

/// What comes of opening a room's calendar: nothing, or the status.
async fn open(running: &Running, sign_in: SignIn, access: Access) -> Result<(), u16> {
    let request =
        get_folder::request(Dialect { access, ..Dialect::default() }, &Mailbox::new("berlin@rooms.example"));
    let subscriber = subscriber(&running.ews_url(), sign_in, trust(running));
    let reply = subscriber.exchange(&hq(), &request).await.unwrap();
    let opened = get_folder::parse(&reply.as_wire()).and_then(Folder::readable);
    if opened.is_ok() { Ok(()) } else { Err(reply.status) }
}

#[tokio::test]
async fn ntlm_opens_a_calendar_whatever_is_demanded_of_its_binding() {
    for demand in [ChannelBinding::Require, ChannelBinding::Allow, ChannelBinding::None] {
        let running = exchange(Demand::windows(demand)).await;
        let opened = open(&running, SignIn::Ntlm(account(PASSWORD)), Access::Delegate).await;
        assert_eq!(opened, Ok(()), "{demand:?}");
        running.shutdown().await;
    }
}

#[tokio::test]
async fn a_wrong_password_is_one_refusal_by_every_way() {
    for (demand, sign_in) in [
        (Demand::windows(ChannelBinding::Require), SignIn::Ntlm(account("guess"))),
        (Demand::default(), SignIn::Basic(account("guess"))),
    ] {
        let running = exchange(Demand { lock_out_after: Some(2), ..demand }).await;
        assert_eq!(open(&running, sign_in.clone(), Access::Delegate).await, Err(401));
        let right = match sign_in {
            SignIn::Ntlm(_) => SignIn::Ntlm(account(PASSWORD)),
            _ => SignIn::Basic(account(PASSWORD)),
        };
        // A second refusal would have locked it.
        assert_eq!(open(&running, right, Access::Delegate).await, Ok(()));
        running.shutdown().await;
    }
}

#[tokio::test]
async fn a_token_opens_a_calendar_for_whom_it_names() {
    let running = exchange(Demand::bearer()).await;
    let credentials = |client_secret: &str| {
        SignIn::OAuth2(ClientCredentials {
            token_url: format!("{}/organization/oauth2/v2.0/token", running.url()),
            client_id: "app".into(),
            client_secret: client_secret.into(),
            scope: "https://outlook.office365.com/.default".into(),
        })
    };
    assert_eq!(open(&running, credentials("s3cret&x"), Access::Impersonation).await, Ok(()));
    let refused = subscriber(&running.ews_url(), credentials("guess"), trust(&running));
    let request = get_folder::request(Dialect::default(), &Mailbox::new("berlin@rooms.example"));
    let unreachable = refused.exchange(&hq(), &request).await.unwrap_err();
    assert!(
        unreachable.sentence.contains("`invalid_client`; check `client_id` and the client secret"),
        "{unreachable:?}"
    );
    running.shutdown().await;
}
