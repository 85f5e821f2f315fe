//! A company's first hour: nothing is entered before its time zone, currency and taxes are known.

#[path = "desktop/shop.rs"]
mod shop;

use egui::accesskit::Role as Part;
use egui_kittest::kittest::Queryable;
use shop::{ANNA, Screen, Shop, pin_of_anna, shows, until};
use waybill_client::engine::{Answer, Submit};
use waybill_shared::id::SettingsId;
use waybill_shared::money::Currency;
use waybill_shared::rules::roles::Role;
use waybill_shared::settings::Create;

/// Puts these words into a field, in place of what stands there.
fn fills(screen: &mut Screen, field: &str, words: &str) {
    screen.get_by_role_and_label(Part::TextInput, field).focus();
    screen.run_steps(2);
    screen.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    screen.event(egui::Event::Text(words.to_owned()));
    screen.run_steps(3);
}

#[test]
fn the_first_admin_sets_the_company_up_and_only_then_is_there_anything_else() {
    let shop = Shop::bare(Role::Admin);
    let mut screen = shop.window(1280.0, 900.0);
    screen.run_steps(3);
    assert!(shows(&screen, "Set up your company") && !shows(&screen, "New order"));

    // A form that is not filled in says what is missing, and nothing is saved.
    screen.get_by_label("Set up").click();
    screen.run_steps(4);
    for words in ["Give the company's name.", "Give the three letters of the currency", "Give a percentage"] {
        assert!(shows(&screen, words), "{words}");
    }
    fills(&mut screen, "Company", "Lund Mobel");
    fills(&mut screen, "Time zone", "auckland");
    screen.get_by_label("Pacific/Auckland").click();
    screen.run_steps(4);
    assert!(shows(&screen, "there now"));
    fills(&mut screen, "Currency", "nzd");
    fills(&mut screen, "Tax on most goods, %", "15");
    assert!(!shop.reader().settings().unwrap().exists());
    screen.get_by_label("Set up").click();
    until(&mut screen, "the places are there", |screen| shows(screen, "New order"));

    let settings = shop.reader().settings().unwrap();
    assert_eq!(
        (settings.fields.company.as_str(), settings.fields.zone.name()),
        ("Lund Mobel", "Pacific/Auckland")
    );
    assert_eq!(settings.fields.currency.to_string(), "NZD");
    assert_eq!(settings.tax_classes["standard"].rate.to_string(), "15");
    assert_eq!(shop.reader().count_waiting().unwrap(), 1, "one entry, as any other");
}

#[test]
fn everybody_else_waits_for_the_admin_and_goes_on_by_themselves() {
    let shop = Shop::bare(Role::Shop);
    let mut screen = shop.window(1280.0, 800.0);
    screen.run_steps(3);
    assert!(shows(&screen, "This company is not set up yet") && !shows(&screen, "New order"));
    assert!(screen.query_by_label("Set up").is_none());

    let create = Create {
        company: "Lund Mobel".into(),
        zone: chrono_tz::Europe::Stockholm,
        currency: Currency::EUR,
        tax_classes: Default::default(),
        no_customer: Default::default(),
    };
    let commands = vec![(SettingsId::ONLY.into(), create.into())];
    let answer = shop
        .engine
        .submit(Submit { person: Some(ANNA), pins: vec![(ANNA, pin_of_anna())], ..Submit::new(commands) })
        .wait();
    assert!(matches!(answer, Answer::Entered { .. }), "{answer:?}");
    until(&mut screen, "the places are there", |screen| shows(screen, "New order"));
}
