//! Code in a text, between backticks: what looks like a mention or a hashtag there is none.

use std::{collections::HashMap, ops::Range};

/// Backticks of a fence.
const FENCE: usize = 3;

/// A run of backticks.
struct Run {
    at: usize,
    len: usize,
    /// The line that it is on.
    line: usize,
    /// Nothing but spaces stands before it on its line.
    begins_line: bool,
}

/// The pieces of code, in order, with their backticks: between two equal runs of backticks on one line, or between two lines
/// that begin with three or more. What is not closed is no code. One pass, whatever is left open.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let runs = runs(text);
    let partners = partners(&runs);
    let mut spans = Vec::new();
    let mut next = 0;
    while let Some(run) = runs.get(next) {
        match partners[next] {
            Some(partner) => {
                spans.push(run.at..runs[partner].at + runs[partner].len);
                next = partner + 1;
            }
            None => next += 1,
        }
    }
    spans
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let (mut line, mut begins_line) = (0, true);
    for (at, byte) in text.bytes().enumerate() {
        if byte == b'`' {
            match runs.last_mut() {
                Some(run) if run.at + run.len == at => run.len += 1,
                _ => runs.push(Run {
                    at,
                    len: 1,
                    line,
                    begins_line,
                }),
            }
            continue;
        }
        begins_line &= byte == b' ';
        if byte == b'\n' {
            line += 1;
            begins_line = true;
        }
    }
    runs
}

/// Which run would close each run: found from behind, so that each is looked at once.
fn partners(runs: &[Run]) -> Vec<Option<usize>> {
    let mut partners = vec![None; runs.len()];
    let mut by_length: HashMap<usize, usize> = HashMap::new();
    let mut fence = None;
    for (index, run) in runs.iter().enumerate().rev() {
        let is_fence = run.len >= FENCE && run.begins_line;
        partners[index] = by_length
            .get(&run.len)
            .copied()
            .filter(|partner| runs[*partner].line == run.line)
            .or(fence.filter(|_| is_fence));
        by_length.insert(run.len, index);
        if is_fence {
            fence = Some(index);
        }
    }
    partners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stands_between_equal_runs_of_backticks() {
        let found = |text: &str| -> Vec<String> {
            spans(text)
                .into_iter()
                .map(|span| text[span].to_owned())
                .collect()
        };
        let table: [(&str, &[&str]); 11] = [
            ("a `b` c", &["`b`"]),
            ("`a` and `b`", &["`a`", "`b`"]),
            ("``a`b``", &["``a`b``"]),
            ("`a", &[]),
            ("`a\nb`", &[]),
            ("``a`", &[]),
            ("```\na\nb\n```", &["```\na\nb\n```"]),
            ("```rust\n`a`\n```\n`b`", &["```rust\n`a`\n```", "`b`"]),
            ("x ```\na\n```", &[]),
            ("```a``` b", &["```a```"]),
            ("```\nnever closed", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(found(text), expected, "{text:?}");
        }
    }
}
