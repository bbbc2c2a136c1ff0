//! Rooms of several mailboxes.

use super::*;

const LAB: &str = "[exchange.lab]\nprotocol = \"ews\"\nurl = \"http://127.0.0.1/EWS/Exchange.asmx\"\nusername = \"cts\"\npassword_env = \"LAB\"\n";

#[test]
fn a_room_may_have_several_mailboxes() {
    let with_mailboxes =
        |typed: &str| with("mailbox = \"room9@example.com\"", &format!("mailboxes = {typed}"));
    let table = "{ mailbox = \"c@example.com\", exchange = \"lab\" }";
    let text = with_mailboxes(&format!("[\"a@example.com\", \"b@example.com\", {table}]"));
    let config = parse(&format!("{text}{LAB}")).unwrap();
    let room = &config.rooms[0];
    let calendars: Vec<_> = room.calendars().map(|one| (one.mailbox, one.server.to_string())).collect();
    let expected = [("a@example.com", "hq"), ("b@example.com", "hq"), ("c@example.com", "lab")];
    assert!(calendars.iter().map(|(mailbox, server)| (mailbox.as_str(), server.as_str())).eq(expected));
    assert_eq!(room.settings.mailboxes, ["a@example.com", "b@example.com", "c@example.com"]);
    assert_eq!(room.says("no answer"), "room `boardroom-9`, mailbox `a@example.com on hq`: no answer");
    assert_eq!(config.room_on(&ServerId::new("lab")).unwrap().mailbox, "c@example.com");

    let one = parse(&with_mailboxes("[\"a@example.com\"]")).unwrap();
    assert_eq!(one.rooms[0].says("no answer"), "room `boardroom-9`: no answer");
    assert_eq!(crate::site::plans(&one).len(), 1);
}

#[test]
fn a_list_of_mailboxes_names_each_once_and_at_least_one() {
    let list = |typed: &str| mistakes(&with("mailbox = \"room9@example.com\"", typed));
    assert_snapshot!(list("mailboxes = []"), @"callboard.toml:12:13: `mailboxes`: expected at least one address, found none");
    assert_snapshot!(list("mailboxes = [\"a@example.com\", \"A@example.com\"]"), @"callboard.toml:12:31: `mailboxes`: expected each of them once, found `A@example.com` again");
    assert_snapshot!(list("mailbox = \"a@example.com\"\nmailboxes = [\"b@example.com\"]"), @"callboard.toml:13:13: `mailboxes`: expected instead of `mailbox`, found beside it: name that one among the others");
    assert_snapshot!(list("mailboxes = [\"a\", 7, { exchange = \"hq\" }, { mailbox = \"b@example.com\", exchange = \"lab\", zone = 1 }]"), @"
    callboard.toml:12:14: `mailboxes`: expected an address such as `boardroom@example.com`, found `a`
    callboard.toml:12:19: `mailboxes`: expected a text or a table, found a whole number
    callboard.toml:12:22: missing key `mailbox` in [[room.mailboxes]]
    callboard.toml:12:90: unknown key `zone` in [[room.mailboxes]]
    ");
    assert_snapshot!(list("mailboxes = [{ mailbox = \"b@example.com\", exchange = \"lab\" }]"), @"callboard.toml:12:54: `exchange`: expected `hq`, found `lab`");
    assert_snapshot!(list("mailboxes = \"a@example.com\""), @"callboard.toml:12:13: `mailboxes`: expected a list, found a text");
    assert_snapshot!(list(""), @"callboard.toml:10:1: missing key `mailbox` or `mailboxes` in [[room]]");
}

#[test]
fn a_mailbox_of_two_rooms_is_warned_of_and_one_on_two_servers_is_not() {
    let (_, room) = LEAST.split_once("[[room]]").unwrap();
    let other = room.replace("boardroom-9", "forum").replace(
        "mailbox = \"room9@example.com\"",
        "mailboxes = [\"forum@example.com\", { mailbox = \"forum@example.com\", exchange = \"lab\" }, \"ROOM9@example.com\"]",
    );
    let config = parse(&format!("{LEAST}[[room]]{other}{LAB}")).unwrap();
    let shared: Vec<_> = config.warnings.iter().filter(|warning| warning.id == "mailbox-shared").collect();
    assert_eq!(shared.len(), 1);
    assert_snapshot!(shared[0], @"mailbox-shared (forum): the mailbox `ROOM9@example.com` in line 18 is already in line 12; give each room its own mailbox, or one room all the devices");
}
