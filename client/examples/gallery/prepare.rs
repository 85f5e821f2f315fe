//! Brings the panels into the state that is to be looked at.

use waybill_client::desktop::panels::{customers, devices, held, lock, order, orders, products};
use waybill_client::desktop::place::Place;
use waybill_shared::id::{DeviceId, OrderId};
use waybill_shared::quantity::Quantity;
use waybill_shared::review::Decision;

use super::{Gallery, Scene, sample};

pub fn gallery(scene: Scene, state: &str) -> Gallery {
    let sync = sample::sync_state(state).or_else(|| sample::sync_state("waiting"));
    let mut gallery = Gallery {
        scene,
        sync: sync.unwrap_or_default(),
        listed: sample::orders(5000),
        shown: sample::DELIVERED,
        customers_data: sample::customers_data(300),
        products_data: sample::products_data(200),
        locations_data: sample::locations(),
        attention_data: sample::attention(),
        set_up_data: sample::set_up_data(),
        lock_data: sample::lock_data(),
        online: sample::online(state == "empty"),
        offline: state == "offline",
        open: state == "open",
        help: state == "help",
        ..Gallery::default()
    };
    match scene {
        Scene::SignIn => sign_in(&mut gallery, state),
        Scene::SetUp => set_up(&mut gallery, state),
        Scene::Lock => lock(&mut gallery, state),
        Scene::ChoosePin => choose_pin(&mut gallery, state),
        Scene::At(Place::Orders) => order(&mut gallery, state),
        Scene::At(Place::NewOrder | Place::Till) => entry(&mut gallery, state),
        Scene::At(Place::Held | Place::Devices) => server(&mut gallery, state),
        Scene::At(place) => elsewhere(&mut gallery, place, state),
    }
    gallery.orders.selected = Some(OrderId::new(sample::uuid(gallery.shown as u128)));
    gallery
}

fn sign_in(gallery: &mut Gallery, state: &str) {
    let (form, data) = (&mut gallery.sign_in.form, &mut gallery.sign_in_data);
    form.with_code = state == "code";
    gallery.sign_in.pressed = state == "missing";
    data.trying = state == "trying";
    if state == "error" {
        data.error =
            Some("The server does not answer. Check the address and the network, then try again.".into());
    }
    if state == "again" {
        form.server = "https://waybill.example.com".into();
        form.name = "anna".into();
        form.device = "Till 2".into();
        (data.waiting, data.can_go_back) = (5, true);
    }
}

fn set_up(gallery: &mut Gallery, state: &str) {
    gallery.set_up_data.may = state != "not-admin";
    gallery.set_up.pressed = state == "missing";
    match state {
        "filled" => gallery.set_up = sample::set_up_filled(),
        "zone" => gallery.set_up.zone = "america".into(),
        _ => {}
    }
}

fn lock(gallery: &mut Gallery, state: &str) {
    let people = &gallery.lock_data.people;
    let nth = |at: usize| people.get(at).map(|one| one.id);
    gallery.lock = lock::LockState::of(match state {
        "pin" | "wrong" | "wait" | "admin" => nth(1),
        "no-pin" => nth(3),
        _ => None,
    });
    gallery.lock.pin = if state == "pin" { "4829".into() } else { String::new() };
    match state {
        "wrong" => gallery.lock.told(
            "That is not Ines Vogt's PIN. 7 tries are left before it is locked.".into(),
            false,
            0.0,
        ),
        "wait" => gallery.lock.told(
            "That is not Ines Vogt's PIN. 4 tries are left before it is locked.".into(),
            false,
            120.0,
        ),
        "admin" => gallery.lock.admin = Some(None),
        _ => {}
    }
}

fn server(gallery: &mut Gallery, state: &str) {
    let device = DeviceId::new(sample::uuid(3));
    if state != "list" && state != "empty" {
        gallery.held.selected = gallery.online.held.rows.first().map(|row| row.edit);
        gallery.devices.selected = Some(device);
    }
    gallery.devices.sign_ins = state == "sign-ins";
    gallery.open |= matches!(state, "discard" | "shut-out" | "rename" | "code");
    match state {
        "discard" => {
            let (decision, reason) = (Decision::Discard, "Nobody paid".to_owned());
            gallery.held.word = Some(held::Word { decision, reason });
        }
        "shut-out" => gallery.devices.sheet = Some(devices::Sheet::Revoke { device }),
        "rename" => {
            let name = "Van 1".to_owned();
            gallery.devices.sheet = Some(devices::Sheet::Rename { device, name });
        }
        "code" => gallery.online.code = Some(("Tom Kruse".into(), "7K2MD-0QX4T-9WBZC-HJ5RE".into())),
        _ => {}
    }
}

