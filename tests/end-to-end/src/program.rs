//! The real program, as an operator runs it.

use crate::{Stage, patience::until};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

/// The real program with a configuration.
#[derive(Debug, Clone)]
pub struct Program {
    binary: PathBuf,
    config: PathBuf,
    log: PathBuf,
    environment: Vec<(String, String)>,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code; nothing where a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub err: String,
}

/// A daemon that runs. Dropping it kills it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// The program of that file on a stage.
    pub fn on(binary: &str, stage: &Stage) -> Self {
        Self {
            binary: binary.into(),
            config: stage.config(),
            log: stage.folder().join("daemon.log"),
            environment: Vec::new(),
        }
    }

    /// The same with an environment variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(words.split_whitespace()).env("CALLBOARD_CONFIG", &self.config);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env_remove("CALLBOARD_LOG").env_remove("NOTIFY_SOCKET").stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, words: &str) -> Ended {
        let mut command = self.command(words);
        let run = tokio::task::spawn_blocking(move || command.output().expect("the program can be run"));
        let output = run.await.expect("running does not panic");
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// Starts the daemon; what it logs is kept, also over restarts.
    pub fn daemon(&self, log: &str) -> Running {
        self.start(&format!("--log {log} daemon"))
    }

    /// Starts the daemon in these words.
    pub fn start(&self, words: &str) -> Running {
        let file =
            fs::OpenOptions::new().create(true).append(true).open(&self.log).expect("a temporary file");
        let child =
            self.command(words).stdout(Stdio::null()).stderr(file).spawn().expect("the program can be run");
        Running { child, log: self.log.clone() }
    }
}

impl Running {
    /// Kills it, as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it is ours");
    }

    /// Asks it to stop, and waits until it has.
    pub async fn terminate(mut self) -> ExitStatus {
        self.signal("TERM");
        until("the end of the daemon", async || self.child.try_wait().expect("it is ours")).await
    }

    /// Asks it to read its configuration again, as service managers do.
    pub fn hang_up(&self) {
        self.signal("HUP");
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let kill = format!("kill -{name} \"$0\"");
        let sent = Command::new("sh").args(["-c", &kill, &pid]).status().expect("a shell");
        assert!(sent.success(), "the signal was sent");
    }

    /// What it has logged so far, and those that ran before it here.
    pub fn log(&self) -> String {
        read(&self.log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // it may have ended
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("the log")
}
