//! The real program, as an operator runs it.

use crate::{Stage, patience::until};
use std::{
    ffi::OsStr,
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
    /// What starts it, where it is not started itself.
    behind: Vec<String>,
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
            behind: Vec::new(),
        }
    }

    /// The same with an environment variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    fn command(&self, words: &str) -> Command {
        let mut line = self.behind.iter().map(OsStr::new).chain([self.binary.as_os_str()]);
        let mut command = Command::new(line.next().expect("there is the program itself"));
        command.args(line).args(words.split_whitespace()).env("CALLBOARD_CONFIG", &self.config);
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

    /// Runs a command to its end, as somebody whom the modes of files bind, as they do not bind root. Nothing where this
    /// machine has no means to that.
    pub async fn run_bound_by_modes(&self, words: &str) -> Option<Ended> {
        let user = Command::new("id").arg("-u").output().expect("whoever runs this has a number");
        if user.stdout != b"0\n" {
            return Some(self.run(words).await);
        }
        let setpriv = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"];
        let bound = Command::new("setpriv").args([setpriv[1], "--", "true"]).output();
        bound.ok().filter(|done| done.status.success())?;
        Some(self.behind(&setpriv).run(words).await)
    }

    /// The same, started by another program.
    fn behind(&self, other: &[&str]) -> Self {
        Self { behind: other.iter().map(ToString::to_string).collect(), ..self.clone() }
    }

    /// Starts the daemon; what it logs is kept, also over restarts.
    pub fn daemon(&self, log: &str) -> Running {
        self.start(&format!("--log {log} daemon"))
    }

    /// Starts the daemon in these words.
    pub fn start(&self, words: &str) -> Running {
        let file =
            fs::OpenOptions::new().create(true).append(true).open(&self.log).expect("a temporary file");
        // a file that may not grow is an error of writing it, and not the end
        let unmoved = ["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""];
        let mut command = self.behind(&unmoved).command(words);
        let child = command.stdout(Stdio::null()).stderr(file).spawn().expect("the program can be run");
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

    /// Its number, by which the system knows it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to read its configuration again, as service managers do.
    pub fn hang_up(&self) {
        self.signal("HUP");
    }

    /// Lets it write files up to this size only, or of any.
    pub fn limit_files(&self, size: Option<u64>) {
        let size = size.map_or("unlimited".to_owned(), |size| size.to_string());
        let pid = self.child.id().to_string();
        let limit = format!("--fsize={size}:unlimited");
        let limited = Command::new("prlimit").args(["--pid", &pid, &limit]).status().expect("prlimit");
        assert!(limited.success(), "the limit was set");
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
