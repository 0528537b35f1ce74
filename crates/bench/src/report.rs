//! The table: what was measured, against what, and whether that is what was wanted.

use std::fmt;

const HEADINGS: [&str; 7] = ["what", "measured", "unit", "reference", "ratio", "goal", "ok?"];

/// What is wanted of a number.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    pub(crate) fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(out, ">= {}", short(*least)),
            Self::AtMost(most) => write!(out, "<= {}", short(*most)),
        }
    }
}

/// A goal with no more than two digits behind the point.
fn short(goal: f64) -> f64 {
    (goal * 100.0).round() / 100.0
}

/// One line.
pub(crate) struct Row {
    what: String,
    measured: f64,
    unit: &'static str,
    reference: Option<(String, f64)>,
    goal: Option<(Bound, f64)>,
}

impl Row {
    pub(crate) fn new(what: &str, measured: f64, unit: &'static str) -> Self {
        Self { what: what.to_owned(), measured, unit, reference: None, goal: None }
    }

    /// What it is compared with, and the ratio to that.
    pub(crate) fn against(mut self, reference: impl Into<String>, ratio: f64) -> Self {
        self.reference = Some((reference.into(), ratio));
        self
    }

    /// The goal is one for the measured value.
    pub(crate) fn measured(mut self, bound: Bound) -> Self {
        self.goal = Some((bound, self.measured));
        self
    }

    /// The goal is one for the ratio.
    pub(crate) fn ratio(mut self, bound: Bound) -> Self {
        self.goal = self.reference.as_ref().map(|(_, ratio)| (bound, *ratio));
        self
    }

    fn cells(&self) -> Vec<String> {
        let (reference, ratio) = match &self.reference {
            Some((reference, ratio)) => (reference.clone(), format!("{ratio:.2}")),
            None => (String::new(), String::new()),
        };
        let (goal, ok) = match self.goal {
            Some((bound, value)) => (bound.to_string(), if bound.holds(value) { "yes" } else { "NO" }),
            None => (String::new(), ""),
        };
        let measured = number(self.measured);
        vec![self.what.clone(), measured, self.unit.to_owned(), reference, ratio, goal, ok.to_owned()]
    }
}

/// All lines, in the order they were measured.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn push(&mut self, row: Row) {
        self.0.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![HEADINGS.map(str::to_owned).to_vec()];
        lines.extend(self.0.iter().map(Row::cells));
        aligned(&lines, out)
    }
}

/// With as many digits as say something.
pub(crate) fn number(value: f64) -> String {
    if value < 100.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}

/// Lines of cells, each column as wide as its widest cell.
pub(crate) fn aligned(lines: &[Vec<String>], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut widths = vec![0; lines.iter().map(Vec::len).max().unwrap_or_default()];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for line in lines {
        let padded: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        writeln!(out, "{}", padded.join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_judged_by_what_it_is_for() {
        let mut table = Table::default();
        table.push(Row::new("quick", 0.5, "ms").against("1 ms", 0.5).measured(Bound::AtMost(1.0)));
        table.push(Row::new("slow", 300.0, "1/s").against("1000 1/s", 0.3).ratio(Bound::AtLeast(0.6)));
        table.push(Row::new("known", 7.0, "1/s"));
        let text = table.to_string();
        let words = |line: usize| text.lines().nth(line).unwrap().split_whitespace().collect::<Vec<_>>();
        assert_eq!(words(1), ["quick", "0.50", "ms", "1", "ms", "0.50", "<=", "1", "yes"]);
        assert_eq!(words(2), ["slow", "300", "1/s", "1000", "1/s", "0.30", ">=", "0.6", "NO"]);
        assert_eq!(words(3), ["known", "7.00", "1/s"]);
    }
}
