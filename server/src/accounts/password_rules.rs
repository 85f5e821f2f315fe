//! Which passwords are taken. Every way to a new password leads through here.

use std::collections::HashSet;

const SHORTEST: usize = 10;
/// In bytes, so that nobody keeps the hashing busy with a book.
const LONGEST: usize = 1_024;
/// A password of fewer different characters than this is a pattern.
const FEWEST_DIFFERENT: usize = 4;

/// What is tried first by who guesses, in lower case without signs. With digits around it, or several times, it
/// is no better.
#[rustfmt::skip]
const COMMONEST: &[&str] = &[
    "password", "passwort", "passw0rd", "pssword", "pssw0rd", "motdepasse", "contrasena", "contraseña",
    "qwerty", "qwertz", "azerty", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfgh", "asdfghjkl",
    "yxcvbnm", "zxcvbnm", "q2w3e4r", "q2w3e4r5t", "qaz2wsx", "qaz2wsx3edc", "abc", "abcd", "abcdef",
    "abcdefghij", "admin", "administrator", "root", "user", "guest", "login", "test", "demo", "default",
    "changeme", "letmein", "welcome", "willkommen", "bienvenue", "secret", "geheim", "master", "iloveyou",
    "sunshine", "princess", "football", "fussball", "baseball", "dragon", "monkey", "superman", "batman",
    "hello", "hallo", "company", "waybill", "1234567890", "12345678910", "1234567891", "0123456789",
    "0987654321", "9876543210", "123456", "123123", "1234", "12345", "112233445566", "11223344556677",
];

/// Why a password is not taken, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("it has {0} characters; take at least {SHORTEST}, such as three or four words")]
    Short(usize),
    #[error("it is longer than {LONGEST} bytes; take a shorter one")]
    Long,
    #[error("it is the name of the person; take something that others do not know of them")]
    Name,
    #[error(
        "it is one of the commonest, which are guessed first; take three or four words that do not belong together"
    )]
    Common,
}

/// `names` are those of the person: what is typed at sign-in, and what others see.
pub(super) fn check(password: &str, names: &[&str]) -> Result<(), WeakPassword> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(WeakPassword::Short(length));
    }
    if password.len() > LONGEST {
        return Err(WeakPassword::Long);
    }
    let plain = plain(password);
    let core = plain.trim_matches(char::is_numeric);
    let is_made_of = |word: &str| {
        let only = |text: &str| !text.is_empty() && text.replace(word, "").is_empty();
        !word.is_empty() && (only(&plain) || only(core))
    };
    if names.iter().any(|name| is_made_of(&self::plain(name))) {
        return Err(WeakPassword::Name);
    }
    let different = password.chars().collect::<HashSet<char>>().len();
    if different < FEWEST_DIFFERENT || COMMONEST.iter().any(|word| is_made_of(word)) {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

fn plain(text: &str) -> String {
    text.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_says_which_it_is_and_what_to_do() {
        let names = ["anna.berg", "Anna Berg"];
        for (password, expected) in [
            ("", Err(WeakPassword::Short(0))),
            ("ninechars", Err(WeakPassword::Short(9))),
            ("zehn Zeich", Ok(())),
            ("äöüäöüßéèâ", Ok(())),
            (&"long words ".repeat(94), Err(WeakPassword::Long)),
            ("Anna.Berg1", Err(WeakPassword::Name)),
            ("annabergannaberg", Err(WeakPassword::Name)),
            ("anna berg likes tea", Ok(())),
            ("Password123!", Err(WeakPassword::Common)),
            ("2026passwort", Err(WeakPassword::Common)),
            ("P@ssw0rd2026", Err(WeakPassword::Common)),
            ("1q2w3e4r5t", Err(WeakPassword::Common)),
            ("1234567890", Err(WeakPassword::Common)),
            ("123123123123", Err(WeakPassword::Common)),
            ("aaaaaaaaaaaa", Err(WeakPassword::Common)),
            ("the password is tea", Ok(())),
            ("4711 0815 2342", Ok(())),
        ] {
            assert_eq!(check(password, &names), expected, "{password:?}");
        }
        for words in [
            WeakPassword::Short(3).to_string(),
            WeakPassword::Long.to_string(),
            WeakPassword::Name.to_string(),
            WeakPassword::Common.to_string(),
        ] {
            assert!(words.starts_with("it ") && words.contains("; take "), "{words}");
        }
    }

    #[test]
    fn the_commonest_are_listed_as_they_are_compared() {
        for word in COMMONEST {
            assert_eq!(*word, plain(word));
        }
    }
}
