//! WebDAV carried to the stand-in: methods, paths, each way to sign in.

use crate::server::{account, hq, now, subscriber};
use exchange_sim::{
    Account, ChannelBinding, Rights, Room, SignIn as Offered, StoreVersion, WebdavManners, WebdavSignIn,
    World,
    server::{Running, serve},
};
use exchange_wire::{
    Error,
    calendar::{Calendar, Look, Looked, Step},
    webdav::{Mailbox, Session},
};
use std::sync::Arc;
use subscriber::{SignIn, Subscriber, Trust};

/// A world with two rooms, whose account is the test's own.
async fn world(manners: WebdavManners) -> Running {
    let mut world = World::new(1, now());
    let account = Account::new(r"CORP\svc-rooms", "Pässw0rd!").with_rights(Rights::Reviewer);
    world.add_account(account);
    for room in ["berlin", "r&d 1+2"] {
        world.add_room(Room::new(room)).unwrap();
    }
    world.set_webdav(Some(manners));
    serve(world, "127.0.0.1:0", Arc::new(now)).await.unwrap()
}

fn subscribing(running: &Running, sign_in: SignIn) -> Subscriber {
    subscriber(&format!("{}/exchange/", running.url()), sign_in, Trust::System)
}

/// Looks for a room's calendar as the engine does.
async fn look(subscriber: &Subscriber, room: &str, session: Session) -> Result<Looked, Error> {
    let calendar = Calendar::Webdav(Mailbox::new("/exchange/", format!("{room}@rooms.example"), session));
    let (mut look, mut request): (Look, _) = calendar.look();
    loop {
        let reply = subscriber.exchange(&hq(), &request).await.unwrap();
        match look.on_reply(&reply.as_wire())? {
            Step::Send(further, next) => (look, request) = (*further, next),
            Step::Done(looked) => return Ok(looked),
        }
    }
}

#[tokio::test]
async fn a_calendar_is_found_by_every_way_to_sign_in() {
    for version in [StoreVersion::Exchange2003, StoreVersion::Exchange2007] {
        for (sign_in, session) in [
            (SignIn::Basic(account()), Session::Http),
            (SignIn::Ntlm(account()), Session::Http),
            (SignIn::Form(account()), Session::Form),
        ] {
            let by_form = session == Session::Form;
            let how = if by_form { WebdavSignIn::Forms } else { WebdavSignIn::Http };
            let running = world(WebdavManners { sign_in: how, ..WebdavManners::of(version) }).await;
            running.with(|world, _| {
                world.set_sign_in(Offered { basic: true, ..Offered::windows(ChannelBinding::None) });
            });
            let subscriber = subscribing(&running, sign_in);
            for room in ["berlin", "r&d 1+2"] {
                let looked = look(&subscriber, room, session).await.unwrap();
                let build = if version == StoreVersion::Exchange2003 { "6.5.7638" } else { "8.1.10240" };
                assert_eq!(looked.version.as_deref(), Some(build));
            }
            assert_eq!(running.peek(World::webdav_sessions), if by_form { 2 } else { 0 });
        }
    }
}

#[tokio::test]
async fn a_session_that_ends_is_begun_anew_and_a_mailbox_that_is_refused_ends_only_its_own() {
    let forms =
        WebdavManners { sign_in: WebdavSignIn::Forms, ..WebdavManners::of(StoreVersion::Exchange2003) };
    let running = world(forms).await;
    let subscriber = subscribing(&running, SignIn::Form(account()));
    look(&subscriber, "berlin", Session::Form).await.unwrap();
    running.with(|world, _| world.end_webdav_sessions());
    look(&subscriber, "berlin", Session::Form).await.unwrap();
    running.with(|world, _| world.forbid_webdav("r&d 1+2", true).unwrap());
    let refused = look(&subscriber, "r&d 1+2", Session::Form).await.unwrap_err();
    assert!(refused.to_string().contains("may not read this calendar: `status 440`"), "{refused}");
    let before = running.peek(World::webdav_sessions);
    look(&subscriber, "berlin", Session::Form).await.unwrap();
    assert_eq!(running.peek(World::webdav_sessions), before, "its session lives");
}

#[tokio::test]
async fn a_wrong_password_and_a_missing_form_are_told_apart() {
    for wrong_password_redirects in [false, true] {
        let sign_in = WebdavSignIn::Forms;
        let manners = WebdavManners {
            sign_in,
            wrong_password_redirects,
            ..WebdavManners::of(StoreVersion::Exchange2007)
        };
        let running = world(manners).await;
        let mut wrong = account();
        wrong.password = "other".into();
        let error =
            look(&subscribing(&running, SignIn::Form(wrong)), "berlin", Session::Form).await.unwrap_err();
        assert!(error.to_string().contains("the sign-in form does not take name and password"), "{error}");
        let by_basic = subscribing(&running, SignIn::Basic(account()));
        let error = look(&by_basic, "berlin", Session::Http).await.unwrap_err();
        assert!(error.to_string().contains("session has ended (status 440)"), "{error}");
        assert!(error.remedy().unwrap().contains("auth = \"form\""));
    }
}
