//! What a server shows, and what is said of it.

use crate::server::{Certified, account, hq, reply, request, start, subscriber};
use insta::assert_snapshot;
use rcgen::date_time_ymd;
use subscriber::{Fingerprint, SignIn, Trust};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// The sentence that comes of asking a server with this certificate.
async fn refused(certified: &Certified, trust: Trust) -> String {
    let running = start(Some(certified), |_| reply("200 OK", &[], "<answer/>")).await;
    let subscriber = subscriber(&running.secure(), SignIn::Basic(account()), trust);
    let unreachable = subscriber.exchange(&hq(), &request()).await.unwrap_err();
    assert!(unreachable.whole_server);
    assert_eq!(subscriber.certificate(&hq()), None, "what was not accepted is not remembered");
    assert!(running.heard().is_empty(), "nothing was said to it");
    let fingerprint = Fingerprint::of(certified.certificate.der()).to_string();
    running.sentence(&unreachable.sentence).replace(&fingerprint, "sha256:FOUND")
}

#[tokio::test]
async fn a_certificate_by_an_authority_that_was_given_is_accepted_and_remembered() {
    let certified = Certified::new(|_| {});
    let running = start(Some(&certified), |_| reply("200 OK", &[], "<answer/>")).await;
    let subscriber = subscriber(&running.secure(), SignIn::Basic(account()), certified.trust());
    assert_eq!(subscriber.certificate(&hq()), None);
    let answered = subscriber.exchange(&hq(), &request()).await.unwrap();
    assert_eq!((answered.status, answered.body.as_slice()), (200, b"<answer/>".as_slice()));
    let facts = subscriber.certificate(&hq()).unwrap();
    assert_eq!(facts.names, ["localhost"]);
    assert_eq!(facts.not_after.to_rfc3339(), "2090-01-01T00:00:00+00:00");
    assert_eq!(facts.fingerprint, Fingerprint::of(certified.certificate.der()));
}

#[tokio::test]
async fn one_that_has_expired_is_told_with_its_dates() {
    let certified = Certified::new(|params| params.not_after = date_time_ymd(2021, 1, 1));
    assert_snapshot!(refused(&certified, certified.trust()).await, @"server `hq` at `localhost:PORT`: expected a certificate in force, found one that has expired, for `localhost`, issued by `Example Root`, in force from 2020-01-01 00:00 UTC to 2021-01-01 00:00 UTC; renew the server's certificate; if it is new, set this machine's clock right");
}

#[tokio::test]
async fn one_that_is_not_in_force_yet_is_told_with_its_dates() {
    let certified = Certified::new(|params| params.not_before = date_time_ymd(2089, 1, 1));
    assert_snapshot!(refused(&certified, certified.trust()).await, @"server `hq` at `localhost:PORT`: expected a certificate in force, found one that is not in force yet, for `localhost`, issued by `Example Root`, in force from 2089-01-01 00:00 UTC to 2090-01-01 00:00 UTC; set this machine's clock right, or the server's certificate");
}

#[tokio::test]
async fn one_for_another_host_is_told_with_its_names() {
    let certified = Certified::new(|params| {
        let names = ["mail.example.com", "autodiscover.example.com"];
        params.subject_alt_names = names.map(|name| rcgen::SanType::DnsName(name.try_into().unwrap())).into();
    });
    assert_snapshot!(refused(&certified, certified.trust()).await, @"server `hq` at `localhost:PORT`: expected a certificate for `localhost`, found one for `mail.example.com`, `autodiscover.example.com`, issued by `Example Root`, in force from 2020-01-01 00:00 UTC to 2090-01-01 00:00 UTC; configure `url` with a name that the certificate is for, or give the server another");
    let nameless = Certified::new(|params| params.subject_alt_names.clear());
    assert_snapshot!(refused(&nameless, nameless.trust()).await, @"server `hq` at `localhost:PORT`: expected a certificate for `localhost`, found one for no name, issued by `Example Root`, in force from 2020-01-01 00:00 UTC to 2090-01-01 00:00 UTC; give the server a certificate with the host of `url` as a subject alternative name");
}

