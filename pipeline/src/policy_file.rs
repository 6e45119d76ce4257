//! Reads a policy from a file and from `--set`, and says what is wrong with it.

use cairn_stages::policy::{Field, Policy, PolicyError};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

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
            read(path, &text)?
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

/// Reads the text of a policy file. Every name and value in it is checked where it stands.
fn read(path: &str, text: &str) -> Result<Policy, PolicyFileError> {
    let toml = |error: &toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        // Its own text draws the place over several lines.
        invalid(path, text, start, error.message().replace('\n', " "))
    };
    let sections = DeTable::parse(text).map_err(|e| toml(&e))?;
    for (section, value) in sections.get_ref() {
        check_section(section, value).map_err(|(start, what)| invalid(path, text, start, what))?;
    }
    toml::from_str(text).map_err(|e| toml(&e))
}

/// What is wrong with a section, and where in the text.
fn check_section(
    section: &Spanned<DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
) -> Result<(), (usize, String)> {
    let name = section.get_ref().as_ref();
    if name == "version" {
        return Ok(());
    }
    let fields: Vec<Field> = Policy::fields()
        .into_iter()
        .filter(|f| f.section == name)
        .collect();
    if fields.is_empty() {
        let mut known: Vec<&str> = Policy::fields().iter().map(|f| f.section).collect();
        known.dedup();
        let what = format!("no section is called `{name}`; there are {}", known.join(", "));
        return Err((section.span().start, what));
    }
    let Some(entries) = value.get_ref().as_table() else {
        let what = format!("`{name}` is a section; write [{name}] and its fields below");
        return Err((value.span().start, what));
    };
    for (key, value) in entries {
        let field = key.get_ref().as_ref();
        let Some(known) = fields.iter().find(|f| f.name == field) else {
            return Err((key.span().start, no_field(&format!("{name}.{field}"))));
        };
        let (text, given) = match value.get_ref() {
            DeValue::Integer(number) => {
                let number = number.to_string();
                let parsed = number.parse::<u64>();
                (
                    number,
                    parsed.map_or(serde_json::Value::Null, serde_json::Value::from),
                )
            }
            DeValue::String(word) => (word.to_string(), serde_json::Value::from(word.as_ref())),
            other => (other.type_str().to_owned(), serde_json::Value::Null),
        };
        if !known.bounds.hold(&given) {
            return Err((
                value.span().start,
                format!("`{name}.{field}`: {}", out_of_range(known, &text)),
            ));
        }
    }
    Ok(())
}

fn no_field(name: &str) -> String {
    let near = nearest(name)
        .map(|near| format!(", perhaps `{near}`"))
        .unwrap_or_default();
    format!("no field is called `{name}`{near}")
}

fn out_of_range(field: &Field, given: &str) -> String {
    let unit = if field.unit.is_empty() {
        String::new()
    } else {
        format!(", in {}", field.unit)
    };
    format!(
        "`{given}` is not {}{unit} ({}: {})",
        field.bounds,
        field.clause,
        field.meaning.trim()
    )
}

/// An error at a place of the text, given in bytes.
fn invalid(path: &str, text: &str, start: usize, what: String) -> PolicyFileError {
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    PolicyFileError::Invalid {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
        what,
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
        return Err(fault(no_field(name.trim())));
    };
    let mut resolved = policy.resolved();
    let text = value.trim();
    let number = text.replace('_', "").parse::<u64>();
    let value = number.map_or_else(|_| serde_json::Value::from(text), serde_json::Value::from);
    if !known.bounds.hold(&value) {
        return Err(fault(out_of_range(&known, text)));
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

    #[test]
    fn everything_wrong_in_a_file_is_told_with_its_line_and_column() {
        let said = |text: &str| read("p.toml", text).unwrap_err().to_string();
        let cases = [
            (
                "version = 1\n[score]\nslot-deg = 500\n",
                "line 3, column 12: `score.slot-deg`: `500` is not 0 to 180, in degrees (C1",
            ),
            (
                "[score]\nslot-degg = 5\n",
                "line 2, column 1: no field is called `score.slot-degg`, perhaps `score.slot-deg`",
            ),
            (
                "[score]\nfade-ms = -1\n",
                "line 2, column 11: `score.fade-ms`: `-1` is not 1 to",
            ),
            (
                "[scor]\nslot-deg = 5\n",
                "line 1, column 2: no section is called `scor`; there are ingest, place, dedup, evidence, score, reward",
            ),
            (
                "[score]\nslot-deg = \"x\"\n",
                "line 2, column 12: `score.slot-deg`: `x` is not 0 to 180",
            ),
            (
                "[score]\nslot-deg = 1.5\n",
                "line 2, column 12: `score.slot-deg`: `float` is not 0 to 180",
            ),
            (
                "[reward]\n\n  mode = \"ranked\"\n",
                "line 3, column 10: `reward.mode`: `ranked` is not one of improvement, rank, shapley",
            ),
            ("reward = 3\n", "line 1, column 10: `reward` is a section"),
            ("version = 1\n[score\n", "line 2, column 7: unclosed table"),
        ];
        for (text, wanted) in cases {
            let said = said(text);
            assert!(said.starts_with(&format!("policy `p.toml`, {wanted}")), "{said}");
        }
        let policy = read("p.toml", "[score]\nslot-deg = 45\n").unwrap();
        assert_eq!(policy.score.slot_deg, 45);
    }
}
