//! What can be asked about an epoch, and how it stands in an address.

use cairn_datasets::cell::Cell;

/// A question about one epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Its key figures.
    Summary,
    /// The contributors whose ids hold a text, in any case.
    Contributors(String),
    /// Why a contributor gets what it gets.
    Contributor(String),
    /// The cells that a contributor has credit or passes in.
    ContributorCells(String),
    /// What became of an object of the source.
    Object(String),
    /// What became of an image.
    Image(String),
    /// What became of a pass.
    Pass(String),
    /// How well a cell is covered, and by whom.
    Cell(Cell),
}

impl Question {
    /// `SUBJECT/KEY`, percent-decoded; or `SUBJECT` with `key=` in the query, for keys such as `..` that no client sends
    /// as a part of a path.
    pub(super) fn parse(path: &str, query: &str) -> Option<Self> {
        let asked = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let (subject, key) = match path.split_once('/') {
            Some((subject, key)) => (subject, Some(key.to_owned())),
            None => (path, asked("key")),
        };
        Some(match (subject, key) {
            ("contributors", None) => Self::Contributors(asked("q").unwrap_or_default()),
            ("contributor", Some(id)) => match id.split_once('/') {
                Some((id, "cells")) => Self::ContributorCells(id.to_owned()),
                Some(_) => return None,
                None if asked("of").as_deref() == Some("cells") => Self::ContributorCells(id),
                None => Self::Contributor(id),
            },
            ("object", Some(path)) => Self::Object(path),
            ("image", Some(id)) => Self::Image(id),
            ("pass", Some(id)) => Self::Pass(id),
            ("cell", Some(cell)) => Self::Cell(cell.parse().ok()?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_the_path_or_in_the_query() {
        let object = |path: &str| Some(Question::Object(path.to_owned()));
        assert_eq!(Question::parse("object/ada/a b.jpg", ""), object("ada/a b.jpg"));
        assert_eq!(
            Question::parse("object", "key=ada%2F..%2Fx%26.jpg"),
            object("ada/../x&.jpg")
        );
        let cells = Some(Question::ContributorCells("ada".to_owned()));
        assert_eq!(Question::parse("contributor/ada/cells", ""), cells);
        assert_eq!(Question::parse("contributor", "key=ada&of=cells"), cells);
        assert_eq!(
            Question::parse("contributors", "q=A%20d"),
            Some(Question::Contributors("A d".to_owned()))
        );
    }

    #[test]
    fn what_is_no_question_has_no_answer() {
        for path in [
            "",
            "cell",
            "cell/xyz",
            "cell/",
            "manifest.json",
            "contributor/ada/files",
        ] {
            assert_eq!(Question::parse(path, ""), None, "{path}");
        }
    }
}
