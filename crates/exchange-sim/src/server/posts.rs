//! Posts that the world wants made: carried to their listeners, and the answers back.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Shared;
use crate::{Post, World};

/// How long a listener may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What posts for a server.
#[derive(Debug)]
pub(super) struct Poster {
    http: reqwest::Client,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Poster {
    pub(super) fn new(tasks: &TaskTracker, stop: &CancellationToken) -> std::io::Result<Self> {
        // Fails where another one is installed, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .map_err(std::io::Error::other)?;
        Ok(Self { http, tasks: tasks.clone(), stop: stop.clone() })
    }

    /// Makes the posts that are due.
    pub(super) fn carry(&self, shared: &Arc<Shared>, world: &mut World, now: chrono::DateTime<chrono::Utc>) {
        for post in world.posts(now) {
            let made = make(self.http.clone(), Arc::clone(shared), post);
            self.tasks.spawn(self.stop.clone().run_until_cancelled_owned(made));
        }
    }
}

async fn make(http: reqwest::Client, shared: Arc<Shared>, post: Post) {
    let request = http.post(&post.url).header("Content-Type", "text/xml; charset=utf-8").body(post.body);
    let answer = async {
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        Ok::<_, reqwest::Error>((status, answer.bytes().await?))
    };
    let answer = answer.await.ok();
    let answer = answer.as_ref().map(|(status, body)| (*status, body.as_ref()));
    shared.with(|world, now| world.posted(post.id, now, answer));
}
