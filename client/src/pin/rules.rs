//! What a PIN must be like: long enough for ten tries to be nothing, and not the first that anybody tries.

/// So many characters at least.
pub const LEAST: usize = 6;

/// Where the PIN is what keeps the file of the device closed, and may be tried without end.
pub const LEAST_ENCRYPTED: usize = 8;

const MOST: usize = 64;

/// What is wrong with a new PIN, as one sentence that says what is wanted.
pub fn against(pin: &str, least: usize) -> Option<String> {
    let letters: Vec<char> = pin.chars().collect();
    if letters.len() < least {
        return Some(format!("The PIN is too short: take at least {least} digits or letters."));
    }
    if letters.len() > MOST {
        return Some(format!("The PIN is too long: take at most {MOST} characters."));
    }
    if letters.iter().any(|letter| letter.is_control()) {
        return Some("The PIN holds a character that cannot be typed: take digits, letters or signs.".into());
    }
    if pin.trim() != pin {
        return Some("The PIN begins or ends with a blank: leave it out.".into());
    }
    match step(&letters) {
        Some(0) => Some("The PIN is the same character again and again: mix them.".into()),
        Some(_) => Some("The PIN is a plain run, such as 123456: mix the digits.".into()),
        None => None,
    }
}

/// By how much each character differs from the one before, where that is always the same and at most one. After 9
/// comes 0.
fn step(letters: &[char]) -> Option<i64> {
    let digits = letters.iter().all(char::is_ascii_digit);
    let mut steps = letters.windows(2).map(|pair| {
        let [before, after] = pair else { return 0 };
        let by = i64::from(u32::from(*after)) - i64::from(u32::from(*before));
        match by {
            9 if digits => -1,
            -9 if digits => 1,
            by => by,
        }
    });
    let first = steps.next()?;
    (first.abs() <= 1 && steps.all(|by| by == first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_and_what_is_said_of_the_rest() {
        let too_long = "ab".repeat(33);
        let table = [
            ("482915", ""),
            ("112233", ""),
            ("123457", ""),
            ("121212", ""),
            ("Möwe-7", ""),
            ("zwölf Möwen", ""),
            ("48291", "too short"),
            ("", "too short"),
            (too_long.as_str(), "too long"),
            ("0000000", "the same character"),
            ("aaaaaa", "the same character"),
            ("123456", "plain run"),
            ("987654", "plain run"),
            ("678901", "plain run"),
            ("210987", "plain run"),
            ("abcdef", "plain run"),
            (" 482915", "blank"),
            ("4829\t15", "cannot be typed"),
        ];
        for (pin, said) in table {
            match against(pin, LEAST) {
                None => assert_eq!(said, "", "{pin} was taken"),
                Some(words) => assert!(!said.is_empty() && words.contains(said), "{pin}: {words}"),
            }
        }
        assert!(
            against("482915", LEAST_ENCRYPTED).is_some() && against("48291573", LEAST_ENCRYPTED).is_none()
        );
    }
}