fn choose_pin(gallery: &mut Gallery, state: &str) {
    gallery.choose_pin_data.name = "Ines Vogt".into();
    gallery.choose_pin_data.must = state != "change";
    gallery.choose_pin_data.old = state == "change";
    if state == "wrong" {
        gallery.choose_pin.pressed = true;
        gallery.choose_pin.new = "123456".into();
    }
}

fn order(gallery: &mut Gallery, state: &str) {
    gallery.shown = match state {
        "hand-over" | "not-delivered" | "confirmed" => sample::CONFIRMED,
        "placed" | "wanted" | "address" | "line" | "cancel" | "reference" => sample::PLACED,
        "quotation" => sample::QUOTED,
        "payment" | "part-paid" => sample::PART_PAID,
        _ => sample::DELIVERED,
    };
    let data = sample::detail(gallery.shown);
    gallery.detail.sheet = match state {
        "hand-over" => Some(order::Sheet::hand_over(&data)),
        "payment" => Some(order::Sheet::payment(&data)),
        "wanted" => Some(order::Sheet::wanted(&data)),
        "address" => Some(order::Sheet::address(&data)),
        "line" => data.lines.first().map(order::Sheet::line),
        "note" => Some(order::Sheet::note()),
        "not-delivered" => Some(order::Sheet::not_delivered()),
        "cancel" => Some(order::Sheet::cancel()),
        "reference" => Some(order::Sheet::reference()),
        _ => None,
    };
    gallery.open |= gallery.shown != sample::DELIVERED || gallery.detail.sheet.is_some();
    match state {
        "empty" => gallery.listed = sample::orders(0),
        "nothing" => {
            gallery.listed = orders::OrdersData { all: 5000, ..sample::orders(0) };
            gallery.orders.filter.words = "Gartenbank".into();
            gallery.orders.filter.chips = [orders::Chip::Overdue, orders::Chip::Drafts].into();
        }
        "filters" => gallery.orders.all_chips = true,
        "notice" => gallery.notices.say("Placed T2-1499", Some(())),
        "warning" => {
            gallery.notices.warn("The disk is full: nothing can be saved until there is room on it.")
        }
        _ => {}
    }
}

fn entry(gallery: &mut Gallery, state: &str) {
    if state == "found" {
        gallery.new_order.product.typed = "b".into();
        gallery.till.product.typed = "t".into();
    }
    gallery.new_order.quotation = state == "quotation";
    if matches!(state, "filled" | "found" | "pay" | "quotation") {
        gallery.new_order.chosen_customer = sample::customers("lund").into_iter().next();
        for hit in sample::products("a").iter().take(4) {
            gallery.new_order.lines.extend(hit.line(Quantity::new(2), 0));
            gallery.till.lines.extend(hit.line(Quantity::new(3), 0));
        }
        gallery.till.selected = Some(1);
    }
    if state == "pay" {
        gallery.till.pay = Some(sample::pay(&gallery.till.lines));
    }
}

fn elsewhere(gallery: &mut Gallery, place: Place, state: &str) {
    if state == "empty" {
        gallery.customers_data = sample::customers_data(0);
        gallery.products_data = sample::products_data(0);
        gallery.locations_data.rows.clear();
        gallery.attention_data.items.clear();
        gallery.no_revenue = true;
    }
    gallery.reports.figures = state == "figures";
    match (place, state) {
        (Place::Customers, "form") => gallery.customers.form = Some(customers::CustomerForm::default()),
        (Place::Products, "form") => {
            gallery.products.form =
                Some(products::ProductForm::new(None, &sample::product_detail().tax_classes));
        }
        (Place::Locations, "form") => gallery.locations.form = Some(Default::default()),
        (Place::Attention, "change") => {
            let first = gallery.attention_data.items.first();
            let typed = first.and_then(|item| Some((item.edit, item.change.as_ref()?.text())));
            gallery.attention.changing = typed;
        }
        (Place::Attention, "discard") => {
            gallery.attention.discarding = gallery.attention_data.items.get(1).map(|item| item.edit);
        }
        _ => {}
    }
}
