//! Every mistake's sentence.

mod example;
mod mailboxes;
mod treated;

use super::*;
use exchange_wire::ews::{Access, Dialect};
use insta::assert_snapshot;
use meeting_model::observed::Protocol;

/// The least that is a configuration.
const LEAST: &str = r#"state_dir = "/var/lib/callboard"
[feed]
listen = "127.0.0.1:8480"
public_url = "http://127.0.0.1:8480/"
[exchange.hq]
protocol = "ews"
url = "http://127.0.0.1:8081/EWS/Exchange.asmx"
username = "EXAMPLE\\cts"
password_env = "HQ_PASSWORD"
[[room]]
id = "boardroom-9"
mailbox = "room9@example.com"
exchange = "hq"
time_zone = "Europe/Berlin"
acceptance = "auto-accept"
"#;

/// One of every mistake.
const MISTAKEN: &str = r#"state_dri = "x"
[feed]
listen = "localhost"
public_url = "ftp://callboard.example.com"
[window]
back = "never"
[clock]
ntp_servers = []
[exchange.hq]
protocol = "mapi"
url = "https://mail.example.com"
auth = "ntlm"
access = "delgate"
pull_interval = "1h"
max_concurrent = 0
version = "Exchange2010_SP4"
password_file = "hq"
password_env = "HQ"
[[room]]
id = "Board Room"
mailbox = "nobody"
timezone = "Europe/Berlin"
exchange = "hk"
acceptance = true
organizer_prefix = "yes"
[[room.device]]
kind = "cisco-phone"
url = "10.0.0.9"
password = "hunter2"
[[room]]
id = "cellar"
mailbox = "cellar@example.com"
time_zone = "Berlin"
exchange = "hq"
acceptance = "proxy"
acceptance_since = 2026-01-31
[[room]]
id = "cellar"
mailbox = "Cellar@example.com"
time_zone = "Europe/Berlim"
exchange = "hq"
acceptance = "proxy"
"#;

/// Keys of one way to sign in beside those of another.
const SIGN_INS: &str = r#"username = "EXAMPLE\\cts"
password_env = "HQ"
kdc = "dc1.corp.example.com"
fingerprint = "sha256:00"
[exchange.a]
protocol = "ews"
url = "http://127.0.0.1:8081/EWS/Exchange.asmx"
auth = "kerberos"
client_id = "left alone, as nobody knows what belongs here"
fingerprint = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
ca_file = "ca.pem"
[exchange.b]
protocol = "ews"
url = "https://mail.example.com/EWS/Exchange.asmx"
auth = "negotiate"
username = "CORP\\cts"
password_file = "b"
scope = "x"
[exchange.c]
protocol = "ews"
url = "https://mail.example.com/EWS/Exchange.asmx"
auth = "oauth2"
access = "delegate"
username = "CORP\\cts"
client_secret_file = "c"
client_secret_env = "C"
[exchange.d]
protocol = "ews"
url = "https://mail.example.com/EWS/Exchange.asmx"
auth = "oauth2"
tenant = "example/com"
token_url = "http://adfs.example.com/token"
client_id = ""
client_secret_env = "D"
[exchange.e]
protocol = "ews"
url = "https://mail.example.com/EWS/Exchange.asmx"
auth = "negotiate"
username = "cts@corp.example.com"
password_file = "e"
kdc = "dc 1"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, "callboard.toml", Path::new("/etc/callboard"), &ZoneDatabase::bundled())
}

