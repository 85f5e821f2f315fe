//! What texts may hold, and how they are shown where they could do harm. Names and numbers are one line of letters
//! that are seen; notes may be several lines, and keep what was written. The name of a field tells which it is.

use std::{borrow::Cow, io};

use ciborium::Value;
use serde::Serialize;

use crate::finding::Finding;

/// Characters of a name or number. A note is as long as an edit has room for.
pub const LINE: usize = 500;

/// Fields that hold several lines.
const NOTES: [&str; 4] = ["text", "note", "description", "reason"];

/// Below these stands what a document said before, which may be older than these rules.
const BEFORE: [&str; 2] = ["was", "shown"];

/// In what happened, names that were taken over from documents stand below these: they may be older too, and money that
/// changed hands is not refused for them. Whoever prints them spells out what is not seen.
const COPIED: [&str; 2] = ["lines", "customer_name"];

/// What speaks against the texts of a command, or of anything else that comes from outside. Only the first: whoever
/// sends such a thing seldom typed it.
pub fn check(said: &impl Serialize) -> Option<Finding> {
    of_value(said, &[])
}

/// The same of what happened.
pub fn check_fact(said: &impl Serialize) -> Option<Finding> {
    of_value(said, &COPIED)
}

fn of_value(said: &impl Serialize, copied: &[&str]) -> Option<Finding> {
    let value = Value::serialized(said).ok()?;
    walk("text", &value, copied, false)
}

/// The same of one text in a field.
pub fn check_field(field: &str, text: &str) -> Option<Finding> {
    of_field(field, text, false)
}

fn walk(field: &str, value: &Value, copied: &[&str], before: bool) -> Option<Finding> {
    match value {
        Value::Text(text) => of_field(field, text, before),
        Value::Array(items) => items.iter().find_map(|item| walk(field, item, copied, before)),
        Value::Map(entries) => entries.iter().find_map(|(key, value)| match key {
            Value::Text(name) => {
                let before = before || BEFORE.contains(&name.as_str()) || copied.contains(&name.as_str());
                // A key may be a text of its own, as a tag.
                of_field(field, name, before).or_else(|| walk(name, value, copied, before))
            }
            key => walk(field, key, copied, before).or_else(|| walk(field, value, copied, before)),
        }),
        _ => None,
    }
}

fn of_field(field: &str, text: &str, before: bool) -> Option<Finding> {
    // PostgreSQL keeps no text with a NUL in it, so no report could show it.
    if text.contains('\0') {
        let what = format!("The {field} holds a NUL character, which is no part of any text.");
        return Some(Finding::malformed(field, what, "Remove the character."));
    }
    if before || NOTES.contains(&field) {
        return None;
    }
    if text.len() > LINE && text.chars().count() > LINE {
        let what = format!("The {field} is longer than {LINE} characters.");
        return Some(Finding::malformed(field, what, "Say it in fewer words."));
    }
    unseen(text).map(|found| {
        let what = format!("The {field} holds the character U+{:04X}, which is not seen.", u32::from(found));
        Finding::malformed(field, what, "Remove it: names and numbers are one line of plain text.")
    })
}

/// The first character of a line that is not seen as one: it begins another line, moves what stands around it, or has
/// no width.
pub fn unseen(text: &str) -> Option<char> {
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        // Persian, Hindi and others spell with these, and so do pictures that are made of several.
        let joins = matches!(letter, '\u{200c}' | '\u{200d}');
        let joined = joins && !before.is_ascii() && letters.peek().is_some_and(|next| !next.is_ascii());
        if is_unseen(letter) && !joined {
            return Some(letter);
        }
        before = letter;
    }
    None
}

/// Nothing is seen of it: blanks, what has no width, and letters that are drawn as nothing, as fillers of Hangul and the
/// blank of Braille.
pub fn looks_empty(text: &str) -> bool {
    let blank = |letter| {
        matches!(letter,
            '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{fffc}'
            | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
    };
    text.chars().all(|letter| letter.is_whitespace() || is_unseen(letter) || blank(letter))
}

const fn is_unseen(letter: char) -> bool {
    matches!(letter,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// A name that is copied from a document, in which it may be older than these rules.
pub fn clean(text: &str) -> Cow<'_, str> {
    let mut clean = Cow::Borrowed(text);
    if unseen(text).is_some() {
        clean = Cow::Owned(
            text.chars()
                .filter_map(|letter| match letter {
                    '\t' | '\n' | '\r' => Some(' '),
                    letter => (!is_unseen(letter)).then_some(letter),
                })
                .collect(),
        );
    }
    if clean.chars().count() > LINE { Cow::Owned(clean.chars().take(LINE).collect()) } else { clean }
}

/// For a terminal or a log: what would move the cursor, colour or reorder what stands there is spelled out. Lines stay
/// lines.
pub fn printable(text: &str) -> Cow<'_, str> {
    let stays = |letter: char| matches!(letter, '\n' | '\t') || !is_unseen(letter) || joins(letter);
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let mut printable = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if stays(letter) { printable.push(letter) } else { printable.extend(letter.escape_unicode()) }
    }
    Cow::Owned(printable)
}

