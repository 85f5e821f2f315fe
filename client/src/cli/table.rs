//! Rows of text in columns.

/// Columns as wide as they need to be; `right` names those that are flush right.
pub fn table(head: &[&str], right: &[usize], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .flat_map(|cell| cell.lines().map(|line| line.chars().count()))
            .chain(head.get(column).map(|name| name.chars().count()))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for (column, (cell, width)) in cells.zip(&widths).enumerate() {
            let fill = " ".repeat(width.saturating_sub(cell.chars().count()));
            let (before, after) =
                if right.contains(&column) { (fill.as_str(), "") } else { ("", fill.as_str()) };
            line.push_str(before);
            line.push_str(cell);
            line.push_str(after);
            line.push_str("  ");
        }
        format!("{}\n", line.trim_end())
    };
    let mut text = line(&mut head.iter().copied());
    for row in rows {
        // A cell of several lines goes on below itself, where nothing else begins.
        let lines = row.iter().map(|cell| cell.lines().count()).max().unwrap_or(1).max(1);
        for nth in 0..lines {
            text.push_str(&line(&mut row.iter().map(|cell| cell.lines().nth(nth).unwrap_or_default())));
        }
    }
    text
}

/// A text of several lines, those behind the first so far in: none of them reads like another line of what it stands in.
pub fn hanging(text: &str, by: usize) -> String {
    text.lines().collect::<Vec<_>>().join(&format!("\n{}", " ".repeat(by)))
}

/// How many there are under a list, and how to see those that it leaves out.
pub fn count(shown: usize, of: usize, one: &str, several: &str) -> String {
    match (shown < of, of) {
        (true, _) => format!("{shown} of {of} {several}; --all shows all of them."),
        (false, 1) => format!("1 {one}."),
        (false, _) => format!("{of} {several}."),
    }
}

/// What every list takes, also one that shows all anyway.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Whole {
    /// All of them, which this list shows in any case.
    #[arg(long)]
    all: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = vec![vec!["T1-1".into(), "9.50".into()], vec!["T1-10".into(), "120.00".into()]];
        assert_eq!(
            table(&["number", "total"], &[1], &rows),
            "number   total\nT1-1      9.50\nT1-10   120.00\n"
        );
    }

    #[test]
    fn a_note_of_several_lines_reads_like_no_other_row() {
        let rows = vec![vec!["ana".into(), "rings twice\nmax  paid all".into(), "1".into()]];
        assert_eq!(
            table(&["who", "note", ""], &[], &rows),
            "who  note\nana  rings twice    1\n     max  paid all\n"
        );
        assert_eq!(hanging("one\ntwo", 3), "one\n   two");
    }
}
