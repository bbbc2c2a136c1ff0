//! A configuration with the files it names.

use callboard::{
    cli::{Cli, Exit},
    command::{self, Terminal},
    config::{Config, ConfigError, SecretError, SecretSource},
};
use clap::Parser;
use meeting_model::zone::ZoneDatabase;
use secrecy::ExposeSecret;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

const CONFIG: &str = r#"state_dir = "state"
[feed]
listen = "127.0.0.1:0"
public_url = "http://127.0.0.1:8480"
[clock]
ntp_servers = ["ntp1.example.com"]
[exchange.hq]
protocol = "ews"
url = "https://mail.example.com/EWS/Exchange.asmx"
username = "EXAMPLE\\cts"
password_file = "secrets/hq"
ca_file = "hq-ca.pem"
[[room]]
id = "cellar"
mailbox = "cellar@example.com"
exchange = "hq"
time_zone = "Europe/Berlin"
acceptance = "auto-accept"
"#;

/// A folder with the configuration and its password, in a file of that mode.
fn folder(password: &str, mode: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("callboard.toml"), CONFIG).unwrap();
    fs::create_dir(folder.path().join("secrets")).unwrap();
    let file = folder.path().join("secrets/hq");
    fs::write(&file, password).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    folder
}

fn load(folder: &Path) -> Result<Config, ConfigError> {
    Config::load(&folder.join("callboard.toml"), &ZoneDatabase::bundled())
}

fn only_secret(config: &Config) -> SecretSource {
    let secrets: Vec<_> = config.secrets().collect();
    let [("hq", secret)] = secrets[..] else { panic!("expected one secret, found {secrets:?}") };
    secret.clone()
}

#[test]
fn relative_files_start_at_the_configuration_s_folder() {
    let folder = folder("hunter2\n", 0o600);
    let config = load(folder.path()).unwrap();
    assert_eq!(config.state_dir, folder.path().join("state"));
    let server = config.servers.values().next().unwrap();
    assert_eq!(server.ca_file, Some(folder.path().join("hq-ca.pem")));
    assert_eq!(only_secret(&config), SecretSource::File(folder.path().join("secrets/hq")));
}

#[test]
fn a_password_loses_its_line_end_and_nothing_else() {
    for (content, expected) in
        [("hunter2", "hunter2"), ("hunter2\n", "hunter2"), (" hunter 2 \r\n", " hunter 2 ")]
    {
        let folder = folder(content, 0o600);
        let password = only_secret(&load(folder.path()).unwrap()).read().unwrap();
        assert_eq!(password.expose_secret(), expected);
    }
}

#[test]
fn a_password_that_others_can_reach_is_refused() {
    for (mode, is_refused) in [(0o600, false), (0o440, false), (0o640, false), (0o644, true), (0o602, true)] {
        let folder = folder("hunter2\n", mode);
        let password = only_secret(&load(folder.path()).unwrap()).read();
        let sentence =
            password.err().map(|error| error.to_string().replace(folder.path().to_str().unwrap(), ""));
        let refused = format!(
            "password file `/secrets/hq`: expected a file that no other user can reach, found mode {mode:04o}; chmod o= \
             /secrets/hq"
        );
        assert_eq!(sentence, is_refused.then_some(refused), "mode {mode:o}");
    }
}

#[test]
fn a_password_that_is_not_there_is_told_when_it_is_read() {
    let folder = folder("\n", 0o600);
    let secret = only_secret(&load(folder.path()).unwrap());
    assert!(matches!(secret.read(), Err(SecretError::Empty { .. })), "{:?}", secret.read());
    fs::remove_file(folder.path().join("secrets/hq")).unwrap();
    assert!(matches!(secret.read(), Err(SecretError::Unreadable { .. })), "{:?}", secret.read());

    let unset = SecretSource::Environment("CALLBOARD_NOBODY_SETS_THIS".into()).read();
    let sentence = unset.unwrap_err().to_string();
    assert_eq!(sentence, "environment variable `CALLBOARD_NOBODY_SETS_THIS`: expected a password in it");
    // Cargo sets this one for every test.
    let set = SecretSource::Environment("CARGO_PKG_NAME".into()).read().unwrap();
    assert_eq!(set.expose_secret(), "callboard");
}

#[test]
fn a_mistake_names_the_file_as_it_was_named() {
    let folder = folder("hunter2", 0o600);
    let path = folder.path().join("callboard.toml");
    fs::write(&path, CONFIG.replace("time_zone", "timezone")).unwrap();
    let sentence = load(folder.path()).unwrap_err().to_string();
    let expected =
        format!("{}:17:1: unknown key `timezone` in [[room]]: did you mean `time_zone`?", path.display());
    assert_eq!(sentence, expected);

    let nowhere = load(Path::new("/nowhere")).unwrap_err();
    assert!(matches!(nowhere, ConfigError::Missing { .. }), "{nowhere:?}");
}

#[test]
fn an_authority_that_has_expired_is_a_mistake_in_the_configuration() {
    let folder = folder("hunter2", 0o600);
    let mut params = rcgen::CertificateParams::default();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let authority = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
    fs::write(folder.path().join("hq-ca.pem"), authority.pem()).unwrap();
    let file = folder.path().join("callboard.toml");
    for words in [&["daemon"][..], &["check", "--offline"], &["resync-room", "cellar"]] {
        let mut line = vec!["callboard"];
        line.extend(words);
        line.extend(["--config", file.to_str().unwrap()]);
        let cli = Cli::try_parse_from(line).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit =
            command::run(&cli, &mut Terminal { out: &mut out, err: &mut err, colour: false, json: false });
        let said = String::from_utf8([out, err].concat()).unwrap();
        assert_eq!(exit, Exit::Config, "{words:?}: {said}");
        let dates = "expected one in force, found one from 2020-01-01 00:00 UTC to 2021-01-01 00:00 UTC";
        assert!(said.contains(dates), "{words:?}: {said}");
    }
}