/// The same of JSON, which reads as it did.
pub fn printable_json(json: &str) -> String {
    let mut printable = String::with_capacity(json.len());
    for letter in json.chars() {
        // Between its values; in its texts they are spelled out already.
        if letter == '\n' || joins(letter) || !is_unseen(letter) {
            printable.push(letter);
        } else {
            let mut units = [0; 2];
            let units = letter.encode_utf16(&mut units);
            units.iter().for_each(|unit| printable.push_str(&format!("\\u{unit:04x}")));
        }
    }
    printable
}

/// What is written through it is spelled out as in JSON: for logs, whose lines hold what others say.
pub struct SpelledOut<W>(pub W);

impl<W: io::Write> io::Write for SpelledOut<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(printable_json(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

const fn joins(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}')
}

/// The name of a file as it is kept: one line, without the path to it.
pub fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    clean(last).trim().trim_start_matches('.').to_owned()
}

/// As it goes on within a sentence.
pub fn small(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_seen_and_notes_keep_what_was_written() {
        for (text, in_a_name, in_a_note) in [
            ("Oak & Ash, Straße 3 — 2 €", true, true),
            ("two\nlines", false, true),
            ("a\ttab", false, true),
            ("\u{1b}[31mred", false, true),
            ("\u{9b}31mred", false, true),
            ("abc\u{202e}gpj.exe", false, true),
            ("\u{2066}x\u{2069}", false, true),
            ("zero\u{200b}width", false, true),
            ("\u{feff}mark", false, true),
            ("nul\0", false, false),
            // Spelled with a joiner.
            ("می\u{200c}خواهم", true, true),
            ("👩\u{200d}🌾", true, true),
            ("pay\u{200d}pal", false, true),
        ] {
            assert_eq!(check_field("name", text).is_none(), in_a_name, "a name: {text:?}");
            assert_eq!(check_field("note", text).is_none(), in_a_note, "a note: {text:?}");
            assert!(unseen(&clean(text)).is_none() || text.contains('\u{200c}'), "{text:?} comes clean");
        }
        assert!(check_field("name", &"x".repeat(LINE + 1)).is_some());
        assert!(check_field("note", &"x".repeat(LINE + 1)).is_none());
    }

    #[test]
    fn a_name_of_which_nothing_is_seen_is_none() {
        for (text, empty) in [
            ("", true),
            (" \u{a0}\u{3000}", true),
            ("\u{3164}", true),
            ("\u{115f}\u{1160}", true),
            ("\u{ffa0}\u{200d}\u{ffa0}", true),
            ("\u{2800} \u{2800}", true),
            ("\u{34f}\u{180e}", true),
            ("\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}", true),
            ("\u{3164}x", false),
            ("한글", false),
            ("⠓⠊", false),
            ("❤\u{fe0f}", false),
        ] {
            assert_eq!(looks_empty(text), empty, "{text:?}");
        }
    }

    #[test]
    fn nothing_reaches_a_terminal_as_a_command() {
        for (text, shown) in [
            ("plain\ntext", "plain\ntext"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("a\rb", "a\\u{d}b"),
            ("abc\u{202e}gpj", "abc\\u{202e}gpj"),
        ] {
            assert_eq!(printable(text), shown, "{text:?}");
        }
    }

    #[test]
    fn json_reads_as_it_did() {
        let said = serde_json::json!({ "name": "a\u{9b}2J\u{202e}b\u{1b}c\nd" });
        let printed = printable_json(&format!("{said:#}"));
        assert!(printed.lines().all(|line| unseen(line).is_none()), "{printed}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).ok(), Some(said));
    }

    #[test]
    fn a_file_has_a_name_and_no_path() {
        for (name, kept) in [
            ("photo.jpg", "photo.jpg"),
            ("../../etc/passwd", "passwd"),
            (r"C:\Users\ida\door.png", "door.png"),
            ("..", ""),
            (".bashrc", "bashrc"),
            ("a\u{202e}gpj.exe", "agpj.exe"),
            ("line\nbreak.pdf", "line break.pdf"),
            (" 12:30.pdf ", "12:30.pdf"),
        ] {
            assert_eq!(file_name(name), kept, "{name:?}");
        }
    }
}
