//! Every list at every width: each heading has room for its words, a name has room to be read, nothing stands over
//! anything else.

#[path = "desktop/shop.rs"]
mod shop;

use chrono::NaiveDate;
use egui::{Color32, Key, Rect, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use shop::{Shop, go, shows, until};
use waybill_client::desktop::frame::Size;
use waybill_client::desktop::names::Names;
use waybill_client::desktop::online::{Heard, Online};
use waybill_client::desktop::panels::{devices, held};
use waybill_client::desktop::theme;
use waybill_client::engine;
use waybill_shared::edit::EditKind;
use waybill_shared::id::{DeviceId, EditId, LocationId, OrderId, PersonId};
use waybill_shared::kind::DocKind;
use waybill_shared::location::LocationKind;
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::commands::{Create, Place};
use waybill_shared::order::{Line, Tax, Wanted};
use waybill_shared::protocol::question::{DeviceRow, Enrolled, SessionRow};
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::review::{Does, HeldEdit};
use waybill_shared::time::Booked;
use waybill_shared::{customer, location, product};

const WIDTHS: [f32; 9] = [360.0, 600.0, 740.0, 900.0, 1024.0, 1100.0, 1150.0, 1280.0, 1600.0];
const NAME: &str = "North German Trading and Shipping Company of Travemünde";
/// No column that carries a name is narrower.
const NARROWEST: f32 = 140.0;
/// What stays free at both sides of a column, and beside the dot of what waits to be sent.
const PADS: f32 = 2.0 * 7.0;
const DOT: f32 = 14.0;
/// A name is cut behind a whole letter.
const LETTER: f32 = 12.0;
/// What the harness leaves free at both sides.
const EDGES: f32 = 16.0;
const NAMED: [&str; 7] = ["Customer", "Name", "What", "Who", "Device", "People", "Town"];

#[test]
fn no_heading_overprints_another_and_no_name_is_without_room() {
    let shop = Shop::new();
    fill(&shop);
    let places =
        [(Key::Num1, "Orders"), (Key::Num3, "Customers"), (Key::Num4, "Products"), (Key::Num7, "Locations")];
    for width in WIDTHS {
        let mut screen = shop.window(width + EDGES, 800.0);
        for (key, place) in places {
            go(&mut screen, key);
            until(&mut screen, place, |screen| shows(screen, NAME));
            holds(&screen, width, place);
        }
    }
}

#[test]
fn what_only_the_server_has_is_listed_with_room_for_its_names() {
    let (online, names) = (online(), names());
    for width in WIDTHS {
        let size = Size::of(width);
        let rail = match size {
            Size::Narrow => 0.0,
            Size::Middle => 56.0,
            Size::Wide => 148.0,
        };
        let listed = |list: usize| {
            let (online, names) = (&online, &names);
            let (mut held, mut devices) = (held::HeldState::default(), devices::DevicesState::default());
            devices.sign_ins = list == 2;
            let mut screen = Harness::builder()
                .with_context_setup(theme::install)
                .with_size((width - rail + EDGES, 800.0))
                .build_ui(move |ui| {
                    if size == Size::Narrow {
                        waybill_client::desktop::frame::touch(ui);
                    }
                    if list == 0 {
                        let data = held::HeldData { heard: &online.held, names, live: true };
                        held::place_ui(ui, &data, &mut held, size, false);
                    } else {
                        let own = DeviceId::new(uuid::Uuid::from_u128(9));
                        let data = devices::DevicesData { online, names, own, live: true };
                        devices::place_ui(ui, &data, &mut devices, size, false);
                    }
                });
            screen.run_steps(4);
            holds(&screen, width, ["held", "devices", "sign-ins"][list]);
        };
        (0..3).for_each(listed);
    }
}

/// What is true of every list.
fn holds<S>(screen: &Harness<'_, S>, width: f32, place: &str) {
    let at = format!("{place} at {width}");
    let heads = heads(screen);
    assert_eq!(heads.is_empty(), width < 600.0, "{at}: cards have no head, lists have one");
    for (title, rect) in &heads {
        let font = theme::font(theme::CAPTION, false);
        let words = screen.ctx.fonts_mut(|fonts| fonts.layout_no_wrap(title.clone(), font, Color32::BLACK));
        let least = words.size().x + PADS;
        assert!(rect.width() + 0.5 >= least, "{at}: “{title}” has {} of {least}", rect.width());
        if NAMED.contains(&title.as_str()) {
            let least = if title == "Town" { 100.0 } else { NARROWEST };
            assert!(rect.width() + 0.5 >= least, "{at}: “{title}” has {}", rect.width());
        }
    }
    apart(&at, &heads);
    let names = screen.query_all_by_label(NAME).filter(|node| node.accesskit_node().role() == Role::Label);
    let names: Vec<Rect> = names.map(|node| node.rect()).collect();
    assert!(!names.is_empty(), "{at}: the name is there");
    for rect in names {
        let least = if width < 600.0 { 120.0 } else { NARROWEST - PADS - DOT - LETTER };
        assert!(rect.width() >= least, "{at}: the name has {}", rect.width());
    }
    // What stands under the heads, cell by cell.
    if let (Some(left), Some(right)) =
        (heads.first().map(|(_, rect)| rect.left()), heads.last().map(|(_, rect)| rect.right()))
    {
        let below = heads.iter().map(|(_, rect)| rect.bottom()).fold(0.0, f32::max);
        let cells: Vec<(String, Rect)> = screen
            .root()
            .children_recursive()
            .filter(|node| node.accesskit_node().role() == Role::Label)
            .filter(|node| node.accesskit_node().bounding_box().is_some())
            .map(|node| {
                (
                    node.accesskit_node().label().or(node.accesskit_node().value()).unwrap_or_default(),
                    node.rect(),
                )
            })
            .filter(|(_, rect)| rect.top() > below && rect.left() >= left && rect.left() < right)
            .filter(|(_, rect)| rect.bottom() < below + 28.0 * 4.0)
            .collect();
        assert!(!cells.is_empty(), "{at}: there are rows");
        apart(&at, &cells);
    }
}

fn heads<S>(screen: &Harness<'_, S>) -> Vec<(String, Rect)> {
    let title = |label: String| {
        let sorts = label.strip_prefix("Sort by ").map(str::to_owned);
        sorts.or_else(|| label.strip_suffix(" column").map(str::to_owned))
    };
    screen
        .root()
        .children_recursive()
        .filter_map(|node| Some((title(node.accesskit_node().label()?)?, node.rect())))
        .collect()
}

fn apart(at: &str, all: &[(String, Rect)]) {
    for (nth, (one, rect)) in all.iter().enumerate() {
        for (other, beside) in all.iter().skip(nth + 1) {
            let both = rect.shrink(0.5).intersect(beside.shrink(0.5));
            assert!(!both.is_positive(), "{at}: “{one}” at {rect:?} stands over “{other}” at {beside:?}");
        }
    }
}

fn fill(shop: &Shop) {
    let order = Create {
        number: String::new(),
        channel: "shop".into(),
        location: LocationId::new(uuid::Uuid::from_u128(1)),
        customer: None,
        customer_name: Some(NAME.into()),
        currency: Currency::EUR,
        salesperson: None,
        quotation: false,
        contact: Default::default(),
        delivery: Default::default(),
        wanted: Wanted { date: NaiveDate::from_ymd_opt(2020, 11, 23), ..Default::default() },
        lines: [(Default::default(), line())].into(),
    };
    let addr = engine::fresh(DocKind::Order);
    shop.enter(addr, order);
    shop.enter(addr, Place {});
    let customer = customer::Create {
        number: "C-204711".into(),
        name: NAME.into(),
        group: String::new(),
        tax_number: String::new(),
        contact: Default::default(),
        addresses: Default::default(),
    };
    shop.enter(engine::fresh(DocKind::Customer), customer);
    let product = product::Create {
        number: "400-117".into(),
        name: NAME.into(),
        description: String::new(),
        category: "Garden furniture".into(),
        unit: Unit::Piece,
        tax_class: "standard".into(),
        barcodes: Default::default(),
    };
    shop.enter(engine::fresh(DocKind::Product), product);
    let place = location::Create {
        code: "W1".into(),
        name: NAME.into(),
        kind: LocationKind::Warehouse,
        address: Default::default(),
    };
    shop.enter(engine::fresh(DocKind::Location), place);
}

fn line() -> Line {
    Line {
        pos: 0,
        product: None,
        name: "Dining table".into(),
        quantity: Quantity::new(12),
        unit: Unit::Piece,
        pack: None,
        pack_size: None,
        price: Amount::from_minor(1_029_900, 2),
        currency: Currency::EUR,
        discount: Default::default(),
        tax: Tax { class: "standard".into(), rate: Amount::from_minor(19, 0), included: true },
        lot: None,
        serial: None,
        note: None,
        removed: false,
    }
}

fn online() -> Online {
    let person = PersonId::new(uuid::Uuid::from_u128(2));
    let device = DeviceId::new(uuid::Uuid::from_u128(3));
    let who = || Enrolled { person, name: "bo".into(), display: NAME.into() };
    let now = engine::now();
    let held = HeldEdit {
        edit: EditId::new(uuid::Uuid::from_u128(4)),
        attempt: 0,
        kind: EditKind::Facts,
        person,
        device,
        at: now,
        booked: Booked::on(now.local(chrono_tz::UTC).date_naive()),
        does: vec![Does {
            doc: OrderId::new(uuid::Uuid::from_u128(5)).into(),
            words: NAME.into(),
            worth: Some((Amount::from_minor(12_345_678, 2), Currency::EUR)),
        }],
        findings: Vec::new(),
    };
    let row = DeviceRow {
        id: device,
        code: "T12".into(),
        name: NAME.into(),
        people: vec![who()],
        version: None,
        unpaced: false,
        clock_off: Some(259_200_000),
        waiting: 0,
        last_contact: Some(now),
        since: now,
        revoked_at: None,
    };
    let session = SessionRow {
        who: who(),
        device,
        code: "T12".into(),
        device_name: NAME.into(),
        since: now,
        last_contact: None,
        person_revoked: false,
        device_revoked: false,
    };
    Online {
        held: Heard::of(vec![held]),
        devices: Heard::of(vec![row]),
        sessions: Heard::of(vec![session]),
        ..Online::default()
    }
}

fn names() -> Names {
    Names {
        people: [(PersonId::new(uuid::Uuid::from_u128(2)), "Bo Lind".to_owned())].into(),
        devices: Default::default(),
        locations: Default::default(),
        drivers: Default::default(),
        zone: chrono_tz::UTC,
        now: engine::now(),
    }
}
