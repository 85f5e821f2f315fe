//! A business of twenty thousand orders: wherever the list is scrolled to, only what is in sight is laid out, and
//! only that is read from the file.

#[path = "desktop/shop.rs"]
mod shop;

use std::path::Path;

use egui::{Event, Key, Modifiers, PointerButton, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use rusqlite::{Connection, params};
use shop::Shop;
use waybill_client::desktop::books::Books;
use waybill_client::desktop::paged::PAGE;
use waybill_client::desktop::panels::orders::{OrdersState, orders_ui};
use waybill_client::desktop::theme;
use waybill_client::{engine, store};
use waybill_shared::kind::DocKind;
use waybill_shared::order::commands::Create;

const MANY: usize = 20_000;

struct List {
    books: Books,
    state: OrdersState,
}

/// One order as a device makes it, and so many like it, each a second older than the one before.
fn fill(shop: &Shop, dir: &Path) {
    let addr = engine::fresh(DocKind::Order);
    let create = Create {
        number: String::new(),
        channel: "phone".into(),
        location: waybill_shared::id::LocationId::NIL,
        customer: None,
        customer_name: Some("Bakery Lund".into()),
        currency: waybill_shared::money::Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Default::default(),
        lines: Default::default(),
    };
    shop.enter(addr, create);
    let conn = Connection::open(store::file(dir)).unwrap();
    let columns = "customer, customer_name, wanted, open, owed, currency, state, goods, money, priority, \
        channel, location, driver, salesperson, placed, lines, pending, search";
    conn.execute_batch(&format!(
        "CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) \
         SELECT i, randomblob(16) AS id FROM n; \
         INSERT INTO document (row, kind, id, scopes, epoch, on_server, heads, confirmed) \
         SELECT 1000000 + n.i, kind, n.id, scopes, epoch, on_server, heads, confirmed \
         FROM n, document d JOIN order_row r ON r.row = d.row; \
         INSERT INTO order_row (row, id, number, number_key, total, created, {columns}) \
         SELECT 1000000 + n.i, n.id, 'M-' || n.i, 'M-' || n.i, 100 * n.i, r.created - 1000 * n.i, {columns} \
         FROM n, order_row r; \
         UPDATE revision SET number = number + 1",
        MANY - 1
    ))
    .unwrap();
    let rows: i64 = conn.query_row("SELECT count(*) FROM order_row", params![], |row| row.get(0)).unwrap();
    assert_eq!(usize::try_from(rows).unwrap(), MANY);
}

/// The numbers of the rows that are laid out: a screenful, one behind the other.
fn in_sight(screen: &Harness<'_, List>) -> Vec<usize> {
    let rows = screen.query_all_by_role(Role::ListItem).filter_map(|row| row.accesskit_node().label());
    let rows: Vec<usize> =
        rows.filter_map(|label| label.strip_prefix("M-")?.split_once(',')?.0.parse().ok()).collect();
    assert!((10..=25).contains(&rows.len()), "{} rows are laid out", rows.len());
    assert!(rows.is_sorted_by(|a, b| a + 1 == *b), "{rows:?}");
    rows
}

#[test]
fn wherever_a_long_list_is_scrolled_to_only_what_is_in_sight_is_laid_out_and_read() {
    let shop = Shop::new();
    fill(&shop, shop.dir.path());
    let books = Books::open(shop.dir.path(), engine::now()).unwrap();
    let draw = |ui: &mut egui::Ui, list: &mut List| {
        let List { books, state } = list;
        orders_ui(ui, books.orders(state).unwrap(), state, false);
    };
    let mut screen = Harness::builder()
        .with_context_setup(theme::install)
        .with_size((1000.0, 700.0))
        .build_ui_state(draw, List { books, state: OrdersState::default() });
    screen.run_steps(4);
    screen.get_by_label("20,000 orders");
    let top = in_sight(&screen);
    assert_eq!(top.first(), Some(&1), "behind the newest, which has the number of its device");
    screen.key_press(Key::End);
    screen.run_steps(8);
    assert_eq!(in_sight(&screen).last(), Some(&(MANY - 1)));
    assert!(screen.state().state.selected.is_some(), "the last one is selected once it is here");
    for _ in 0..3 {
        screen.key_press(Key::PageUp);
        screen.run_steps(4);
    }
    let above = in_sight(&screen);
    assert!(above.iter().all(|row| (MANY - 80..MANY - 30).contains(row)), "three pages up: {above:?}");
    screen.key_press(Key::Home);
    screen.run_steps(8);
    assert_eq!(in_sight(&screen), top);
    // A press on the bar at the side goes there at once.
    let list = screen.get_by_role(Role::List).rect();
    for tenth in [2, 5, 8] {
        let pos = egui::pos2(list.right() - 3.0, list.top() + list.height() * tenth as f32 / 10.0);
        screen.hover_at(pos);
        screen.run_steps(2);
        for pressed in [true, false] {
            let button = PointerButton::Primary;
            screen.event(Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE });
            screen.run_steps(2);
        }
        let there = MANY * tenth / 10;
        let seen = in_sight(&screen);
        assert!(seen.iter().all(|row| row.abs_diff(there) < MANY / 20), "{tenth} tenths down: {seen:?}");
    }
    // Five places were looked at, each on two pages of the file at most.
    let List { books, state } = screen.state_mut();
    let data = books.orders(state).unwrap();
    let read = (0..MANY).filter(|row| data.rows.get(*row).is_some()).count();
    assert!(read <= 5 * 2 * PAGE, "{read} rows were read");
}