#[tokio::test]
async fn one_by_nobody_who_is_trusted_is_told_with_its_fingerprint() {
    let certified = Certified::new(|_| {});
    assert_snapshot!(refused(&certified, Trust::System).await, @r#"server `hq` at `localhost:PORT`: expected a certificate by a trusted authority, found one for `localhost`, issued by `Example Root`, in force from 2020-01-01 00:00 UTC to 2090-01-01 00:00 UTC; give the certificate of the authority that issued it as `ca_file`; where there is none, compare with the certificate on the server and give `fingerprint = "sha256:FOUND"`"#);
}

#[tokio::test]
async fn one_that_vouches_for_itself_is_told_with_its_fingerprint() {
    let certified = Certified::self_signed();
    let told = refused(&certified, Trust::System).await;
    assert_snapshot!(told, @r#"server `hq` at `localhost:PORT`: expected a certificate by a trusted authority, found one that vouches for itself, for `localhost`, issued by `localhost`, in force from 2020-01-01 00:00 UTC to 2090-01-01 00:00 UTC; compare with the certificate on the server and give `fingerprint = "sha256:FOUND"`, or give the server one by an authority, with that authority's certificate as `ca_file` where this machine does not trust it yet"#);
    assert_eq!(
        refused(&certified, certified.trust()).await,
        told,
        "given as `ca_file` it is no server's certificate"
    );
}

#[tokio::test]
async fn what_speaks_no_tls_or_one_that_is_too_old_is_told() {
    let mut told = Vec::new();
    // An HTTP server; a server that has TLS 1.0 alone, and says so by an alert (RFC 8446 §6.2).
    for answer in [b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), &[0x15, 3, 1, 0, 2, 2, 70]] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_buf(&mut Vec::new()).await.unwrap();
            stream.write_all(answer).await.unwrap();
        });
        let url = format!("https://localhost:{port}/EWS/Exchange.asmx");
        let subscriber = subscriber(&url, SignIn::Basic(account()), Trust::System);
        let unreachable = subscriber.exchange(&hq(), &request()).await.unwrap_err();
        assert!(unreachable.whole_server);
        told.push(unreachable.sentence.replace(&port.to_string(), "PORT"));
    }
    assert_snapshot!(told.join("\n"), @"
    server `hq` at `localhost:PORT`: expected TLS 1.2 or 1.3, found that it fails: received corrupt message of type InvalidContentType; check the port in `url`: what answers there speaks no TLS
    server `hq` at `localhost:PORT`: expected TLS 1.2 or 1.3, found that it fails: received fatal alert: ProtocolVersion; enable TLS 1.2 on the server, or put a proxy that speaks it in front of it
    ");
}

#[tokio::test]
async fn a_pinned_certificate_is_accepted_and_no_other() {
    let certified = Certified::new(|params| {
        params.not_after = date_time_ymd(2021, 1, 1);
        params.subject_alt_names.clear();
    });
    let pinned = Trust::Pinned(Fingerprint::of(certified.certificate.der()));
    let running = start(Some(&certified), |_| reply("200 OK", &[], "<answer/>")).await;
    let subscriber = subscriber(&running.secure(), SignIn::Basic(account()), pinned);
    assert_eq!(subscriber.exchange(&hq(), &request()).await.unwrap().status, 200);
    assert!(subscriber.certificate(&hq()).is_some(), "whoever is reminded of its end must know it");

    let other = Certified::new(|_| {});
    let pinned = Trust::Pinned(format!("sha256:{}", "ab".repeat(32)).parse().unwrap());
    assert_snapshot!(refused(&other, pinned).await, @"server `hq` at `localhost:PORT`: expected the certificate `sha256:abababababababababababababababababababababababababababababababab`, found `sha256:FOUND`, for `localhost`, issued by `Example Root`, in force from 2020-01-01 00:00 UTC to 2090-01-01 00:00 UTC; if the server's certificate was renewed, compare with the one on the server and change `fingerprint`; otherwise somebody stands between");
}
