//! Lines of an order from a table, as a spreadsheet or another program saves it.

use std::{fs, io::Read, path::Path};

use waybill_shared::{finding::Finding, money::Amount};

use crate::cli::outcome::Failure;

/// One row: what, how much, and at which price where it is not the usual.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// In the file, from 1.
    pub row: u64,
    pub product: String,
    pub quantity: String,
    pub price: Option<String>,
}

/// `-` is standard input. Commas, semicolons or tabs between the columns; a first row of headings is passed over.
pub fn read(file: &Path) -> Result<Vec<Row>, Failure> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        fs::read_to_string(file).map(|read| text = read)
    };
    read.map_err(|error| Failure::Usage(format!("{} cannot be read: {error}.", file.display())))?;
    rows(&text)
}

fn rows(text: &str) -> Result<Vec<Row>, Failure> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let between = [b';', b'\t'].into_iter().find(|sign| first.as_bytes().contains(sign)).unwrap_or(b',');
    // Where semicolons part the columns, a comma parts the decimals.
    let figure = |cell: &str| if between == b',' { cell.to_owned() } else { cell.replace(',', ".") };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(between)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    let mut lines = Lines { text, counted: 0, line: 1 };
    for (nth, record) in (1u64..).zip(reader.records()) {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                findings.push(wrong(nth, &format!("it does not read: {error}."), "Save the table as CSV."));
                break;
            }
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        let row = lines.of(&record);
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let quantity = figure(cell(1));
        let counted = quantity.parse::<Amount>().is_ok();
        if nth == 1 && !counted && !cell(1).is_empty() {
            continue;
        }
        if cell(0).is_empty() || !counted || record.iter().skip(3).any(|more| !more.is_empty()) {
            let remedy = "Give a number or barcode, a quantity, and a price if it is not the usual.";
            findings.push(wrong(row, "it is not a line of an order.", remedy));
            continue;
        }
        let price = Some(figure(cell(2))).filter(|price| !price.is_empty());
        rows.push(Row { row, product: cell(0).to_owned(), quantity, price });
    }
    if !findings.is_empty() {
        return Err(Failure::Refused(findings));
    }
    if rows.is_empty() {
        return Err(Failure::Usage(
            "The table has no lines: give number or barcode, quantity, price.".to_owned(),
        ));
    }
    Ok(rows)
}

/// Where rows stand, as an editor counts the lines: the reader of tables counts neither those that end as on Windows nor
/// empty ones before a row.
struct Lines<'a> {
    text: &'a str,
    /// The bytes before which the lines are counted.
    counted: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, record: &csv::StringRecord) -> u64 {
        let starts = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(self.counted);
        let rest = self.text.as_bytes().get(starts..).unwrap_or_default();
        let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let before = self.text.as_bytes().get(self.counted..starts + ends).unwrap_or_default();
        self.line += before.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.counted = starts + ends;
        self.line
    }
}

/// What speaks against one row.
pub fn wrong(row: u64, what: &str, remedy: &str) -> Finding {
    Finding::malformed(&format!("lines/{row}"), format!("Row {row}: {what}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(u64, String, String, Option<String>)> {
        let rows = rows(text).unwrap_or_else(|failure| panic!("{text}: {failure:?}"));
        rows.into_iter().map(|row| (row.row, row.product, row.quantity, row.price)).collect()
    }

    #[test]
    fn tables_are_read_as_spreadsheets_save_them() {
        let line = |row, product: &str, quantity: &str, price: Option<&str>| {
            (row, product.to_owned(), quantity.to_owned(), price.map(str::to_owned))
        };
        assert_eq!(
            told("OAK-1,3\n4006381333931,1.5,9.90\n"),
            [line(1, "OAK-1", "3", None), line(2, "4006381333931", "1.5", Some("9.90")),]
        );
        let german = "\u{feff}Nummer;Menge;Preis\r\n\"Stuhl; Eiche\";1,5;9,90\r\n\r\nOAK-1;2;\r\n";
        assert_eq!(
            told(german),
            [line(2, "Stuhl; Eiche", "1.5", Some("9.90")), line(4, "OAK-1", "2", None),]
        );
        assert_eq!(told("OAK-1\t2"), [line(1, "OAK-1", "2", None)]);
    }

    #[test]
    fn every_row_that_is_none_is_named_at_once() {
        let Err(Failure::Refused(findings)) = rows("number,quantity\nOAK-1,two\n,3\nOAK-1,1\nOAK-1,1,2,3\n")
        else {
            panic!("it was taken");
        };
        let named: Vec<_> = findings.iter().filter_map(|finding| finding.field.as_deref()).collect();
        assert_eq!(named, ["lines/2", "lines/3", "lines/5"]);
        assert!(matches!(rows("number,quantity\n"), Err(Failure::Usage(_))));
    }
}
