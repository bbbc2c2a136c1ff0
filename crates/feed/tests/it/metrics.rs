//! What is told in numbers.

use crate::{
    admin::sign_in,
    site::{NOW, Site, meeting, utc},
};
use axum::http::StatusCode;
use control::{
    ClockReport, ClockState, DeviceHealth, ExchangeClock, Message, NtpSource, NtpVerdict, Request,
    ServerHealth, ServerState,
};
use feed::Operator;
use std::collections::BTreeMap;
use tokio::sync::mpsc;

struct Timekeeper;

impl Operator for Timekeeper {
    fn ask(&self, request: Request) -> mpsc::UnboundedReceiver<Message> {
        assert_eq!(request, Request::Clock);
        let (tell, told) = mpsc::unbounded_channel();
        tell.send(Message::Clock(Box::new(report()))).unwrap();
        told
    }
}

fn report() -> ClockReport {
    let source = |verdict, offset_us| NtpSource {
        server: "192.0.2.1".to_owned(),
        address: Some("192.0.2.1:123".to_owned()),
        offset_us,
        age_us: offset_us.map(|_| 12_000_000),
        delay_us: offset_us.map(|_| 3_000),
        jitter_us: None,
        stratum: Some(2),
        reach: 0xFF,
        verdict,
        trouble: Some("ntp.secret.example does not answer".to_owned()),
    };
    let exchange = |front_end: &str, ahead_us, state| ExchangeClock {
        server: "hq".to_owned(),
        front_end: front_end.to_owned(),
        ahead_us,
        uncertainty_us: 41_000,
        readings: 214,
        age_us: 4_000_000,
        state,
    };
    ClockReport {
        state: ClockState::Degraded,
        ahead_us: Some(-250_000),
        uncertainty_us: Some(2_000),
        age_us: Some(12_000_000),
        ntp: vec![source(NtpVerdict::True, Some(250_000)), source(NtpVerdict::Silent, None)],
        exchange: vec![
            exchange("EX01", 1_500, ClockState::Good),
            exchange("EX02", -45_000_000, ClockState::Degraded),
            exchange("EX03", -90_000_000, ClockState::Unknown),
        ],
        warnings: Vec::new(),
    }
}

/// A site with something wrong everywhere.
fn site() -> Site {
    let site = Site::showing(vec![meeting("Merger", "09:00", "10:00")]).operated_by(Timekeeper);
    site.hears(3, "2026-11-21T07:40:00Z");
    site.health.send_modify(|health| {
        "0.1.0".clone_into(&mut health.version);
        health.started = utc(NOW);
        health.clock = ClockState::Degraded;
        health.servers.push(ServerHealth {
            server: "h\"q\n".to_owned(),
            state: ServerState::Down,
            version: None,
            trouble: Some("no connection to exchange.secret.example".to_owned()),
            located: Vec::new(),
        });
        for (device, acknowledged, attempts) in [("berlin/phone", 3, 0), ("berlin/panel", 2, 4)] {
            health.devices.push(DeviceHealth {
                device: device.to_owned(),
                room: "berlin".to_owned(),
                wanted: 3,
                acknowledged,
                answered_at: None,
                attempts,
                trouble: (attempts > 0).then(|| "10.0.0.9 does not answer".to_owned()),
            });
        }
    });
    site
}

/// Reads an exposition of gauges as OpenMetrics 1.0 writes it: every sample by its name and labels.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let body = text.strip_suffix("# EOF\n").expect("it ends with its end");
    let (mut family, mut samples) = (String::new(), BTreeMap::new());
    for line in body.lines() {
        if let Some(described) = line.strip_prefix("# ") {
            let [kind, name, rest] = *described.splitn(3, ' ').collect::<Vec<_>>() else { panic!("{line}") };
            match kind {
                "HELP" => name.clone_into(&mut family),
                "TYPE" => assert_eq!((name, rest), (family.as_str(), "gauge"), "{line}"),
                "UNIT" => assert!(name == family && name.ends_with(&format!("_{rest}")), "{line}"),
                _ => panic!("{line}"),
            }
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').expect("a sample has a value");
        let name = sample.split('{').next().unwrap();
        assert_eq!(name, family, "a sample stands below its family");
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
        if let Some(labels) = sample.strip_prefix(name).filter(|labels| !labels.is_empty()) {
            assert!(labels.starts_with('{') && labels.ends_with("\"}"), "{line}");
        }
        assert_eq!(samples.insert(sample.to_owned(), value.parse().unwrap()), None, "{line}");
    }
    samples
}

