//! The panels with made-up data, to be looked at: `gallery PLACE [light|dark] [WIDTHxHEIGHT] [SHEET]`.

mod sample;

use waybill_client::desktop::frame::{self, FrameData, Size};
use waybill_client::desktop::intent::Intent;
use waybill_client::desktop::panels::{
    attention, customers, locations, new_order, order, orders, products, reports, settings, sign_in, till,
};
use waybill_client::desktop::place::Place;
use waybill_client::desktop::theme::{self, ThemeChoice};
use waybill_client::desktop::widgets::key_help;
use waybill_client::desktop::widgets::notice::Notices;
use waybill_client::desktop::widgets::sync_chip::{SyncDetail, SyncState, Waiting};
use waybill_shared::id::OrderId;
use waybill_shared::money::Currency;

#[derive(Default)]
struct Gallery {
    place: Option<Place>,
    sign_in_first: bool,
    orders: orders::OrdersState,
    detail: order::DetailState,
    open: bool,
    new_order: new_order::NewOrderState,
    till: till::TillState,
    customers: customers::CustomersState,
    products: products::ProductsState,
    attention: attention::AttentionState,
    reports: reports::ReportsState,
    sign_in: sign_in::SignInState,
    search: String,
    help: bool,
    notices: Notices<()>,
    data: Option<orders::OrdersData>,
}

fn main() -> eframe::Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let arg = |n: usize| args.get(n).cloned().unwrap_or_default();
    let (width, height) = arg(2)
        .split_once('x')
        .and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)))
        .unwrap_or((1280.0, 800.0));
    let viewport =
        egui::ViewportBuilder::default().with_inner_size([width, height]).with_position([0.0, 0.0]);
    let options = eframe::NativeOptions { viewport, ..Default::default() };
    let mut gallery = Gallery { data: Some(sample::orders(5000)), ..Gallery::default() };
    gallery.orders.selected = Some(OrderId::new(sample::uuid(1)));
    let place = Place::ALL.into_iter().find(|place| place.words().to_lowercase().replace(' ', "-") == arg(0));
    gallery.place = place;
    gallery.sign_in_first = arg(0) == "sign-in";
    prepare(&mut gallery, &arg(3));
    let choice = if arg(1) == "dark" { ThemeChoice::Dark } else { ThemeChoice::Light };
    eframe::run_native(
        "Waybill gallery",
        options,
        Box::new(move |cc| {
            theme::install(&cc.egui_ctx);
            theme::choose(&cc.egui_ctx, choice);
            Ok(Box::new(gallery))
        }),
    )
}

/// Brings a panel into the state that is to be looked at.
fn prepare(gallery: &mut Gallery, sheet: &str) {
    let data = sample::detail(1);
    gallery.detail.sheet = match sheet {
        "hand-over" => Some(order::Sheet::hand_over(&sample::detail(2))),
        "payment" => Some(order::Sheet::payment(&data)),
        "wanted" => Some(order::Sheet::wanted(&data)),
        "address" => Some(order::Sheet::address(&data)),
        "line" => data.lines.first().map(order::Sheet::line),
        "note" => Some(order::Sheet::note()),
        "not-delivered" => Some(order::Sheet::not_delivered()),
        "cancel" => Some(order::Sheet::cancel()),
        _ => None,
    };
    gallery.open = matches!(sheet, "open") || gallery.detail.sheet.is_some();
    gallery.help = sheet == "help";
    if sheet == "filled" {
        gallery.new_order.product.typed = "b".into();
        gallery.new_order.chosen_customer = sample::customers("lund").into_iter().next();
        gallery.till.product.typed = "t".into();
        for hit in sample::products("a").iter().take(4) {
            gallery.new_order.lines.push(hit.line(waybill_shared::quantity::Quantity::new(2), 0));
            gallery.till.lines.push(hit.line(waybill_shared::quantity::Quantity::new(3), 0));
        }
        gallery.till.selected = Some(1);
    }
    if sheet == "figures" {
        gallery.reports.figures = true;
    }
    if sheet == "notice" {
        gallery.notices.say("Placed T2-1499", Some(()));
    }
    if sheet == "product" {
        gallery.products.form = Some(products::ProductForm::new(None, &sample::product_detail().tax_classes));
    }
}

impl eframe::App for Gallery {
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        if self.sign_in_first {
            let error = "The server does not answer. Check the address and the network, then try again.";
            let data = sign_in::SignInData { error: Some(error.into()), ..Default::default() };
            sign_in::sign_in_ui(ui, &data, &mut self.sign_in);
            return;
        }
        let now = sample::names().now();
        let place = self.place.unwrap_or_default();
        let frame_data = FrameData {
            place,
            places: Place::ALL.to_vec(),
            person: "Anna Berg".into(),
            role: "manager".into(),
            device: "Till 2".into(),
            sync: SyncState::Offline { waiting: 3, since: Some(now - chrono::Duration::minutes(279)) },
            detail: SyncDetail {
                last_contact: Some(now - chrono::Duration::minutes(282)),
                waiting: vec![Waiting { words: "Sold 3 × Oak chair".into(), at: now }],
                version: "0.1.0".into(),
                diagnostics: String::new(),
            },
            attention: 3,
            found: Vec::new(),
            here: Vec::new(),
            now,
        };
        let mut search = std::mem::take(&mut self.search);
        let answer = frame::show(ui, &frame_data, &mut search, |ui, size| self.panel(ui, place, size));
        self.search = search;
        match answer {
            Some(frame::FrameAnswer::Go(place)) => self.place = Some(place),
            Some(frame::FrameAnswer::Help) => self.help = true,
            _ => {}
        }
        if self.help {
            self.help = key_help::key_help(ui);
        }
        self.notices.show(ui.ctx(), 72.0);
    }
}

