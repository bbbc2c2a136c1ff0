//! Word of WebDAV subscriptions, by UDP over a real network.

use crate::CALLBOARD;
use end_to_end::{Program, exchange, free_address};
use exchange_sim::StoreVersion;

#[tokio::test]
async fn a_change_arrives_by_word_long_before_it_is_asked_for() {
    let stage = exchange().room("berlin").meeting("Review").at("+2h").open().await;
    let free = free_address();
    let told = format!("pull_interval = \"5m\"\n\n[notify]\nlisten = \"{free}\"\naddress = \"{free}\"\n");
    stage.read_over_webdav(StoreVersion::Exchange2003, stage.exchange().addr(), &told);
    let program = Program::on(CALLBOARD, &stage);
    let daemon = program.daemon("info");
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    stage.exchange().with(|world, now| {
        let (start, end) = (stage.at("+4h"), stage.at("+5h"));
        world.organizer("kim").invites("berlin").to("Told of").at(start, end).send(now).unwrap();
    });
    stage.until_phone("berlin", &stage.phone_truth("berlin").await).await;
    assert_eq!(daemon.terminate().await.code(), Some(0));
    stage.close().await;
}
