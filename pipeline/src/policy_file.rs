//! Reads a policy from a file and from `--set`, and says what is wrong with it.

use cairn_stages::policy::{Policy, PolicyError};

/// A policy that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyFileError {
    /// The file could not be read.
    #[error("policy `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no policy.
    #[error("policy `{path}`, line {line}, column {column}: {what}")]
    Invalid {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        what: String,
    },
    /// `--set` does not say `section.field=value`.
    #[error("`--set {given}`: {what}; write it like --set dedup.near-bits=20")]
    Setting {
        /// What was given.
        given: String,
        /// What is wrong with it.
        what: String,
    },
    /// A value out of its range.
    #[error(transparent)]
    Range(#[from] PolicyError),
}

/// The policy of a file, or the default, with settings put over it.
///
/// # Errors
/// [`PolicyFileError`] naming the file, the field, the value and what would do.
pub fn load(path: Option<&str>, settings: &[String]) -> Result<Policy, PolicyFileError> {
    let policy = match path {
        None => Policy::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|source| PolicyFileError::Unreadable {
                path: path.to_owned(),
                source,
            })?;
            toml::from_str(&text).map_err(|e| invalid(path, &text, &e))?
        }
    };
    let policy = changed(policy, settings)?;
    policy.check()?;
    Ok(policy)
}

/// A policy with settings put over it.
///
/// # Errors
/// [`PolicyFileError::Setting`] naming the field, the value and what would do.
pub fn changed(policy: Policy, settings: &[String]) -> Result<Policy, PolicyFileError> {
    settings
        .iter()
        .try_fold(policy, |policy, setting| with(&policy, setting))
}

/// What TOML says, on one line: its own text draws the place over several.
fn invalid(path: &str, text: &str, error: &toml::de::Error) -> PolicyFileError {
    let before = error
        .span()
        .and_then(|span| text.get(..span.start))
        .unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    PolicyFileError::Invalid {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
        what: error.message().replace('\n', " "),
    }
}

/// The policy with one `section.field=value` put over it.
fn with(policy: &Policy, given: &str) -> Result<Policy, PolicyFileError> {
    let fault = |what: String| PolicyFileError::Setting {
        given: given.to_owned(),
        what,
    };
    let (name, value) = given
        .split_once('=')
        .ok_or_else(|| fault("there is no `=`".to_owned()))?;
    let (section, field) = name
        .trim()
        .split_once('.')
        .ok_or_else(|| fault("there is no `.` in the name".to_owned()))?;
    let mut fields = Policy::fields().into_iter();
    let Some(known) = fields.find(|f| f.section == section && f.name == field) else {
        let near = nearest(name.trim())
            .map(|n| format!(", perhaps `{n}`"))
            .unwrap_or_default();
        return Err(fault(format!("no field is called `{}`{near}", name.trim())));
    };
    let mut resolved = policy.resolved();
    let text = value.trim();
    let number = text.replace('_', "").parse::<u64>();
    let value = number.map_or_else(|_| serde_json::Value::from(text), serde_json::Value::from);
    if !known.bounds.hold(&value) {
        let (bounds, meaning) = (known.bounds, known.meaning.trim());
        return Err(fault(format!(
            "`{text}` is not {bounds} ({}: {meaning})",
            known.clause
        )));
    }
    resolved[section][field] = value;
    serde_json::from_value(resolved).map_err(|e| fault(e.to_string()))
}

/// The field whose name shares most three-letter pieces with a text.
fn nearest(name: &str) -> Option<String> {
    let pieces = |text: &str| -> Vec<String> {
        text.as_bytes()
            .windows(3)
            .map(|w| String::from_utf8_lossy(w).into_owned())
            .collect()
    };
    let wanted = pieces(name);
    let shared = |field: &str| pieces(field).iter().filter(|p| wanted.contains(p)).count();
    let names = Policy::fields()
        .into_iter()
        .map(|f| format!("{}.{}", f.section, f.name));
    names
        .map(|n| (shared(&n), n))
        .filter(|(shared, _)| *shared > 2)
        .max()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_changes_its_field_and_no_other() {
        let policy = load(None, &["dedup.near-bits=20".to_owned()]).unwrap();
        let mut expected = Policy::default();
        expected.dedup.near_bits = 20;
        assert_eq!(policy, expected);
    }

    #[test]
    fn a_misspelt_field_is_told_its_nearest_name() {
        let error = load(None, &["dedup.near-bit=20".to_owned()])
            .unwrap_err()
            .to_string();
        assert!(error.contains("perhaps `dedup.near-bits`"), "{error}");
    }

    #[test]
    fn a_value_out_of_range_says_the_range() {
        let error = load(None, &["place.cell-resolution=16".to_owned()])
            .unwrap_err()
            .to_string();
        assert!(error.contains("0 to 15"), "{error}");
        let error = load(None, &["reward.mode=lottery".to_owned()])
            .unwrap_err()
            .to_string();
        assert!(error.contains("improvement"), "{error}");
    }
}
