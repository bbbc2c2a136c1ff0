//! Phones on ports: pushes go in, pages are got and shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use exchange_sim::phone::Phone;
use exchange_sim::server::{Clock, Phones, Ports};

use crate::client::morning;

/// A feed whose menu counts how often it was asked for; its address.
async fn feed(refresh: &'static str) -> String {
    let asked = Arc::new(AtomicU32::new(0));
    let menu = move |headers: HeaderMap| async move {
        let count = asked.fetch_add(1, Ordering::Relaxed) + 1;
        let model = headers["x-CiscoIPPhoneModelName"].to_str().unwrap().to_owned();
        let page = format!(
            "<CiscoIPPhoneMenu><Title>{model}</Title><MenuItem><Name>page {count}</Name></MenuItem>\
             </CiscoIPPhoneMenu>"
        );
        ([("Content-Type", "text/xml"), ("Refresh", refresh)], page)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let router = Router::new().route("/menu.xml", get(menu));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{addr}/menu.xml")
}

async fn bank(ports: Ports) -> Phones {
    let phones = ["SEP1", "SEP2"].map(|name| Phone::new(name, "app", "secret")).into();
    let clock: Clock = Arc::new(morning);
    Phones::serve(phones, ports, clock).await.unwrap()
}

async fn push(phones: &Phones, phone: &str, page: &str, password: &str) -> reqwest::Result<String> {
    let url = format!("{}/CGI/Execute", phones.base_url(phone).unwrap());
    let execute =
        format!("<CiscoIPPhoneExecute><ExecuteItem Priority=\"0\" URL=\"{page}\"/></CiscoIPPhoneExecute>");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(url).basic_auth("app", Some(password)).form(&[("XML", execute)]);
    request.send().await?.text().await
}

async fn soon<T>(waited: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), waited).await.unwrap()
}

#[tokio::test]
async fn a_pushed_page_is_shown_by_that_phone_alone() {
    for ports in [Ports::Each, Ports::Shared] {
        let phones = bank(ports).await;
        let menu = feed("0").await;
        let reply = push(&phones, "SEP1", &menu, "secret").await.unwrap();
        assert!(reply.contains("CiscoIPPhoneResponse"), "{reply}");
        let screen = soon(phones.until("SEP1", |screen| screen.says("page 1"))).await;
        assert_eq!(screen.title, "CP-7970G");
        assert!(phones.screen("SEP2").unwrap().is_blank());
        assert_eq!((phones.pushes("SEP1"), phones.pushes("SEP2")), (1, 0));
        let history = phones.history("SEP1");
        assert_eq!((history.len(), history[0].at, history[0].url.as_str()), (1, morning(), menu.as_str()));
        phones.shutdown().await;
    }
}

#[tokio::test]
async fn a_page_refreshes_itself() {
    let phones = bank(Ports::Each).await;
    push(&phones, "SEP1", &feed("1").await, "secret").await.unwrap();
    soon(phones.until("SEP1", |screen| screen.says("page 3"))).await;
    assert_eq!(phones.pushes("SEP1"), 1);
    phones.shutdown().await;
}

#[tokio::test]
async fn switches_hurt() {
    let phones = bank(Ports::Each).await;
    let menu = feed("0").await;
    let refused = push(&phones, "SEP1", &menu, "guess").await.unwrap();
    assert!(refused.contains("CiscoIPPhoneError Number=\"4\""));
    phones.switch("SEP1", |switches| switches.wrong_password = true);
    assert!(push(&phones, "SEP1", &menu, "secret").await.unwrap().contains("Number=\"4\""));
    phones.switch("SEP1", |switches| {
        *switches = exchange_sim::phone::Switches { off: true, ..switches.clone() }
    });
    assert!(push(&phones, "SEP1", &menu, "secret").await.is_err());
    phones.switch("SEP1", |switches| *switches = exchange_sim::phone::Switches::default());
    assert!(push(&phones, "SEP1", &menu, "secret").await.unwrap().contains("CiscoIPPhoneResponse"));
    phones.switch("SEP2", |switches| switches.reused_by = Some("SEP9".to_owned()));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/DeviceInformationX", phones.base_url("SEP2").unwrap());
    let information = client.get(url).send().await.unwrap().text().await.unwrap();
    assert!(information.contains("<HostName>SEP9</HostName>"));
    phones.shutdown().await;
}
