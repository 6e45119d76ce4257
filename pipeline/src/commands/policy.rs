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
