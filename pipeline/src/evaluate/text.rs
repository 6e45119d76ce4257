//! An evaluation in words: a table for a terminal, and one for the documents.

use std::fmt::Write;

use super::{Evaluation, Share};
use crate::report::{grouped, percent};

/// A table of text columns; the first is aligned to the left, the others to the right.
struct Grid {
    rows: Vec<Vec<String>>,
}

impl Grid {
    fn new(head: &[&str]) -> Self {
        Self {
            rows: vec![head.iter().map(|cell| (*cell).to_owned()).collect()],
        }
    }

    fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    fn plain(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(move |row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
                // Writing to a string cannot fail.
                let _ = if at == 0 {
                    write!(text, "  {cell:<width$}")
                } else {
                    write!(text, "  {cell:>width$}")
                };
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text
    }

    fn markdown(&self) -> String {
        let mut text = String::new();
        for (at, row) in self.rows.iter().enumerate() {
            let _ = writeln!(text, "| {} |", row.join(" | "));
            if at == 0 {
                let rule = row
                    .iter()
                    .enumerate()
                    .map(|(at, _)| if at == 0 { "---" } else { "--:" });
                let _ = writeln!(text, "|{}|", rule.collect::<Vec<_>>().join("|"));
            }
        }
        text
    }
}

fn ppm(share: Option<u64>) -> String {
    share.map_or("-".to_owned(), |ppm| {
        percent(u32::try_from(ppm).unwrap_or(u32::MAX))
    })
}

fn of(share: Share) -> String {
    if share.of == 0 {
        return "-".to_owned();
    }
    format!(
        "{} ({} of {})",
        ppm(share.ppm()),
        grouped(share.hits),
        grouped(share.of)
    )
}

fn attacks(found: &Evaluation) -> Grid {
    let mut grid = Grid::new(&[
        "attack",
        "pictures caught",
        "by its clause",
        "traces caught",
        "earns of honest work",
        "most frequent reasons",
    ]);
    for (name, attacked) in &found.attacks {
        let earned = found.money.attacks.get(name);
        let share = earned.map_or("-".to_owned(), |earned| {
            let note = if earned.real_work { " *" } else { "" };
            format!("{}{note}", ppm(earned.share_ppm))
        });
        let mut reasons: Vec<(&String, &u64)> = attacked.reasons.iter().collect();
        reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), *reason));
        let reasons: Vec<String> = reasons
            .iter()
            .take(3)
            .map(|(reason, count)| format!("{reason} {}", grouped(**count)))
            .collect();
        grid.push(vec![
            name.clone(),
            of(attacked.pictures),
            of(attacked.pictures_by_clause),
            of(attacked.traces),
            share,
            reasons.join(", "),
        ]);
    }
    grid
}

fn clauses(found: &Evaluation) -> Grid {
    let mut grid = Grid::new(&["clause", "precision", "recall", "F1"]);
    for (name, clause) in &found.clauses {
        grid.push(vec![
            name.clone(),
            of(clause.precision),
            of(clause.recall),
            ppm(clause.f1_ppm()),
        ]);
    }
    grid
}

fn confusion(found: &Evaluation) -> Grid {
    let mut grid = Grid::new(&["what it is", "what became of it"]);
    for (kind, reasons) in &found.confusion {
        let became: Vec<String> = reasons
            .iter()
            .map(|(reason, count)| format!("{reason} {}", grouped(*count)))
            .collect();
        grid.push(vec![kind.clone(), became.join(", ")]);
    }
    grid
}

fn sentences(found: &Evaluation) -> String {
    let (honest, money) = (&found.honest, &found.money);
    let mut text = String::new();
    let reasons: Vec<String> = honest
        .reasons
        .iter()
        .map(|(reason, count)| format!("{reason} {}", grouped(*count)))
        .collect();
    let _ = writeln!(
        text,
        "Honest pictures lost: {}{}.",
        of(honest.lost),
        listed(&reasons)
    );
    let _ = writeln!(
        text,
        "Honest traces suspected (E1-E3, E6, E7 or D6): {}.",
        of(honest.suspected)
    );
    let _ = writeln!(
        text,
        "Honest credit lost to verdicts and evidence, at most: {} ({} of {} micro-credits).",
        ppm(money.honest_lost_ppm),
        grouped(money.honest_lost),
        grouped(money.honest.saturating_add(money.honest_lost))
    );
    if let Some(before) = money.honest_without_attackers {
        let _ = writeln!(
            text,
            "Honest credit: {} micro-credits; {} in the same world without attackers, who drive too and share the cells.",
            grouped(money.honest),
            grouped(before)
        );
    }
    let _ = writeln!(
        text,
        "Attackers who record nothing earn {} of what the same effort earns honestly. With * the attack records something, \
         and is owed for it.",
        ppm(money.attackers_share_ppm)
    );
    text
}

fn listed(reasons: &[String]) -> String {
    if reasons.is_empty() {
        String::new()
    } else {
        format!(": {}", reasons.join(", "))
    }
}

/// For a terminal.
#[must_use]
pub fn text(found: &Evaluation) -> String {
    format!(
        "{}\n{}\n{}\n{}",
        attacks(found).plain(),
        clauses(found).plain(),
        confusion(found).plain(),
        sentences(found)
    )
}

/// For the documents.
#[must_use]
pub fn markdown(found: &Evaluation) -> String {
    format!(
        "{}\n{}\n{}",
        attacks(found).markdown(),
        clauses(found).markdown(),
        sentences(found)
    )
}
