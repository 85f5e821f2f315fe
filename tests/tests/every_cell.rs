//! Every role, every command, within sight and outside, against a real server: what it says, and what every device
//! of the company has on its disk afterwards. The author is no honest program: it knows the address of what it may
//! not see, and judges nothing itself.

mod cells;

use cells::{
    company::{Company, Played},
    deeds,
};
use waybill_shared::{
    edit::Verdict,
    finding::Rule,
    rules::roles::{Role, table},
};

/// What the server says to each role, in the order of `Role::ALL`. Of two letters the first is for an order at the
/// own place and on the round of its driver, the second for one at another place and on another's; what is of no
/// place has one.
///
/// `a` accepted, `r` refused, `h` held for review, each with the reason that the author has not the right to it;
/// `x` refused, for it is there already; `w` accepted, and the document comes whole, without its past. A capital letter: the document is outside the author's scopes. Then the
/// same is said without a word about the document, no change comes with it, and who asks for the document by its
/// address is not given it.
#[rustfmt::skip]
const SAID: &[(&str, &str)] = &[
    //                               admin sales warehouse driver
    //                                  manager service shop  analyst
    ("order.create/1",              "aa aa aa rr rr aA rr rr"),
    ("order.set_contact/1",         "aa aa aa aA rR aA aR rr"),
    ("order.set_address/1",         "aa aa aa aA rR aA rR rr"),
    ("order.set_wanted/1",          "aa aa aa aA rR aA rR rr"),
    ("order.set_priority/1",        "aa aa aa rR aA aA rR rr"),
    ("order.set_reference/1",       "aa aa aa aA rR aA rR rr"),
    ("order.tag/1",                 "aa aa aa aA aA aA aR rr"),
    ("order.untag/1",               "aa aa aa aA aA aA aR rr"),
    ("order.add_line/1",            "aa aa aa rR rR aA rR rr"),
    ("order.set_quantity/1",        "aa aa aa rR rR aA rR rr"),
    ("order.set_price/1",           "aa aa aa rR rR aA rR rr"),
    ("order.set_discount/1",        "aa aa aa rR rR aA rR rr"),
    ("order.remove_line/1",         "aa aa aa rR rR aA rR rr"),
    ("order.place/1",               "aa aa aa rR rR aA rR rr"),
    ("order.confirm/1",             "aa aa aa rR rR aA rR rr"),
    ("order.cancel/1",              "aa aa aa aA rR aA rR rr"),
    ("order.assign_driver/1",       "aa aa aa rR aA rR rR rr"),
    ("order.note/1",                "aa aa aa aA aA aA aH hh"),
    ("order.attach/1",              "aa aa aa aA aA aA aH hh"),
    ("order.hand_over/1",           "aa aa aa hH aA aA aH hh"),
    ("order.not_delivered/1",       "aa aa hh hH aA aA aH hh"),
    ("order.take_payment/1",        "aa aa aa hH hH aA aH hh"),
    ("order.record_sale/1",         "aa aa hh hh hh aA aa hh"),
    ("order.reverse/1",             "aa aa hh hH hH hH hH hh"),
    ("product.create/1",            "a  a  r  r  r  r  r  r"),
    ("product.set_field/1",         "a  a  a  r  r  r  r  r"),
    ("product.set_price/1",         "a  a  h  h  h  h  h  h"),
    ("product.retire/1",            "a  a  r  r  r  r  r  r"),
    ("product_terms.set_cost/1",    "a  a  r  R  R  R  R  r"),
    ("customer.create/1",           "a  a  a  a  r  a  r  r"),
    ("customer.set_field/1",        "a  a  a  a  R  a  R  r"),
    ("customer.note/1",             "a  a  a  a  H  a  H  h"),
    ("customer_terms.set_credit/1", "a  a  r  R  R  R  R  r"),
    ("location.create/1",           "a  a  r  r  r  r  r  r"),
    ("location.set_field/1",        "a  a  r  r  r  r  r  r"),
    ("notes.write/1",               "a  a  a  H  H  H  H  h"),
    ("notes.take_out/1",            "w  w  w  R  R  R  R  r"),
    ("notes.show/1",                "w  w  w  R  R  R  R  r"),
    ("settings.create/1",           "x  r  r  r  r  r  r  r"),
    ("settings.set_field/1",        "a  a  r  r  r  r  r  r"),
    ("settings.set_limit/1",        "a  a  r  r  r  r  r  r"),
];

