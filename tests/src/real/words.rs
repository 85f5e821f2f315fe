//! A command line as it is typed, taken apart.

/// At blanks, except within double quotes.
pub fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut begun) = (String::new(), false, false);
    for letter in line.chars() {
        match letter {
            '"' => (quoted, begun) = (!quoted, true),
            blank if blank.is_whitespace() && !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            other => {
                word.push(other);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    #[test]
    fn blanks_part_words_and_quotes_hold_them_together() {
        assert_eq!(
            super::split(r#"order note  T1-1 "leave it" """#),
            ["order", "note", "T1-1", "leave it", ""]
        );
    }
}
