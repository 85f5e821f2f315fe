//! The window of a device that people share: locked, unlocked, and whose work is on it.

#[path = "desktop/shop.rs"]
mod shop;

use egui::accesskit::Role as Part;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use rusqlite::Connection;
use shop::{BO, Screen, Shop, go, press, shows, type_and_enter, until};
use waybill_client::desktop::remembered::{LockAfter, Remembered};
use waybill_client::pin::{ALLOWED, Attempts, Book, Moment};
use waybill_shared::edit::Edit;
use waybill_shared::id::PersonId;
use waybill_shared::time::Timestamp;

const LOCKED: &str = "Who works here?";

fn lock(screen: &mut Screen) {
    screen.key_press_modifiers(Modifiers::COMMAND, Key::L);
    until(screen, "it is locked", |screen| shows(screen, LOCKED));
}

/// Chooses the name and types the PIN.
fn begin(screen: &mut Screen, name: &str, pin: &str) {
    press(screen, name);
    type_and_enter(screen, pin);
}

fn unlock(screen: &mut Screen, name: &str, pin: &str) {
    begin(screen, name, pin);
    until(screen, "it is unlocked", |screen| shows(screen, "Orders"));
}

fn fills(screen: &mut Screen, field: &str, words: &str) {
    screen.get_by_role_and_label(Part::PasswordInput, field).focus();
    screen.run_steps(2);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::A);
    screen.event(egui::Event::Text(words.to_owned()));
    screen.run_steps(3);
}

#[test]
fn a_locked_window_shows_names_and_asks_for_a_pin() {
    for (width, height) in [(1280.0, 800.0), (360.0, 740.0)] {
        let shop = Shop::shared();
        let mut screen = shop.window(width, height);
        screen.run_steps(4);
        assert!(shows(&screen, LOCKED) && shows(&screen, "Anna Berg") && shows(&screen, "Bo Lind"));
        assert!(!shows(&screen, "Orders"));
        // Keys of places lead nowhere.
        go(&mut screen, Key::Num3);
        assert!(!shows(&screen, "Bakery Lund"));
        begin(&mut screen, "Bo Lind", "lighthouse");
        until(&mut screen, "it is wrong", |screen| {
            shows(screen, "That is not Bo Lind's PIN. 9 tries are left")
        });
        // With a thumb.
        for digit in ["4", "8", "2", "2", "Delete", "9", "1", "5"] {
            press(&mut screen, digit);
        }
        press(&mut screen, "Begin");
        until(&mut screen, "it is unlocked", |screen| shows(screen, "Orders"));
        assert!(shows(&screen, "Bo Lind"), "who works here is in sight");
    }
}

#[test]
fn what_was_half_entered_is_there_again_for_its_owner_and_for_nobody_else() {
    let shop = Shop::shared();
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(4);
    unlock(&mut screen, "Anna Berg", "lighthouse");
    go(&mut screen, Key::Num2);
    type_and_enter(&mut screen, "4006381333931");
    assert!(shows(&screen, "Oak chair"));
    lock(&mut screen);
    assert!(!shows(&screen, "Oak chair"));
    unlock(&mut screen, "Bo Lind", "482915");
    go(&mut screen, Key::Num2);
    assert!(shows(&screen, "Counter sale") && !shows(&screen, "Oak chair"));
    type_and_enter(&mut screen, "4006381333948");
    press(&mut screen, "Pay");
    press(&mut screen, "Done");
    until(&mut screen, "Bo sold a rug", |_| newest_of(&shop) == BO);
    lock(&mut screen);
    assert!(!shows(&screen, "Sold"));
    unlock(&mut screen, "Anna Berg", "lighthouse");
    go(&mut screen, Key::Num2);
    assert!(shows(&screen, "Oak chair") && !shows(&screen, "Wool rug"));
}

/// Whose the newest entry on this device is.
fn newest_of(shop: &Shop) -> PersonId {
    let file = Connection::open(waybill_client::store::file(shop.dir.path())).unwrap();
    let newest = "SELECT body FROM edit ORDER BY counter DESC LIMIT 1";
    let body: Vec<u8> = file.query_row(newest, [], |row| row.get(0)).unwrap();
    ciborium::from_reader::<Edit, _>(body.as_slice()).unwrap().person
}

#[test]
fn the_window_locks_by_itself_when_nobody_touches_it() {
    let shop = Shop::shared();
    let remembered = Remembered { lock_after: LockAfter::One, ..Remembered::default() };
    let mut screen = shop.window_with(1280.0, 800.0, remembered);
    screen.run_steps(4);
    unlock(&mut screen, "Bo Lind", "482915");
    // A quarter of a second each.
    screen.run_steps(200);
    assert!(!shows(&screen, LOCKED), "fifty seconds are no minute");
    screen.key_press(Key::ArrowDown);
    screen.run_steps(200);
    assert!(!shows(&screen, LOCKED), "it was touched meanwhile");
    screen.run_steps(60);
    until(&mut screen, "it is locked", |screen| shows(screen, LOCKED));
}

#[test]
fn who_is_alone_chooses_a_pin_in_the_window_and_locks_it() {
    let shop = Shop::new();
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(4);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::L);
    screen.run_steps(4);
    assert!(shows(&screen, "Your PIN on this device"));
    fills(&mut screen, "New PIN", "123456");
    fills(&mut screen, "Once more", "123456");
    press(&mut screen, "Use this PIN");
    assert!(shows(&screen, "plain run"));
    fills(&mut screen, "New PIN", "lighthouse");
    press(&mut screen, "Use this PIN");
    assert!(shows(&screen, "not the same as above"));
    fills(&mut screen, "Once more", "lighthouse");
    press(&mut screen, "Use this PIN");
    until(&mut screen, "it is chosen", |screen| shows(screen, "This is your PIN on this device"));
    screen.key_press_modifiers(Modifiers::COMMAND, Key::L);
    until(&mut screen, "it is locked", |screen| shows(screen, "Begin"));
    assert!(!shows(&screen, "Orders"));
    type_and_enter(&mut screen, "lighthouse");
    until(&mut screen, "it is unlocked", |screen| shows(screen, "Orders"));
}

#[test]
fn an_admin_lets_somebody_try_again_at_the_locked_window() {
    let shop = Shop::shared();
    let mut attempts = Attempts::default();
    let at = Moment { wall: Timestamp::from_unix_ms(0), run: 0, running_ms: 0 };
    (0..ALLOWED).for_each(|_| attempts.count(at));
    let shop = shop.after(|dir| Book::open(dir).keep(BO, attempts).unwrap());
    let mut screen = shop.window(360.0, 740.0);
    screen.run_steps(4);
    begin(&mut screen, "Bo Lind", "482915");
    until(&mut screen, "he is locked out", |screen| shows(screen, "Bo Lind is locked out on this device"));
    press(&mut screen, "I am locked out");
    assert!(shows(&screen, "Let Bo Lind try again"));
    type_and_enter(&mut screen, "guess");
    until(&mut screen, "it is wrong", |screen| shows(screen, "That is not Anna Berg's PIN"));
    type_and_enter(&mut screen, "lighthouse");
    until(&mut screen, "he may try again", |screen| shows(screen, "You may try again."));
    type_and_enter(&mut screen, "482915");
    until(&mut screen, "it is unlocked", |screen| shows(screen, "Orders"));
}
