//! Word of WebDAV subscriptions, by UDP over a real network.

use crate::CALLBOARD;
use end_to_end::{Program, exchange, free_address, stage::ACCOUNT};
use exchange_sim::{StoreVersion, WebdavManners};

#[tokio::test]
async fn a_change_arrives_by_word_long_before_it_is_asked_for() {
    let stage = exchange().room("berlin").meeting("Review").at("+2h").open().await;
    stage.exchange().with(|world, _| {
        world.set_webdav(Some(WebdavManners::of(StoreVersion::Exchange2003)));
    });
    let free = free_address();
    let legacy = format!(
        "\n[exchange.legacy]\nprotocol = \"webdav\"\nurl = \"{}/exchange/\"\nusername = \"{ACCOUNT}\"\n\
         password_file = \"password\"\npull_interval = \"5m\"\n\n[notify]\nlisten = \"{free}\"\naddress = \"{free}\"\n",
        stage.exchange().url()
    );
    stage.reconfigure(|text| text.replace("exchange = \"hq\"", "exchange = \"legacy\"") + &legacy);
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
