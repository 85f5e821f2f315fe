//! Rows of text in columns.

/// Columns as wide as they need to be; `right` names those that are flush right.
pub fn table(head: &[&str], right: &[usize], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
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
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

/// How many there are under a list, and how to see those that it leaves out.
pub fn count(shown: usize, of: usize, one: &str, several: &str) -> String {
    match (shown < of, of) {
        (true, _) => format!("{shown} of {of} {several}; --all shows all of them."),
        (false, 1) => format!("1 {one}."),
        (false, _) => format!("{of} {several}."),
    }
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
}
