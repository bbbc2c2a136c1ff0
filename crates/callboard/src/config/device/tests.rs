use crate::config::{Config, KindConfig, PhoneSignInConfig, TrustConfig};
use insta::assert_snapshot;
use meeting_model::zone::ZoneDatabase;
use std::path::Path;
use sync_engine::timetable::Reminders;

const ROOM: &str = "state_dir = \"s\"\n[feed]\nlisten = \"127.0.0.1:1\"\npublic_url = \"http://127.0.0.1:1\"\n\
    [clock]\nntp_servers = [\"ntp.example.com\"]\n\
    [exchange.hq]\nprotocol = \"ews\"\nurl = \"https://mail.example.com/EWS/Exchange.asmx\"\nusername = \"u\"\npassword_env = \"P\"\n\
    [[room]]\nid = \"berlin\"\nmailbox = \"b@example.com\"\nexchange = \"hq\"\ntime_zone = \"Europe/Berlin\"\n\
    acceptance = \"auto-accept\"\n";

/// Another room.
const SECOND: &str = "[[room]]\nid = \"oslo\"\nmailbox = \"o@example.com\"\nexchange = \"hq\"\ntime_zone = \"Europe/Oslo\"\nacceptance = \"auto-accept\"\n";

fn parse(devices: &str) -> Result<Config, String> {
    let text = format!("{ROOM}{devices}");
    let parsed = Config::parse(&text, "c.toml", Path::new("/etc"), &ZoneDatabase::bundled());
    parsed.map_err(|error| match error {
        crate::config::ConfigError::Mistakes(mistakes) => {
            mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
        error => error.to_string(),
    })
}

fn device(lines: &[&str]) -> String {
    format!("[[room.device]]\n{}\n", lines.join("\n"))
}

#[test]
fn every_kind_has_its_keys_and_its_id() {
    let account = "username = \"callboard\"\npassword_env = \"P\"";
    let config = parse(
        &[
            device(&[
                "kind = \"cisco-ip-phone\"",
                "url = \"http://10.0.0.9\"",
                account,
                "name = \"SEP1\"",
                "remind_before = \"5m\"",
            ]),
            device(&[
                "kind = \"cisco-ip-phone\"",
                "url = \"http://10.0.0.8:81\"",
                "auth = \"none\"",
                "reminders = false",
            ]),
            device(&[
                "kind = \"cisco-roomos\"",
                "url = \"https://10.0.0.20\"",
                account,
                "ca_file = \"ca.pem\"",
            ]),
            device(&["kind = \"cisco-tms\"", "identity = \"00:11:22:aa:bb:cc\"", "token_env = \"T\""]),
            device(&[
                "kind = \"webhook\"",
                "url = \"https://signs.example.com/rooms/\"",
                "secret_env = \"S\"",
            ]),
            device(&["kind = \"mqtt\"", "url = \"mqtt://broker\"", "topic = \"rooms/berlin\""]),
        ]
        .concat(),
    )
    .unwrap();
    let devices = &config.rooms[0].devices;
    let ids: Vec<_> = devices.iter().map(|device| format!("{} at {}", device.id, device.address)).collect();
    assert_snapshot!(ids.join("\n"), @"
    berlin/cisco-ip-phone@10.0.0.9 at 10.0.0.9:80/CGI/Execute
    berlin/cisco-ip-phone@10.0.0.8:81 at 10.0.0.8:81/CGI/Execute
    berlin/cisco-roomos@10.0.0.20 at 10.0.0.20:443
    berlin/cisco-tms@001122AABBCC at 001122AABBCC
    berlin/webhook@signs.example.com/rooms at signs.example.com:443/rooms/ for berlin
    berlin/mqtt@broker/rooms/berlin at broker:1883/rooms/berlin
    ");
    let minutes = |device: &crate::config::DeviceConfig| {
        device.reminders.map(|Reminders { before }| before.as_secs() / 60)
    };
    assert_eq!(
        devices.iter().map(minutes).collect::<Vec<_>>(),
        [Some(5), None, None, None, Some(10), Some(10)]
    );
    assert!(matches!(&devices[1].kind, KindConfig::CiscoIpPhone { sign_in: PhoneSignInConfig::None, .. }));
    assert!(
        matches!(&devices[2].kind, KindConfig::RoomOs { trust: TrustConfig::File(path), .. } if path == Path::new("/etc/ca.pem"))
    );
    assert_eq!(
        devices.iter().map(|device| device.secret().is_some()).collect::<Vec<_>>(),
        [true, false, true, true, true, false]
    );
    let hosts: Vec<_> = devices.iter().filter_map(|device| device.fetches_from()).collect();
    assert_eq!(hosts, ["10.0.0.9", "10.0.0.8"]);
}

#[test]
fn mistakes_of_every_kind_are_told() {
    let devices = [
        device(&[
            "kind = \"cisco-roomos\"",
            "url = \"https://10.0.0.20\"",
            "transport = \"web-socket\"",
            "username = \"u\"",
            "topic = \"x\"",
        ]),
        device(&["kind = \"cisco-tms\"", "url = \"http://10.0.0.21\""]),
        device(&[
            "kind = \"webhook\"",
            "url = \"mqtt://broker\"",
            "secret_env = \"S\"",
            "ca_file = \"a\"",
            &format!("fingerprint = \"sha256:{}\"", "0".repeat(64)),
        ]),
        device(&[
            "kind = \"mqtt\"",
            "url = \"http://broker\"",
            "topic = \"rooms/#\"",
            "username = \"u\"",
            "remind_before = \"2d\"",
        ]),
        device(&[
            "kind = \"cisco-ip-phone\"",
            "url = \"http://10.0.0.9\"",
            "auth = \"none\"",
            "username = \"u\"",
        ]),
    ];
    assert_snapshot!(parse(&devices.concat()).unwrap_err(), @"
    c.toml:18:1: missing key `password_file` or `password_env` in [[room.device]]
    c.toml:21:13: `transport`: expected `http` or `websocket`, found `web-socket`: did you mean `websocket`?
    c.toml:23:1: unknown key `topic` in [[room.device]]
    c.toml:24:1: missing key `token_file` or `token_env` in [[room.device]]
    c.toml:24:1: missing key `identity` in [[room.device]]
    c.toml:26:1: unknown key `url` in [[room.device]]
    c.toml:29:7: `url`: expected a URL such as `https://host.example.com/path`, found the scheme `mqtt`
    c.toml:32:15: expected `ca_file` or `fingerprint`, found both
    c.toml:33:1: missing key `password_file` or `password_env` in [[room.device]]
    c.toml:35:7: `url`: expected a broker such as `mqtt://broker.example.com:1883` or `mqtts://broker.example.com`, found `http://broker`
    c.toml:36:9: `topic`: expected a topic without `+` and `#`, found `rooms/#`
    c.toml:38:17: `remind_before`: expected a span of time from `1m` to `1d`, found `2d`
    c.toml:43:1: unknown key `username` in [[room.device]]
    ");
}

#[test]
fn one_program_takes_the_posts_of_many_rooms_and_one_topic_is_one_room_s() {
    let hook =
        device(&["kind = \"webhook\"", "url = \"https://signs.example.com/rooms\"", "secret_env = \"S\""]);
    assert!(parse(&[hook.as_str(), SECOND, hook.as_str()].concat()).is_ok());
    let topic = device(&["kind = \"mqtt\"", "url = \"mqtt://broker\"", "topic = \"rooms\""]);
    assert_snapshot!(parse(&[topic.as_str(), SECOND, topic.as_str()].concat()).unwrap_err(), @"c.toml:31:9: `topic`: the device of another room, `broker:1883/rooms` is already in line 21");
    let asks = device(&["kind = \"cisco-tms\"", "identity = \"00:11:22:aa:bb:cc\"", "token_env = \"T\""]);
    let again = asks.replace(':', "-");
    assert_snapshot!(parse(&[asks.as_str(), SECOND, again.as_str()].concat()).unwrap_err(), @"c.toml:30:12: `identity`: the device of another room, `001122AABBCC` is already in line 20");
}

/// However one device is written, it is not in two rooms.
#[test]
fn what_shows_meetings_is_in_one_room() {
    let phone = |url: &str, name: &str| {
        let name = if name.is_empty() { String::new() } else { format!("name = \"{name}\"") };
        device(&["kind = \"cisco-ip-phone\"", &format!("url = \"{url}\""), "auth = \"none\"", &name])
    };
    let endpoint = |url: &str| {
        let url = format!("url = \"{url}\"");
        device(&["kind = \"cisco-roomos\"", &url, "username = \"u\"", "password_env = \"P\""])
    };
    let asks = device(&["kind = \"cisco-tms\"", "identity = \"001122334455\"", "token_env = \"T\""]);
    let hook = device(&["kind = \"webhook\"", "url = \"http://10.0.0.1\"", "secret_env = \"S\""]);
    let execute = phone("http://10.0.0.1/CGI/Execute", "");
    for (one, other, known) in [
        (
            &execute,
            &phone("https://10.0.0.1/CGI/Execute", ""),
            "`url`: the device of another room, `10.0.0.1`",
        ),
        (
            &execute,
            &phone("http://10.0.0.1/CGI/Execute/", ""),
            "`url`: the device of another room, `10.0.0.1`",
        ),
        (&execute, &phone("http://[::ffff:10.0.0.1]", ""), "`url`: the device of another room, `10.0.0.1`"),
        (&execute, &endpoint("https://10.0.0.1"), "`url`: the device of another room, `10.0.0.1`"),
        (
            &endpoint("http://Bar.example"),
            &endpoint("https://bar.example./x/"),
            "`url`: the device of another room, `bar.example`",
        ),
        (
            &endpoint("https://10.0.0.1:8443"),
            &endpoint("http://10.0.0.1:8443"),
            "`url`: the device of another room, `10.0.0.1:8443`",
        ),
        (
            &phone("http://10.0.0.1", "SEP001122334455"),
            &phone("http://10.0.0.2", "00:11:22:33:44:55"),
            "`name`: the device of another room, `001122334455`",
        ),
        (
            &phone("http://10.0.0.1", "SEP001122334455"),
            &asks,
            "`identity`: the device of another room, `001122334455`",
        ),
        // ports that differ are forwarded to devices that do, and so are a proxy's paths
        (&execute, &phone("http://10.0.0.1:8080/CGI/Execute", ""), ""),
        (&phone("http://10.0.0.1/a/CGI/Execute", ""), &phone("http://10.0.0.1/b/CGI/Execute", ""), ""),
        (&phone("http://10.0.0.1", "SEP001122334455"), &phone("http://10.0.0.2", "SEP001122334456"), ""),
        (&execute, &hook, ""),
    ] {
        let mistakes = parse(&[one.as_str(), SECOND, other.as_str()].concat()).err().unwrap_or_default();
        let is_so = if known.is_empty() {
            mistakes.is_empty()
        } else {
            mistakes.contains(known) && mistakes.lines().count() == 1
        };
        assert!(is_so, "{one}{other}{mistakes}");
    }
    // one room may well show on both
    assert!(parse(&[execute.as_str(), endpoint("https://10.0.0.1").as_str()].concat()).is_ok());
}

#[test]
fn of_a_kind_that_is_mistyped_nothing_is_missed() {
    let keys = "auth ca_file fingerprint identity name remind_before reminders topic transport url username \
                password_file password_env token_file token_env secret_file secret_env";
    let lines: Vec<_> = keys.split(' ').map(|key| format!("{key} = \"x\"")).collect();
    let typed = device(&["kind = \"webhok\"", &lines.join("\n"), "colour = \"red\""]);
    assert_snapshot!(parse(&typed).unwrap_err(), @"
    c.toml:19:8: `kind`: expected `cisco-ip-phone`, `cisco-roomos`, `cisco-tms`, `webhook` or `mqtt`, found `webhok`: did you mean `webhook`?
    c.toml:37:1: unknown key `colour` in [[room.device]]
    ");
}
