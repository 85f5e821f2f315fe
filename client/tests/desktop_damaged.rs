//! The file turns out to be damaged while the window is open: nothing else is shown, and what was not sent can be
//! saved.

mod common;
#[path = "desktop/shop.rs"]
mod shop;

use shop::{Shop, press, shows, until};
use waybill_client::engine::{self, Config};
use waybill_shared::customer;
use waybill_shared::kind::DocKind;

#[test]
fn the_window_of_a_damaged_file_says_so_and_saves_what_was_not_sent() {
    let shop = Shop::new();
    for number in 0..30 {
        let customer = customer::Create {
            number: format!("C-{number}"),
            name: format!("Bakery {number}"),
            group: String::new(),
            tax_number: String::new(),
            contact: Default::default(),
            addresses: Default::default(),
        };
        shop.enter(engine::fresh(DocKind::Customer), customer);
    }
    let Shop { engine, dir } = shop;
    engine.stop();
    common::grow_and_damage(dir.path());
    let config = Config { dir: dir.path().to_owned(), online: false, listen: false };
    let shop = Shop { engine: engine::start(config).unwrap(), dir };
    let mut screen = shop.window(1280.0, 800.0);
    until(&mut screen, "the damage is shown", |screen| shows(screen, "Waybill cannot use its file"));
    assert!(shows(&screen, "The local file is damaged") && !shows(&screen, "Orders"));
    press(&mut screen, "Save what was not sent");
    assert!(shows(&screen, "Saved 37 entries not yet sent"));
    assert!(shop.dir.path().join("unsent.json").exists());
    press(&mut screen, "Save what was not sent");
    assert!(shows(&screen, "unsent-2.json"), "nothing is written over");
}