fn mistakes(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

/// [`LEAST`] with one piece of text in place of another.
fn with(old: &str, new: &str) -> String {
    assert!(LEAST.contains(old), "`{old}` is not in the least configuration");
    LEAST.replace(old, new)
}

#[test]
fn the_least_configuration_gets_the_defaults() {
    let config = parse(LEAST).unwrap();
    let server = &config.servers[&ServerId::new("hq")];
    assert_eq!((server.dialect, server.max_concurrent), (Dialect::default(), None));
    assert_eq!(server.pull_interval.as_secs(), 15);
    assert_eq!(server.renew_every.as_secs(), 20 * 60);
    assert_eq!(server.reconcile_every.as_secs(), 3600);
    let room = &config.rooms[0];
    assert_eq!((room.name.as_str(), room.devices.len()), ("boardroom-9", 0));
    assert_eq!(room.settings.back.as_secs(), 7 * 86400);
    assert_eq!(room.settings.ahead.as_secs(), 60 * 86400);
    assert_eq!(config.feed.public_url, "http://127.0.0.1:8480");
}

#[test]
fn every_mistake_is_told_at_once_in_order_of_place() {
    assert_snapshot!(mistakes(MISTAKEN), @"
    callboard.toml:1:1: unknown key `state_dri`: did you mean `state_dir`?
    callboard.toml:3:10: `listen`: expected an address and port such as `127.0.0.1:8480`, found `localhost`
    callboard.toml:4:14: `public_url`: expected a URL such as `https://host.example.com/path`, found the scheme `ftp`
    callboard.toml:6:8: `back`: expected a span of time from `1d` to `365d`, found `never`
    callboard.toml:8:15: `ntp_servers`: expected one to five servers, found 0
    callboard.toml:9:1: missing key `username` in [exchange.hq]
    callboard.toml:10:12: `protocol`: expected `ews` or `webdav`, found `mapi`
    callboard.toml:11:7: `url`: expected a path such as `/EWS/Exchange.asmx`, or `/exchange/` over WebDAV, found none in `https://mail.example.com`
    callboard.toml:13:10: `access`: expected `delegate` or `impersonation`, found `delgate`: did you mean `delegate`?
    callboard.toml:14:17: `pull_interval`: expected a span of time from `1s` to `5m`, found `1h`
    callboard.toml:15:18: `max_concurrent`: expected a number from 1 to 100, found `0`
    callboard.toml:16:11: `version`: expected `Exchange2007_SP1`, `Exchange2010`, `Exchange2010_SP1`, `Exchange2013` or `Exchange2016`, found `Exchange2010_SP4`: did you mean `Exchange2010_SP1`?
    callboard.toml:18:16: expected `password_file` or `password_env`, found both
    callboard.toml:20:6: `id`: expected 1 to 64 of the characters `a-z`, `0-9`, `.`, `_` and `-`, found `Board Room`
    callboard.toml:21:11: `mailbox`: expected an address such as `boardroom@example.com`, found `nobody`
    callboard.toml:22:1: unknown key `timezone` in [[room]]: did you mean `time_zone`?
    callboard.toml:23:12: `exchange`: expected `hq`, found `hk`
    callboard.toml:24:14: `acceptance`: expected a text, found true or false
    callboard.toml:25:20: `organizer_prefix`: expected `true` or `false`, found a text
    callboard.toml:27:8: `kind`: expected `cisco-ip-phone`, `cisco-roomos`, `cisco-tms`, `webhook` or `mqtt`, found `cisco-phone`: did you mean `cisco-ip-phone`?
    callboard.toml:29:12: `password`: expected in a file that `password_file` names, or in an environment variable that `password_env` names, found it here, where whoever reads the configuration reads it
    callboard.toml:33:13: `time_zone`: expected an IANA name such as `Europe/Berlin`, found `Berlin`: did you mean `Europe/Berlin`?
    callboard.toml:36:20: `acceptance_since`: expected an instant such as `2026-01-31T09:00:00+01:00`, found `2026-01-31`
    callboard.toml:38:6: `id`: room `cellar` is already in line 31
    callboard.toml:40:13: `time_zone`: expected an IANA name such as `Europe/Berlin`, found `Europe/Berlim`: did you mean `Europe/Berlin`?
    ");
}

#[test]
fn each_way_to_sign_in_has_keys_of_its_own() {
    let as_typed = |keys: &str| {
        let config =
            parse(&with("username = \"EXAMPLE\\\\cts\"\npassword_env = \"HQ_PASSWORD\"", keys)).unwrap();
        config.servers[&ServerId::new("hq")].clone()
    };
    let password = SecretSource::Environment("HQ".into());
    let account = |username: &str| AccountConfig { username: username.into(), password: password.clone() };

    let server = as_typed("auth = \"ntlm\"\nusername = \"EXAMPLE\\\\cts\"\npassword_env = \"HQ\"");
    assert_eq!(server.sign_in, SignInConfig::Ntlm(account("EXAMPLE\\cts")));

    let server = as_typed("auth = \"negotiate\"\nusername = \"cts@corp.example.com\"\npassword_env = \"HQ\"");
    assert_eq!(
        server.sign_in,
        SignInConfig::Negotiate { account: account("cts@corp.example.com"), kdc: None }
    );

    let server = as_typed(
        "auth = \"oauth2\"\ntenant = \"example.com\"\nclient_id = \"app\"\nclient_secret_env = \"HQ\"",
    );
    assert_eq!(
        server.sign_in,
        SignInConfig::OAuth2 {
            token_url: "https://login.microsoftonline.com/example.com/oauth2/v2.0/token".into(),
            client_id: "app".into(),
            client_secret: password,
            scope: "http://127.0.0.1:8081/.default".into(),
        }
    );
    assert_eq!(server.dialect.access, Access::Impersonation);
}

#[test]
fn what_does_not_go_together_is_told() {
    let text = with("username = \"EXAMPLE\\\\cts\"\npassword_env = \"HQ_PASSWORD\"", SIGN_INS);
    assert_snapshot!(mistakes(&text), @r#"
    callboard.toml:10:7: `kdc`: expected with `auth = "negotiate"` only, found with `auth = "basic"`
    callboard.toml:11:15: `fingerprint`: expected a SHA-256 fingerprint, 64 hexadecimal digits with or without colons, found `sha256:00`
    callboard.toml:15:8: `auth`: expected `basic`, `form`, `ntlm`, `negotiate` or `oauth2`, found `kerberos`
    callboard.toml:17:15: expected `ca_file` or `fingerprint`, found both
    callboard.toml:17:15: `fingerprint`: expected `url` by `https`, which shows a certificate, found `http`
    callboard.toml:19:1: missing key `kdc` in [exchange.b]: the domain of `username` is not the name of a host
    callboard.toml:25:9: `scope`: expected with `auth = "oauth2"` only, found with `auth = "negotiate"`
    callboard.toml:26:1: missing key `tenant` or `token_url` in [exchange.c]
    callboard.toml:26:1: missing key `client_id` in [exchange.c]
    callboard.toml:30:10: `access`: expected `impersonation` with `auth = "oauth2"`, as an application has no mailbox rights of its own, found `delegate`
    callboard.toml:31:12: `username`: expected with `auth = "basic"`, `auth = "form"`, `auth = "ntlm"`, `auth = "negotiate"` only, found with `auth = "oauth2"`
    callboard.toml:33:21: expected `client_secret_file` or `client_secret_env`, found both
    callboard.toml:38:10: `tenant`: expected a tenant's id or domain such as `example.onmicrosoft.com`, found `example/com`
    callboard.toml:39:13: `token_url`: expected a URL by `https`, as the client secret goes there, found `http://adfs.example.com/token`
    callboard.toml:40:13: `client_id`: expected a text, found an empty one
    callboard.toml:48:7: `kdc`: expected a host such as `dc1.corp.example.com` or `dc1.corp.example.com:88`, found `dc 1`
    "#);
}

#[test]
fn tables_of_the_wrong_shape_are_named() {
    let text = "state_dir = \"x\"\nfeed = 1\nexchange = [1]\n[room]\nid = \"cellar\"\n";
    assert_snapshot!(mistakes(text), @"
    callboard.toml:2:8: expected [feed], found a whole number
    callboard.toml:3:12: `exchange`: expected [exchange.NAME], found a list
    callboard.toml:4:1: `room`: expected [[room]], found a table
    ");
    assert_snapshot!(mistakes(&with("[exchange.hq]", "[exchnage.hq]")), @"callboard.toml:5:2: unknown key `exchnage`: did you mean `exchange`?");
    assert_snapshot!(mistakes(""), @"
    callboard.toml:1:1: missing key `state_dir`
    callboard.toml:1:1: missing [feed]
    callboard.toml:1:1: missing [exchange.NAME]
    callboard.toml:1:1: missing [[room]]
    ");
}

#[test]
fn broken_syntax_hides_no_other_mistake_and_invents_none() {
    let text = with("username = \"EXAMPLE\\\\cts\"", "username = cts").replace("time_zone", "timezone");
    assert_snapshot!(mistakes(&text), @"
    callboard.toml:8:12: string values must be quoted, expected literal string: `cts`
    callboard.toml:14:1: unknown key `timezone` in [[room]]: did you mean `time_zone`?
    ");
    assert_snapshot!(mistakes(&with("[exchange.hq]", "[exchange.hq")), @"callboard.toml:5:13: unclosed table, expected `]`");
    assert_snapshot!(mistakes(&with("[[room]]", "[feed]\n[[room]]")), @"callboard.toml:10:2: duplicate key: `feed`");
}

#[test]
fn a_room_has_a_device_once_and_a_phone_can_hold_its_url() {
    let device = "[[room.device]]\nkind = \"cisco-ip-phone\"\nurl = \"http://10.0.0.9/CGI/Execute\"\n\
                  username = \"callboard\"\npassword_env = \"PHONE\"\n";
    assert_snapshot!(mistakes(&format!("{LEAST}{device}{device}")), @"callboard.toml:23:7: `url`: device `boardroom-9/cisco-ip-phone@10.0.0.9` is already in line 18");
    let long = format!("public_url = \"http://127.0.0.1/{}\"", "x".repeat(230));
    assert_snapshot!(mistakes(&with("public_url = \"http://127.0.0.1:8480/\"", &long)), @"callboard.toml:4:14: `public_url`: expected at most 256 characters in the menu URL of room `boardroom-9`, which is all a phone takes, found 314");
}

#[test]
fn a_device_is_one_room_s_and_a_mailbox_had_better_be() {
    let device = |url: &str| {
        format!(
            "[[room.device]]\nkind = \"cisco-ip-phone\"\nurl = \"{url}\"\nusername = \"callboard\"\n\
             password_env = \"PHONE\"\n"
        )
    };
    let (_, room) = LEAST.split_once("[[room]]").unwrap();
    let other = |mailbox: &str| {
        format!("[[room]]{}", room.replace("boardroom-9", "cellar").replace("room9@example.com", mailbox))
    };
    let (here, there) = (device("http://10.0.0.9/CGI/Execute"), device("http://10.0.0.9:80/"));
    assert_snapshot!(mistakes(&format!("{LEAST}{here}{}{there}", other("cellar@example.com"))), @"callboard.toml:29:7: `url`: the device of another room, `10.0.0.9` is already in line 18");

    let shared = parse(&format!("{LEAST}{here}{}", other("Room9@example.com"))).unwrap();
    let warning = shared.warnings.iter().find(|warning| warning.id == "mailbox-shared").unwrap();
    assert_snapshot!(warning, @"mailbox-shared (cellar): the mailbox `Room9@example.com` in line 23 is already in line 12; give each room its own mailbox, or one room all the devices");
}

#[test]
fn a_secret_does_not_stand_in_the_configuration() {
    let open = "`password`: expected in a file that `password_file` names, or in an environment variable that \
                `password_env` names, found it here, where whoever reads the configuration reads it";
    let text = with("password_env = \"HQ_PASSWORD\"", "password = \"hunter2\"");
    assert_eq!(mistakes(&text), format!("callboard.toml:9:12: {open}"));
    let text = format!("{LEAST}[admin]\ntoken = \"hunter2hunter2hunter2\"\n");
    let token = open.replace("password", "token");
    assert_eq!(mistakes(&text), format!("callboard.toml:17:9: {token}"));
}

#[test]
fn a_device_on_another_port_is_another_device() {
    let device = |port| {
        format!(
            "[[room.device]]\nkind = \"cisco-ip-phone\"\nurl = \"http://127.0.0.1:{port}/CGI/Execute\"\n\
             username = \"callboard\"\npassword_env = \"PHONE\"\n"
        )
    };
    let config = parse(&format!("{LEAST}{}{}", device(80), device(9001))).unwrap();
    let ids: Vec<_> = config.rooms[0].devices.iter().map(|device| device.id.as_str()).collect();
    assert_eq!(ids, ["boardroom-9/cisco-ip-phone@127.0.0.1", "boardroom-9/cisco-ip-phone@127.0.0.1:9001"]);
}

#[test]
fn an_instant_may_be_a_text_or_toml_s_own() {
    for typed in ["\"2026-01-31T09:00:00-08:00\"", "2026-01-31T17:00:00Z", "2026-01-31 09:00:00-08:00"] {
        let config = parse(&format!("{LEAST}acceptance_since = {typed}\n")).unwrap();
        let since = config.rooms[0].settings.acceptance_since.unwrap();
        assert_eq!(since.to_rfc3339(), "2026-01-31T17:00:00+00:00", "{typed}");
    }
}

#[test]
fn what_is_unwise_is_a_warning() {
    let ids = |text: &str| -> Vec<String> {
        parse(text).unwrap().warnings.into_iter().map(|warning| warning.id).collect()
    };
    let clock = "[clock]\nntp_servers = [\"ntp1.example.com\", \"192.0.2.1\", \"2001:db8::1\"]\n";
    let phone = "[[room.device]]\nkind = \"cisco-ip-phone\"\nurl = \"http://10.0.0.9/CGI/Execute\"\n\
                 username = \"callboard\"\npassword_env = \"PHONE\"\n";
    assert_eq!(ids(LEAST), ["clock-unconfigured"]);
    assert_eq!(ids(&format!("{LEAST}{clock}")), [""; 0]);
    assert_eq!(ids(&format!("{LEAST}{phone}{clock}")), ["public-url-unreachable"]);
    let everywhere = with("http://127.0.0.1:8480/", "http://0.0.0.0:8480");
    assert_eq!(ids(&format!("{everywhere}{phone}{clock}")), ["public-url-unreachable"]);
    let clear = with("http://127.0.0.1:8081", "http://mail.example.com");
    assert_eq!(ids(&format!("{clear}{clock}")), ["password-in-clear"]);
    let ntlm = clear.replace("protocol", "auth = \"ntlm\"\nprotocol");
    assert_eq!(ids(&format!("{ntlm}{clock}")), ["meetings-in-clear"]);
}

#[test]
fn webdav_has_its_own_rhythm_and_knows_less() {
    let ews = "protocol = \"ews\"\nurl = \"http://127.0.0.1:8081/EWS/Exchange.asmx\"";
    let webdav = "protocol = \"webdav\"\nurl = \"https://mail.example.com/exchange/\"\nauth = \"form\"";
    let config = parse(&LEAST.replace(ews, webdav)).unwrap();
    let server = &config.servers[&ServerId::new("hq")];
    assert_eq!((server.protocol, server.renew_every.as_secs()), (Protocol::Webdav, 40 * 60));
    assert!(matches!(server.sign_in, SignInConfig::Form(_)));
    let mistaken = webdav.replace("https://mail.example.com/exchange/", "autodiscover")
        + "\naccess = \"delegate\"\nversion = \"Exchange2010\"\nnotifications = \"streaming\"";
    assert_snapshot!(mistakes(&LEAST.replace(ews, &mistaken)), @r#"
    callboard.toml:7:7: `url`: expected an address such as `https://server/exchange/` with `protocol = "webdav"`, found `autodiscover`
    callboard.toml:9:10: `access`: expected with `protocol = "ews"` only, found with `protocol = "webdav"`
    callboard.toml:10:11: `version`: expected with `protocol = "ews"` only, found with `protocol = "webdav"`
    callboard.toml:11:17: `notifications`: expected `pull` with `protocol = "webdav"`, which knows nothing else
    "#);
    let form = ews.to_owned() + "\nauth = \"form\"";
    assert_snapshot!(mistakes(&LEAST.replace(ews, &form)), @r#"callboard.toml:7:7: `auth`: expected `form` with `protocol = "webdav"` only, found it with `ews`"#);
}
