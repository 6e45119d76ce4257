//! `report.html`: one page that says what a run decided, for people.
//!
//! The page is a view of published tables and stands in no digest. It is one file without any reference to another,
//! so that it opens from a disk, offline, in ten years. The data travel as JSON in a block that no browser executes;
//! the script puts them on the page as text, never as markup, because paths and contributors are strangers' words.
//! The same data give the same bytes.

use base64::prelude::{BASE64_STANDARD, Engine};
use cairn_datasets::digest::Digest;

use super::data::ReportData;

const TEMPLATE: &str = include_str!("report.template.html");
const STYLE: &str = include_str!("report.css");
/// One script element, closed in a function: its names would else meet those of the window.
const SCRIPT: &str = concat!(
    "(() => {\n",
    include_str!("report.js"),
    include_str!("report.cells.js"),
    include_str!("report.map.js"),
    include_str!("report.panel.js"),
    include_str!("report.figures.js"),
    include_str!("report.sections.js"),
    "})();\n"
);

/// The page.
#[must_use]
pub fn html(data: &ReportData) -> String {
    // Nothing here can fail to become JSON: the keys are names of fields, and a non-finite corner empties its ring.
    let json = serde_json::to_string(data).unwrap_or_default();
    fill(&[
        ("title", &escape_markup(&data.reward_epoch)),
        ("style-hash", &source_hash(STYLE)),
        ("script-hash", &source_hash(SCRIPT)),
        ("style", STYLE),
        ("data", &escape_json(&json)),
        ("script", SCRIPT),
    ])
}

/// The template with each `{{name}}` replaced, in one pass: what a value holds is never a place to fill.
fn fill(values: &[(&str, &str)]) -> String {
    let mut page = String::with_capacity(TEMPLATE.len() + values.iter().map(|(_, v)| v.len()).sum::<usize>());
    let mut rest = TEMPLATE;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        page.push_str(before);
        if let Some((_, value)) = values.iter().find(|(n, _)| *n == name) {
            page.push_str(value);
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

/// JSON that cannot end the element it stands in. These characters occur in JSON only inside strings, where an escape
/// means the same.
fn escape_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 16);
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}

/// Text for the inside of an element or a quoted attribute.
fn escape_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The source expression with which a content security policy admits exactly this text.
fn source_hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Digest::of(text.as_bytes()).0))
}

#[cfg(test)]
mod tests {
    use super::super::data::{CellView, FindingView, RewardView, TableView, VerdictView};
    use super::*;

    const HOSTILE: [&str; 6] = [
        "</script><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "<!--<script>",
        "{{script}}{{data}}",
        "a\u{2028}b\u{2029}c&amp;",
        "\u{202e}gpj.exe",
    ];

    fn hostile() -> ReportData {
        let name = || HOSTILE.concat();
        ReportData {
            reward_epoch: name(),
            as_of: name(),
            results_digest: name(),
            policy_digest: name(),
            version: name(),
            pool: u64::MAX,
            tables: vec![TableView {
                name: name(),
                rows: 1,
                digest: name(),
            }],
            verdicts: vec![VerdictView {
                table: name(),
                reason: name(),
                verdict: name(),
                meaning: name(),
                count: 1,
            }],
            rewards: vec![RewardView {
                contributor: name(),
                reward: u64::MAX,
                ..RewardView::default()
            }],
            cells: vec![CellView {
                cell: name(),
                ring: vec![[179.9999, 1.0], [-179.9999, 1.0], [-179.9999, 1.0001]],
                newest: Some(name()),
                credits: vec![(name(), 3)],
                ..CellView::default()
            }],
            findings: vec![FindingView {
                path: name(),
                contributor: name(),
                reason: name(),
                detail: name(),
                measured: Some(i64::MIN),
                threshold: Some(-1),
                duplicate_of: Some(name()),
            }],
            ..ReportData::default()
        }
    }

    fn data_block(page: &str) -> &str {
        let start = "<script type=\"application/json\" id=\"data\">";
        page.split_once(start)
            .unwrap()
            .1
            .split_once("</script>")
            .unwrap()
            .0
    }

    #[test]
    fn strangers_words_stay_data() {
        let page = html(&hostile());
        let plain = html(&ReportData::default());
        for tag in ["<script", "</script", "<img", "<!--", "<style", "\"use strict\""] {
            assert_eq!(page.matches(tag).count(), plain.matches(tag).count(), "{tag}");
        }
        let block = data_block(&page);
        assert!(!block.contains(['<', '>', '&', '\u{2028}', '\u{2029}']));
        let back: serde_json::Value = serde_json::from_str(block).unwrap();
        assert_eq!(back["rewards"][0]["contributor"], HOSTILE.concat());
        assert_eq!(back["cells"]["names"][0], HOSTILE.concat());
        assert_eq!(back["findings"][0]["path"], HOSTILE.concat());
    }

    #[test]
    fn the_script_never_writes_markup_and_the_page_names_no_other() {
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "eval(",
            "Function(",
            "fetch(",
        ] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
        let page = html(&ReportData::default());
        for word in ["src=", "http:", "https:", "@import", "url("] {
            let allowed = page.matches("http://www.w3.org/2000/svg").count();
            let found = page.matches(word).count();
            assert_eq!(found, if word == "http:" { allowed } else { 0 }, "{word}");
        }
    }

    #[test]
    fn every_place_is_filled() {
        let page = html(&ReportData::default());
        assert!(!page.contains("{{"));
        assert!(page.contains(&source_hash(SCRIPT)) && page.contains(&source_hash(STYLE)));
        assert_eq!(page, html(&ReportData::default()));
        // A comment or an end tag inside would end the element early, and the hash would not match.
        assert!(!SCRIPT.contains("</script") && !SCRIPT.contains("<!--") && !STYLE.contains("</style"));
    }

    #[test]
    fn integers_beyond_a_double_stay_exact() {
        let page = html(&hostile());
        let back: serde_json::Value = serde_json::from_str(data_block(&page)).unwrap();
        assert_eq!(back["pool"], "18446744073709551615");
        assert_eq!(back["findings"][0]["measured"], "-9223372036854775808");
        assert_eq!(back["findings"][0]["threshold"], -1);
    }

    #[test]
    fn hashes_are_those_of_the_standard() {
        assert_eq!(
            source_hash(""),
            "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        );
    }
}
