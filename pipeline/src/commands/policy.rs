//! `cairn policy`: the rules, shown, checked and documented.

use std::fmt::Write;

use cairn_stages::policy::Policy;

use crate::cli::{Ending, Usage, say, say_json};
use crate::policy_file::load;

/// What `cairn policy` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Action {
    /// Print a policy with every field resolved, as TOML.
    Show {
        /// Policy file; the default policy when there is none.
        file: Option<String>,
        /// Puts a value over the policy: SECTION.FIELD=VALUE.
        #[arg(long, value_name = "KEY=VALUE")]
        set: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say whether a policy file can be run by.
    Check {
        /// Policy file.
        file: String,
    },
    /// Print the digest of a policy: SHA-256 over every field resolved.
    Digest {
        /// Policy file; the default policy when there is none.
        file: Option<String>,
        /// Puts a value over the policy: SECTION.FIELD=VALUE.
        #[arg(long, value_name = "KEY=VALUE")]
        set: Vec<String>,
    },
    /// Say in which fields two policies differ, with clause, unit and meaning.
    Diff {
        /// Policy file, or `default`.
        from: String,
        /// Policy file, or `default`.
        to: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print every field with clause, default, unit, range and meaning, as Markdown.
    Reference {
        /// Compare with this file instead, and fail where it differs.
        #[arg(long, value_name = "FILE")]
        check: Option<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// What is wrong with the policy, or what failed.
pub fn command(args: Args) -> anyhow::Result<Ending> {
    let usage = |error: crate::policy_file::PolicyFileError| Usage(error.to_string());
    match args.action {
        Action::Show { file, set, json } => {
            let policy = load(file.as_deref(), &set).map_err(usage)?;
            if json {
                say_json(&policy.resolved())?;
            } else {
                say(&toml::to_string_pretty(&policy)?)?;
            }
        }
        Action::Check { file } => {
            let policy = load(Some(&file), &[]).map_err(usage)?;
            say(&format!(
                "{file} is a policy; its digest is {}\n",
                policy.digest()
            ))?;
        }
        Action::Digest { file, set } => {
            let policy = load(file.as_deref(), &set).map_err(usage)?;
            say(&format!("{}\n", policy.digest()))?;
        }
        Action::Diff { from, to, json } => {
            let file = |name: String| (name != "default").then_some(name);
            let from = load(file(from).as_deref(), &[]).map_err(usage)?;
            let to = load(file(to).as_deref(), &[]).map_err(usage)?;
            let changes = changes(&from, &to);
            if json {
                say_json(&changes)?;
            } else {
                say(&changes_text(&changes))?;
            }
        }
        Action::Reference { check: None } => say(&reference())?,
        Action::Reference { check: Some(file) } => {
            let written = std::fs::read_to_string(&file).map_err(|e| Usage(format!("{file}: {e}")))?;
            if !written.ends_with(&reference()) {
                anyhow::bail!(
                    "{file} does not end with the reference; put what `cairn policy reference` prints there"
                );
            }
            say(&format!("{file} is up to date\n"))?;
        }
    }
    Ok(Ending::Fine)
}

/// A field in which two policies differ.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Change {
    /// Its section and name, with a dot between them.
    pub field: String,
    /// The clause that it belongs to.
    pub clause: &'static str,
    /// The one value.
    pub from: serde_json::Value,
    /// The other.
    pub to: serde_json::Value,
    /// Their unit.
    pub unit: &'static str,
    /// What the field means.
    pub meaning: &'static str,
}

/// The fields in which two policies differ, in the order of the reference.
#[must_use]
pub fn changes(from: &Policy, to: &Policy) -> Vec<Change> {
    let (from, to) = (from.resolved(), to.resolved());
    let change = |field: cairn_stages::policy::Field| {
        let [from, to] = [&from, &to].map(|policy| policy[field.section][field.name].clone());
        (from != to).then(|| Change {
            field: format!("{}.{}", field.section, field.name),
            clause: field.clause,
            from,
            to,
            unit: field.unit,
            meaning: field.meaning.trim(),
        })
    };
    Policy::fields().into_iter().filter_map(change).collect()
}

pub(super) fn changes_text(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "The policies are the same.\n".to_owned();
    }
    let mut text = String::new();
    for change in changes {
        let unit = if change.unit.is_empty() {
            String::new()
        } else {
            format!(" {}", change.unit)
        };
        let shown = |value: &serde_json::Value| value.to_string().trim_matches('"').to_owned();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{} {}: {} -> {}{unit}\n    {}",
            change.clause,
            change.field,
            shown(&change.from),
            shown(&change.to),
            change.meaning
        );
    }
    text
}

/// The reference: a table for each section.
#[must_use]
pub fn reference() -> String {
    let resolved = Policy::default().resolved();
    let mut text = String::from("## Fields\n\nPrinted by `cairn policy reference`.\n");
    let mut section = "";
    for field in Policy::fields() {
        if field.section != section {
            section = field.section;
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "\n### `[{section}]`\n\n| clause | field | default | unit | range | meaning |\n|---|---|---|---|---|---|\n"
            );
        }
        let default = resolved[field.section][field.name].to_string();
        let _ = writeln!(
            text,
            "| {} | `{}` | {} | {} | {} | {} |",
            field.clause,
            field.name,
            default.trim_matches('"'),
            field.unit,
            field.bounds,
            field.meaning.trim(),
        );
    }
    text
}
