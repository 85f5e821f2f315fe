//! What the office looks at: what needs attention, revenue, locations, the business and its settings.

use chrono::Days;
use chrono_tz::Europe::Berlin;
use waybill_client::desktop::books::Here;
use waybill_client::desktop::intent::Thing;
use waybill_client::desktop::names::May;
use waybill_client::desktop::panels::attention::{AttentionData, AttentionItem, DamagedItem, Standing};
use waybill_client::desktop::panels::change::Change;
use waybill_client::desktop::panels::locations::{LocationDetail, LocationsData};
use waybill_client::desktop::panels::lock::LockData;
use waybill_client::desktop::panels::reports::{ReportsData, RevenueDay};
use waybill_client::desktop::panels::set_up::{SetUpData, SetUpState};
use waybill_client::desktop::panels::settings::{Business, SettingsData};
use waybill_client::desktop::remembered::LockAfter;
use waybill_client::desktop::theme::ThemeChoice;
use waybill_client::store::{Damaged, LocationRow};
use waybill_shared::finding::{Finding, Rule};
use waybill_shared::id::*;
use waybill_shared::location::{Location, LocationKind};
use waybill_shared::money::{Amount, Currency};
use waybill_shared::order::commands::SetQuantity;
use waybill_shared::quantity::{Quantity, Unit};
use waybill_shared::settings::{Settings, TaxClass};

use super::{names, order, place, today, uuid};

pub fn attention() -> AttentionData {
    let credit = Finding::new(
        Rule::OverCredit,
        "Placing this order takes Hotel Seeblick to € 6,120.00, over its limit of € 5,000.00.",
        "Take a payment first, or ask a manager to let it pass.",
    );
    let item = |n, wanted: &str, about: &str, findings, standing| AttentionItem {
        edit: EditId::new(uuid(n)),
        wanted: wanted.into(),
        about: about.into(),
        when: "13:58".into(),
        person: "Anna Berg".into(),
        findings,
        standing,
        thing: Some(Thing::Order(OrderId::new(uuid(n)))),
        change: None,
    };
    let number = |n: usize| format!("{} · {}", order(n).number(), order(n).customer_name());
    let changed = Finding::changed("quantity", "3", "5");
    let quantity = SetQuantity { line: LineId::new(uuid(1)), was: Quantity::new(2), now: Quantity::new(3) };
    let damaged = Damaged {
        nth: Some(1),
        words: Some(format!("Tagged it urgent · {}", number(4))),
        since: None,
        docs: Vec::new(),
        sent: false,
    };
    AttentionData {
        today: today(),
        back: Vec::new(),
        damaged: vec![DamagedItem {
            nth: damaged.nth,
            told: damaged.told(),
            when: "13:41".into(),
            advice: damaged.advice(),
            sent: damaged.sent,
            thing: Some(Thing::Order(OrderId::new(uuid(4)))),
        }],
        items: vec![
            AttentionItem {
                change: Change::of(OrderId::new(uuid(1)).into(), &quantity.into(), |_| Unit::Piece),
                ..item(1, "Set the quantity of Oak chair to 3", &number(1), vec![changed], Standing::Refused)
            },
            item(2, "Place the order", &number(2), vec![credit], Standing::Refused),
            item(3, "Confirm the order", &number(2), Vec::new(), Standing::WaitsForAbove),
            item(4, "Took a payment of € 50.00", &number(4), Vec::new(), Standing::Held),
        ],
    }
}

pub fn reports(days: u64) -> ReportsData {
    let day = |back: u64| {
        let day = today() - Days::new(back);
        let closed = day.format("%a").to_string() == "Sun";
        let cents = if closed { 0 } else { 90_000 + (back as i64 * 7_919 % 61) * 4_700 };
        let gross = Amount::from_minor(cents, 2);
        RevenueDay { day, gross, net: Amount::from_minor(cents * 100 / 119, 2) }
    };
    ReportsData {
        days: (0..days).rev().map(day).collect(),
        currency: Some(Currency::EUR),
        today: today(),
        source: "as this device knows it".into(),
        counting: false,
    }
}

pub fn locations() -> LocationsData {
    let places = [
        ("S1", "Shop Lübeck", LocationKind::Shop),
        ("W1", "Harbour warehouse", LocationKind::Warehouse),
        ("V1", "Van 1", LocationKind::Van),
    ];
    let row = |(n, (code, name, kind)): (usize, (&str, &str, LocationKind))| LocationRow {
        id: LocationId::new(uuid(n as u128)),
        code: code.into(),
        name: name.into(),
        kind,
        closed: false,
        pending: false,
    };
    LocationsData { rows: places.into_iter().enumerate().map(row).collect(), may: May::all() }
}

pub fn business() -> Business {
    let mut settings = Settings::default();
    settings.fields.company = "Lund Möbel".into();
    settings.fields.zone = Berlin;
    let standard = TaxClass { name: "Standard".into(), rate: Amount::from_minor(19, 0) };
    settings.tax_classes.insert("standard".into(), standard);
    Business { confirmed: settings.clone(), settings, may: May::all() }
}

pub fn location_detail() -> LocationDetail {
    let mut location = Location::default();
    location.fields.code = "S1".into();
    location.fields.name = "Shop Lübeck".into();
    location.address = order(0).delivery;
    LocationDetail { addr: place().into(), location, timeline: Vec::new(), pending: false, may: May::all() }
}

pub fn settings() -> SettingsData {
    SettingsData {
        theme: ThemeChoice::Light,
        person: "Anna Berg".into(),
        role: "manager".into(),
        device: "Till 2".into(),
        server: "https://waybill.example.com".into(),
        company: "Lund Möbel".into(),
        people: vec![("Tom Kruse".into(), "driver".into()), ("Ines Vogt".into(), "driver".into())],
        version: "0.1.0".into(),
        diagnostics: String::new(),
        file: "~/.local/share/waybill/waybill.db".into(),
        waiting: 3,
        has_pin: true,
        lock_after: LockAfter::default(),
    }
}

/// Four people share a till; one of them has no PIN yet.
pub fn lock_data() -> LockData {
    let one = |at: u128, name: &str, pin, admin| Here { id: uuid(at).into(), name: name.into(), pin, admin };
    LockData {
        people: vec![
            one(1, "Anna Berg", true, true),
            one(2, "Ines Vogt", true, false),
            one(3, "Tom Kruse", true, false),
            one(4, "Maximiliane von Hohenstein-Brandenburg", false, false),
        ],
        device: "Till 2".into(),
        company: "Lund Möbel".into(),
        waiting: 3,
        ..LockData::default()
    }
}

pub fn set_up_data() -> SetUpData {
    SetUpData { may: true, saving: false, person: "Anna Berg".into(), now: names().now }
}

pub fn set_up_filled() -> SetUpState {
    SetUpState {
        name: "Lund Möbel".into(),
        zone: "Europe/Berlin".into(),
        currency: "EUR".into(),
        standard: "19".into(),
        reduced: "7".into(),
        ..SetUpState::default()
    }
}
