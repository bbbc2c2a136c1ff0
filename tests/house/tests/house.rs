//! The plan of the code, held over `cargo metadata`: who may use whom, what each crate may use of others' work, and where
//! all of it may come from. `docs/architecture.md` says why.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// Who may use whom. What is not listed is forbidden. Crates of later days are listed before they are there.
const ARROWS: [(&str, &[&str]); 12] = [
    ("meeting-model", &[]),
    ("control", &[]),
    ("clock-skew", &[]),
    ("exchange-sim", &[]),
    ("exchange-wire", &["meeting-model"]),
    ("store", &["meeting-model"]),
    ("sync-engine", &["meeting-model", "exchange-wire"]),
    ("feed", &["meeting-model", "store", "control"]),
    ("subscriber", &["sync-engine", "meeting-model", "exchange-wire"]),
    ("phone-push", &["sync-engine", "meeting-model"]),
    (
        "callboard",
        &[
            "clock-skew",
            "control",
            "exchange-sim",
            "exchange-wire",
            "feed",
            "meeting-model",
            "phone-push",
            "store",
            "subscriber",
            "sync-engine",
        ],
    ),
    ("house", &[]),
];

/// Others' work that only some of ours may use in the program itself.
const ONLY_IN: [(&str, &[&str]); 7] = [
    ("rusqlite", &["store"]),
    ("refinery", &["store"]),
    ("rrule", &["meeting-model"]),
    ("jiff", &["meeting-model"]),
    ("chrono-tz", &["meeting-model", "exchange-sim"]),
    ("ntp-proto", &["clock-skew"]),
    ("reqwest", &["subscriber", "phone-push", "exchange-sim"]),
];

/// Crates that decide and do nothing: no runtime, no network, no sockets.
const PURE: [&str; 4] = ["meeting-model", "exchange-wire", "sync-engine", "control"];
const DOING: [&str; 6] = ["tokio", "reqwest", "axum", "hyper", "rusqlite", "getrandom"];

/// What cargo says of the workspace and all it builds on, asked once.
static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .expect("cargo metadata of the workspace")
});

fn workspace() -> Vec<&'static Package> {
    let members = METADATA.workspace_packages();
    assert!(members.len() > 8, "the workspace is there");
    members
}

fn in_tests_folder(package: &Package) -> bool {
    package.manifest_path.starts_with(METADATA.workspace_root.join("tests"))
}

/// What a package uses in what it builds; with `tests` also what its own tests use.
fn uses(package: &Package, tests: bool) -> BTreeSet<&str> {
    let dependencies = package.dependencies.iter();
    let wanted = dependencies.filter(|one| tests || one.kind != DependencyKind::Development);
    wanted.map(|one| one.name.as_str()).collect()
}

#[test]
fn every_arrow_between_our_crates_is_allowed() {
    let allowed: BTreeMap<_, _> = ARROWS.into_iter().collect();
    let members = workspace();
    let ours: BTreeSet<&str> = members.iter().map(|package| package.name.as_str()).collect();
    for package in members.iter().filter(|package| !in_tests_folder(package)) {
        let name = package.name.as_str();
        let allowed = allowed.get(name).unwrap_or_else(|| panic!("`{name}` is not in the plan"));
        for used in uses(package, false).intersection(&ours) {
            assert!(allowed.contains(used), "`{name}` may not use `{used}`");
        }
    }
}

#[test]
fn the_stand_in_exchange_shares_nothing_with_what_it_judges() {
    let members = workspace();
    let ours: BTreeSet<&str> = members.iter().map(|package| package.name.as_str()).collect();
    let sim = members.iter().find(|package| package.name.as_str() == "exchange-sim").expect("it is there");
    let shared: Vec<_> = uses(sim, true).intersection(&ours).copied().collect();
    assert!(shared.is_empty(), "`exchange-sim` uses {shared:?}");
    for library in ["rrule", "jiff"] {
        assert!(
            !uses(sim, true).contains(library),
            "`exchange-sim` expands recurrence by itself, without `{library}`"
        );
    }
}

#[test]
fn what_one_crate_keeps_to_itself_no_other_uses() {
    for (library, homes) in ONLY_IN {
        for package in workspace().iter().filter(|package| !in_tests_folder(package)) {
            let name = package.name.as_str();
            assert!(
                homes.contains(&name) || !uses(package, false).contains(library),
                "`{name}` uses `{library}`"
            );
        }
    }
}