impl Gallery {
    fn panel(&mut self, ui: &mut egui::Ui, place: Place, size: Size) {
        let beside = size == Size::Wide;
        let intent = match place {
            Place::Orders => self.orders(ui, beside),
            Place::NewOrder => {
                let data = new_order::NewOrderData {
                    customers: sample::customers(&self.new_order.customer.typed),
                    products: sample::products(&self.new_order.product.typed),
                    contact: Default::default(),
                    delivery: Default::default(),
                    today: sample::today(),
                    currency: Currency::EUR,
                    location: sample::place(),
                    channel: "shop".into(),
                    no_customer: false,
                    limits: Default::default(),
                };
                new_order::new_order_ui(ui, &data, &mut self.new_order, size)
            }
            Place::Till => {
                let data = till::TillData {
                    products: sample::products(&self.till.product.typed),
                    currency: Currency::EUR,
                    location: sample::place(),
                    location_name: "Shop Lübeck".into(),
                    channel: "shop".into(),
                };
                till::till_ui(ui, &data, &mut self.till, size)
            }
            Place::Customers => {
                let detail = sample::customer_detail();
                let intent = customers::form_ui(ui, &mut self.customers);
                if beside {
                    let mut state = std::mem::take(&mut self.customers);
                    frame::halves(
                        ui,
                        "customers",
                        0.5,
                        |ui| {
                            customers::customers_ui(ui, &sample::customers_data(), &mut state, true);
                        },
                        |ui| {
                            customers::customer_ui(ui, &detail, &mut Default::default(), false);
                        },
                    );
                    self.customers = state;
                    intent
                } else if self.open {
                    customers::customer_ui(ui, &detail, &mut self.customers, true)
                } else {
                    customers::customers_ui(ui, &sample::customers_data(), &mut self.customers, false)
                }
            }
            Place::Products => {
                let detail = sample::product_detail();
                products::form_ui(ui, &mut self.products, &detail.tax_classes, sample::today());
                let mut state = std::mem::take(&mut self.products);
                let data = sample::products_data();
                if beside {
                    frame::halves(
                        ui,
                        "products",
                        0.5,
                        |ui| {
                            products::products_ui(ui, &data, &mut state, &detail.tax_classes, true);
                        },
                        |ui| {
                            products::product_ui(ui, &detail, &mut Default::default(), false);
                        },
                    );
                } else if self.open {
                    products::product_ui(ui, &detail, &mut state, true);
                } else {
                    products::products_ui(ui, &data, &mut state, &detail.tax_classes, false);
                }
                self.products = state;
                None
            }
            Place::Locations => {
                locations::locations_ui(ui, &sample::locations(), &mut Default::default(), beside)
            }
            Place::Attention => attention::attention_ui(ui, &sample::attention(), &mut self.attention),
            Place::Reports => {
                reports::reports_ui(ui, &sample::reports(self.reports.span.days()), &mut self.reports)
            }
            Place::Settings => {
                let data = settings::SettingsData {
                    theme: ThemeChoice::Light,
                    person: "Anna Berg".into(),
                    role: "manager".into(),
                    device: "Till 2".into(),
                    server: "https://waybill.example.com".into(),
                    company: "Lund Möbel".into(),
                    people: vec![
                        ("Tom Kruse".into(), "driver".into()),
                        ("Ines Vogt".into(), "driver".into()),
                    ],
                    version: "0.1.0".into(),
                    diagnostics: String::new(),
                    file: "~/.local/share/waybill/waybill.db".into(),
                    waiting: 3,
                };
                settings::settings_ui(ui, &data, &sample::business(), &mut Default::default())
            }
        };
        if let Some(Intent::Open(_)) = intent {
            self.open = true;
        }
    }

    fn orders(&mut self, ui: &mut egui::Ui, beside: bool) -> Option<Intent> {
        let Self { orders: state, data, detail, open, .. } = self;
        let data = data.as_ref()?;
        let n = state.selected.and_then(|id| data.rows.position(|row| row.id == id)).unwrap_or(1);
        let shown = sample::detail(n);
        let typed = detail.sheet.as_ref().and_then(|sheet| sheet.product_words()).unwrap_or_default();
        let products = sample::products(typed);
        let mut intent = None;
        if beside {
            let mut answers = (None, None);
            let (left, right) = (&mut answers.0, &mut answers.1);
            frame::halves(
                ui,
                "orders",
                0.54,
                |ui| *left = orders::orders_ui(ui, data, state, true),
                |ui| {
                    *right = order::order_ui(ui, &shown, detail, &products, false);
                },
            );
            intent = answers.0.or(answers.1);
        } else if *open {
            if let Some(Intent::Go(_)) = order::order_ui(ui, &shown, detail, &products, true) {
                *open = false;
            }
        } else {
            intent = orders::orders_ui(ui, data, state, false);
        }
        intent
    }
}
