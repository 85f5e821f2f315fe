//! How people name what has neither a number nor a code: by the last digits of its id, as many as no other beside it
//! ends with. (Ids begin with the time, so that those of one hour begin alike.)

use uuid::Uuid;

/// So many digits tell apart what is on one list; of fewer a mistyped one would too often be another's.
pub const SHORTEST: usize = 4;

/// What is shown of an id beside these others.
pub fn short(id: Uuid, among: impl IntoIterator<Item = Uuid>) -> String {
    let whole = digits(id);
    let others = among.into_iter().filter(|other| *other != id);
    let most = others.map(|other| alike(&whole, &digits(other))).max().unwrap_or_default();
    let from = whole.len().saturating_sub((most + 1).max(SHORTEST));
    whole.get(from..).unwrap_or(&whole).to_owned()
}

/// Whether somebody who typed this may mean it: its last digits, or the whole id with or without hyphens.
pub fn is_meant(typed: &str, id: Uuid) -> bool {
    let typed: String = typed.trim().to_lowercase().chars().filter(|letter| *letter != '-').collect();
    typed.len() >= SHORTEST && digits(id).ends_with(&typed)
}

fn digits(id: Uuid) -> String {
    id.simple().to_string()
}

fn alike(one: &str, other: &str) -> usize {
    one.bytes().rev().zip(other.bytes().rev()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_is_shown_as_tells_them_apart_and_that_finds_them_again() {
        let [one, two, three]: [Uuid; 3] =
            [0x0190_0000_0000_7000_8000_0000_1234_abcd, 0x0190_0000_0000_7000_8000_0000_9934_abcd, 0x77]
                .map(Uuid::from_u128);
        let all = [one, two, three];
        assert_eq!(short(one, all), "1234abcd"[1..]);
        assert_eq!(short(two, all), "934abcd");
        assert_eq!(short(three, all), "0077");
        for id in all {
            assert!(is_meant(&short(id, all), id) && is_meant(&id.to_string(), id));
            assert_eq!(all.iter().filter(|other| is_meant(&short(id, all), **other)).count(), 1);
        }
        assert!(!is_meant("77", three) && !is_meant("", three) && !is_meant("1234", three));
    }
}