/// The same of notes that the shops may read, and of an order's, that its place may; written by who saw that, and by who
/// did not, taken out and hidden, in the order of `deeds::SHOWN`.
/// `n`: accepted on what the notes were made anew as when they were shown; `o`: and they are made anew once more.
#[rustfmt::skip]
const SAID_OF_SHOWN: &[(&str, &str)] = &[
    ("notes.write/1",               "n  n  n  h  H  h  H  h"),
    ("notes.write/1",               "n  n  n  h  H  h  H  h"),
    ("notes.take_out/1",            "o  o  o  r  R  r  R  r"),
    ("notes.show/1",                "n  n  n  r  R  r  R  r"),
    ("notes.write/1",               "nn nn nn hH hH hH HH hh"),
    ("notes.write/1",               "nn nn nn hH hH hH HH hh"),
    ("notes.take_out/1",            "oo oo oo rR rR rR RR rr"),
    ("notes.show/1",                "nn nn nn rR rR rR RR rr"),
];

#[test]
fn no_command_and_no_role_is_missing() {
    let known: Vec<&str> = table().map(|row| row.command).collect();
    let said: Vec<&str> = SAID.iter().map(|(command, _)| *command).collect();
    assert_eq!(said, known);
    assert_eq!(deeds::ALL.iter().map(|deed| deed.command).collect::<Vec<_>>(), known);
    for ((command, said), deed) in SAID.iter().zip(deeds::ALL) {
        assert_eq!(letters(said).count(), Role::ALL.len() * deed.places().len(), "{command}");
    }
    for ((command, said), deed) in SAID_OF_SHOWN.iter().zip(deeds::SHOWN) {
        assert_eq!((*command, letters(said).count()), (deed.command, Role::ALL.len() * deed.places().len()));
    }
    assert_eq!(SAID_OF_SHOWN.len(), deeds::SHOWN.len());
    assert_eq!(cells::staff::AUTHORS.iter().map(|author| author.role).collect::<Vec<_>>(), Role::ALL);
}

/// Each cell has a document and words of its own, so that the disks are read once for all the cells of a command.
#[tokio::test(flavor = "multi_thread")]
async fn the_server_says_what_the_table_says_and_no_disk_holds_what_its_people_may_not_see() {
    let mut company = Company::founded().await;
    let mut wrong = Vec::new();
    let shown = deeds::SHOWN.iter().zip(SAID_OF_SHOWN);
    for (deed, (command, said)) in deeds::ALL.iter().zip(SAID).chain(shown) {
        let played = company.plays(deed).await;
        let mut found = Vec::new();
        for (cell, letter) in played.iter().zip(letters(said)) {
            if let Err(words) = judge(cell, letter) {
                found.push(format!("{}: {words}", cell.words()));
            }
        }
        let on_disks = company.looks_at_disks(&played).await;
        let spoilt = !on_disks.is_empty();
        found.extend(on_disks);
        wrong.extend(found.into_iter().map(|words| format!("{command}: {words}")));
        if spoilt {
            // What should not be on a disk stays there, and would be found again after each command.
            break;
        }
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
    company.closes().await;
}

fn letters(said: &str) -> impl Iterator<Item = char> {
    said.chars().filter(|letter| !letter.is_whitespace())
}

/// Whether the verdict is the one that the letter stands for, and the author was given what it may see and no more.
fn judge(cell: &Played, letter: char) -> Result<(), String> {
    let in_sight = letter.is_ascii_lowercase();
    let not_permitted = if in_sight { Rule::NotPermitted } else { Rule::OutOfSight };
    let rules: Vec<Rule> = cell.verdict.findings().iter().map(|finding| finding.rule).collect();
    let only = |reason| !rules.is_empty() && rules.iter().all(|rule| *rule == reason);
    let as_expected = match (letter.to_ascii_lowercase(), &cell.verdict) {
        ('a', Verdict::Accepted) => cell.came == in_sight,
        ('r', Verdict::Refused { .. }) | ('h', Verdict::Held { .. }) => only(not_permitted) && !cell.came,
        ('w', Verdict::Accepted) => !cell.came,
        ('n', Verdict::Rewritten) => cell.came,
        ('o', Verdict::Rewritten) => !cell.came,
        ('x', Verdict::Refused { .. }) => only(Rule::WrongStep) && !cell.came,
        _ => false,
    };
    let said = format!("{:?}", cell.verdict);
    if !as_expected {
        let came = if cell.came { "with" } else { "without" };
        return Err(format!("not {letter}, but {said} {came} a change"));
    }
    if said.contains(&cell.scene.words) {
        return Err(format!("words of the document are in {said}"));
    }
    let is_there = matches!(letter, 'a' | 'A' | 'w' | 'n' | 'o') || cell.scene.before.is_some();
    if cell.shown != (in_sight && is_there) {
        return Err(format!("asked for by its address it was {}given", if cell.shown { "" } else { "not " }));
    }
    Ok(())
}
