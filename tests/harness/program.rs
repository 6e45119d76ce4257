//! Runs the program under test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program under test.
#[derive(Clone, Debug)]
pub struct Cairn {
    program: PathBuf,
    environment: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Ran {
    /// What was run, for messages.
    pub command: String,
    /// The exit code; `None` when it was killed.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
}

impl Cairn {
    /// The program at a path.
    #[must_use]
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            environment: Vec::new(),
        }
    }

    /// The same with variables of the environment set.
    #[must_use]
    pub fn with<'a>(mut self, variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.environment.extend(owned);
        self
    }

    /// A command that has not been started: what it takes from the environment is only what it needs.
    #[must_use]
    pub fn command<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).env("CAIRN_LOG", "warn").stdin(Stdio::null());
        // Stores of tests are on this machine, whatever proxy there is.
        command
            .env("NO_PROXY", "127.0.0.1")
            .envs(self.environment.iter().cloned());
        command
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    /// When the program cannot be started.
    #[must_use]
    pub fn run<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Ran {
        let mut command = self.command(args);
        let output = command.output().expect("the program under test starts");
        Ran::new(&command, &output)
    }

    /// Runs a command that has to end well, and gives what it printed.
    ///
    /// # Panics
    /// When it does not.
    #[must_use]
    pub fn succeed<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(0), "{ran}");
        ran.stdout
    }

    /// `cairn run` on a source with further arguments, with a work folder of its own that is gone afterwards.
    /// Gives the manifest with timings.
    ///
    /// # Panics
    /// When the run fails.
    #[must_use]
    pub fn publish(&self, source: &Path, out: &Path, further: &[&str]) -> serde_json::Value {
        let work = tempfile::tempdir_in(out.parent().expect("an output lies in a folder"))
            .expect("a folder for work");
        let (source, out, work) = (text(source), text(out), text(work.path()));
        let mut args = vec![
            "run", "--json", "--source", &source, "--out", &out, "--work", &work,
        ];
        args.extend(further);
        serde_json::from_str(&self.succeed(&args)).expect("--json prints JSON")
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

impl Ran {
    fn new(command: &Command, output: &Output) -> Self {
        Self {
            command: format!("{command:?}"),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Checks that the command failed with a code and one line on stderr that holds every one of some texts,
    /// and printed nothing.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn failed_saying(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self}");
        assert_eq!(self.stdout, "", "a failure prints no result: {self}");
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is not said: {self}");
        }
        let lines = self.stderr.trim_end().lines().count();
        assert_eq!(lines, 1, "one line is wanted: {self}");
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}\nended with {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.command, self.code, self.stdout, self.stderr
        )
    }
}