#[test]
fn who_decides_does_nothing() {
    for package in workspace().iter().filter(|package| PURE.contains(&package.name.as_str())) {
        for library in DOING {
            assert!(
                !uses(package, false).contains(library),
                "`{}` is pure and uses `{library}`",
                package.name
            );
        }
    }
}

#[test]
fn the_program_reaches_the_stand_in_only_by_its_feature() {
    let members = workspace();
    let program = members.iter().find(|package| package.name.as_str() == "callboard").expect("it is there");
    let stand_in = program.dependencies.iter().filter(|one| one.name == "exchange-sim");
    for dependency in stand_in.filter(|one| one.kind == DependencyKind::Normal) {
        assert!(dependency.optional, "`exchange-sim` is there without `demo`");
    }
}

#[test]
fn what_the_user_listed_is_there_and_at_home() {
    let homes = [
        ("tokio", "callboard"),
        ("reqwest", "subscriber"),
        ("quick-xml", "exchange-wire"),
        ("rusqlite", "store"),
        ("chrono-tz", "meeting-model"),
        ("rrule", "meeting-model"),
        ("tracing", "callboard"),
    ];
    for (library, home) in homes {
        let members = workspace();
        let package = members.iter().find(|package| package.name.as_str() == home).expect("it is there");
        assert!(uses(package, false).contains(library), "`{home}` does not use `{library}`");
    }
}

#[test]
fn versions_are_said_once_for_all() {
    for package in workspace() {
        let manifest = std::fs::read_to_string(&package.manifest_path).expect("a manifest can be read");
        let own = manifest.lines().find(|line| line.contains("version = \""));
        assert_eq!(own, None, "`{}`: versions belong into `[workspace.dependencies]`", package.name);
    }
}

#[test]
fn everything_comes_from_the_registry_or_from_here() {
    for package in &METADATA.packages {
        if let Some(source) = &package.source {
            assert!(source.is_crates_io(), "`{}` comes from `{source}`", package.name);
        }
        for dependency in &package.dependencies {
            let wildcard =
                dependency.req.to_string() == "*" && dependency.path.is_none() && package.source.is_none();
            assert!(!wildcard, "`{}` takes any version of `{}`", package.name, dependency.name);
        }
    }
}

#[test]
fn every_licence_is_one_we_can_ship() {
    let deny =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deny.toml")).expect("deny.toml");
    let allowed: BTreeSet<&str> = deny
        .lines()
        .skip_while(|line| !line.starts_with("[licenses]"))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect();
    assert!(allowed.contains("MIT"), "the list of licences in deny.toml was read");
    for package in METADATA.packages.iter().filter(|package| package.source.is_some()) {
        let licence = package.license.clone().unwrap_or_default().replace('/', " OR ");
        let grantable = licence.split(" OR ").any(|choice| {
            choice.split(" AND ").all(|part| allowed.contains(part.trim_matches(['(', ')', ' '])))
        });
        assert!(grantable, "`{}` has the licence `{licence}`", package.name);
    }
}

#[test]
fn rows_wire_and_zone_rules_stay_at_home() {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates"));
    let banned = [("SELECT ", "store"), ("INSERT INTO", "store"), ("CREATE TABLE", "store")];
    let mut looked_at = 0;
    for (text, home) in banned {
        for file in rust_files(root) {
            let place = file.strip_prefix(root).expect("below the root").display().to_string();
            looked_at += 1;
            // The SEARCH of WebDAV asks Exchange in a SQL of its own, which writes nothing.
            let asks_exchange = text == "SELECT " && place.contains("/webdav");
            if !place.starts_with(home) && !asks_exchange {
                let source = std::fs::read_to_string(&file).expect("a source can be read");
                assert!(!source.contains(text), "`{place}` holds SQL: `{text}`");
            }
        }
    }
    assert!(looked_at > 100, "the sources were looked at");
}

#[test]
fn the_feed_sees_nothing_of_the_store_but_its_reader() {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/feed/src"));
    for file in rust_files(root) {
        let source = std::fs::read_to_string(&file).expect("a source can be read");
        for used in [
            "store::Store",
            "store::Writer",
            "BlockingDisplayReader",
            "store::Commit",
            "DialReader",
            "Withheld",
        ] {
            assert!(!source.contains(used), "`{}` uses `{used}`", file.display());
        }
    }
}

fn rust_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