#[tokio::test]
async fn everything_is_told_in_numbers() {
    let _at_work = tokio::spawn(std::future::pending::<()>());
    let site = site();
    let answer = site.get("/metrics").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let samples = samples(answer.text());
    for (sample, value) in [
        ("build_info{version=\"0.1.0\"}", 1.0),
        ("start_time_seconds", 1_795_248_000.0),
        ("rooms{state=\"live\"}", 1.0),
        ("rooms{state=\"unknown\"}", 1.0),
        ("rooms{state=\"backing-off\"}", 0.0),
        ("rooms_out_of_date", 2.0),
        ("oldest_room_age_seconds", 1200.0),
        ("devices", 2.0),
        ("devices_in_trouble", 1.0),
        ("deliveries_due", 1.0),
        ("deliveries_failed", 4.0),
        ("server_state{server=\"h\\\"q\\n\",state=\"down\"}", 1.0),
        ("server_state{server=\"h\\\"q\\n\",state=\"up\"}", 0.0),
        ("clock_degraded", 1.0),
        ("clock_offset_seconds", -0.25),
        ("clock_uncertainty_seconds", 0.002),
        ("clock_age_seconds", 12.0),
        ("clock_source_offset_seconds{kind=\"ntp\",source=\"1\"}", 0.25),
        ("clock_source_uncertainty_seconds{kind=\"ntp\",source=\"1\"}", 0.0015),
        ("clock_source_degraded{kind=\"ntp\",source=\"1\"}", 0.0),
        ("clock_source_degraded{kind=\"ntp\",source=\"2\"}", 1.0),
        ("clock_source_offset_seconds{kind=\"exchange\",source=\"hq\"}", -45.0),
        ("clock_source_degraded{kind=\"exchange\",source=\"hq\"}", 1.0),
    ] {
        assert_eq!(samples.get(&format!("callboard_{sample}")), Some(&value), "{sample}: {samples:#?}");
    }
    assert!(samples["callboard_tasks"] >= 1.0, "{samples:#?}");
    assert!(samples["callboard_open_files"] > 3.0, "{samples:#?}");
    assert!(!samples.contains_key("callboard_clock_source_offset_seconds{kind=\"ntp\",source=\"2\"}"));
    // the overview counts as the numbers do: a room in trouble that was never read is out of date as well
    let cookie = sign_in(&site).await;
    let overview = site.ask("GET", "/", &[("Cookie", &cookie)]).await;
    let tile = "2<small> / 2</small></p><p>rooms out of date</p>";
    assert!(overview.text().contains(tile), "{}", overview.text());
    for hidden in ["Merger", "berlin", "secret.example", "192.0.2", "10.0.0", "EX0", "Kim"] {
        assert!(!answer.text().contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn what_is_not_known_is_not_told() {
    let answer = Site::showing(Vec::new()).get("/metrics").await;
    let samples = samples(answer.text());
    assert_eq!(samples.get("callboard_rooms{state=\"unknown\"}"), Some(&2.0));
    assert_eq!(samples.get("callboard_clock_degraded"), Some(&0.0));
    for absent in ["oldest_room_age", "server_state", "clock_offset", "clock_source"] {
        assert!(!answer.text().contains(absent), "{absent}");
    }
}

#[tokio::test]
async fn numbers_are_for_those_who_may_read_every_room() {
    let site = site().asked_from([192, 0, 2, 9]);
    for (token, status) in [
        (None, StatusCode::UNAUTHORIZED),
        (Some("wrong"), StatusCode::FORBIDDEN),
        (Some("token-of-room-berlin"), StatusCode::FORBIDDEN),
        (Some("token-of-all-rooms"), StatusCode::OK),
    ] {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = bearer.iter().map(|bearer| ("Authorization", bearer.as_str())).collect();
        assert_eq!(site.ask("GET", "/metrics", &headers).await.status, status, "{token:?}");
    }
}
