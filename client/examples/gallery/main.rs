//! The panels with made-up data, to be looked at: `gallery PLACE [light|dark] [WIDTHxHEIGHT] [STATE]`.
//!
//! PLACE is `sign-in`, `set-up`, `lock`, `pin` or a place of the rail, as `new-order`. STATE is what `prepare` and
//! `sample::sync_state` know, as `empty`, `hand-over` or `needs-you`.

mod panels;
mod prepare;
mod sample;

use waybill_client::desktop::frame::{self, FrameAnswer, FrameData};
use waybill_client::desktop::online::Online;
use waybill_client::desktop::panels::{
    attention, choose_pin, customers, devices, held, locations, lock, new_order, order, orders, products,
    reports, set_up, settings, sign_in, till,
};
use waybill_client::desktop::place::Place;
use waybill_client::desktop::theme::{self, ThemeChoice};
use waybill_client::desktop::widgets::key_help;
use waybill_client::desktop::widgets::notice::Notices;
use waybill_client::desktop::widgets::sync_chip::SyncState;

/// What is drawn: the states of all panels, and the data where it is not the same every time.
#[derive(Default)]
struct Gallery {
    scene: Scene,
    sync: SyncState,
    orders: orders::OrdersState,
    listed: orders::OrdersData,
    /// Which of the sample orders is shown in full.
    shown: usize,
    detail: order::DetailState,
    /// On narrow windows: the one thing instead of its list.
    open: bool,
    new_order: new_order::NewOrderState,
    till: till::TillState,
    customers: customers::CustomersState,
    customers_data: customers::CustomersData,
    products: products::ProductsState,
    products_data: products::ProductsData,
    locations: locations::LocationsState,
    locations_data: locations::LocationsData,
    attention: attention::AttentionState,
    attention_data: attention::AttentionData,
    held: held::HeldState,
    devices: devices::DevicesState,
    online: Online,
    offline: bool,
    reports: reports::ReportsState,
    no_revenue: bool,
    settings: settings::SettingsState,
    sign_in: sign_in::SignInState,
    sign_in_data: sign_in::SignInData,
    set_up: set_up::SetUpState,
    set_up_data: set_up::SetUpData,
    lock: lock::LockState,
    lock_data: lock::LockData,
    choose_pin: choose_pin::ChoosePinState,
    choose_pin_data: choose_pin::ChoosePinData,
    search: String,
    help: bool,
    notices: Notices<()>,
}

/// The window before somebody works in it, and the places that it has then.
#[derive(Clone, Copy)]
enum Scene {
    SignIn,
    SetUp,
    Lock,
    ChoosePin,
    At(Place),
}

impl Default for Scene {
    fn default() -> Self {
        Self::At(Place::default())
    }
}

impl Scene {
    fn named(name: &str) -> Self {
        let slug = |place: &Place| place.words().to_lowercase().replace(' ', "-");
        match name {
            "sign-in" => Self::SignIn,
            "set-up" => Self::SetUp,
            "lock" => Self::Lock,
            "pin" => Self::ChoosePin,
            name => Self::At(Place::ALL.into_iter().find(|place| slug(place) == name).unwrap_or_default()),
        }
    }
}

fn main() -> eframe::Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let arg = |n: usize| args.get(n).map_or("", String::as_str);
    let size = arg(2).split_once('x').and_then(|(w, h)| Some([w.parse().ok()?, h.parse().ok()?]));
    let viewport = egui::ViewportBuilder::default()
        .with_inner_size(size.unwrap_or([1280.0, 800.0]))
        .with_position([0.0, 0.0]);
    let options = eframe::NativeOptions { viewport, ..Default::default() };
    let gallery = prepare::gallery(Scene::named(arg(0)), arg(3));
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

impl eframe::App for Gallery {
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        match self.scene {
            Scene::SignIn => {
                sign_in::sign_in_ui(ui, &self.sign_in_data, &mut self.sign_in);
            }
            Scene::SetUp => {
                set_up::set_up_ui(ui, &self.set_up_data, &mut self.set_up);
            }
            Scene::Lock => {
                self.lock_data.time = ui.input(|input| input.time);
                lock::lock_ui(ui, &self.lock_data, &mut self.lock);
            }
            Scene::ChoosePin => {
                choose_pin::choose_pin_ui(ui, &self.choose_pin_data, &mut self.choose_pin);
            }
            Scene::At(place) => self.framed(ui, place),
        }
    }
}

impl Gallery {
    fn framed(&mut self, ui: &mut egui::Ui, place: Place) {
        let data = FrameData {
            place,
            places: Place::ALL.to_vec(),
            first: Place::Orders,
            person: "Anna Berg".into(),
            role: "manager".into(),
            device: "Till 2".into(),
            sync: self.sync.clone(),
            detail: sample::sync_detail(),
            attention: self.attention_data.items.len(),
            held: self.online.held.rows.len(),
            found: Vec::new(),
            now: sample::names().now(),
            here: self.lock_data.people.iter().skip(1).map(|one| (one.id, one.name.clone())).collect(),
            has_pin: true,
        };
        let mut search = std::mem::take(&mut self.search);
        let answer = frame::show(ui, &data, &mut search, |ui, size| self.panel(ui, place, size));
        self.search = search;
        match answer {
            Some(FrameAnswer::Go(place)) => self.scene = Scene::At(place),
            Some(FrameAnswer::SignIn | FrameAnswer::SignOut) => self.scene = Scene::SignIn,
            Some(FrameAnswer::Help) => self.help = true,
            _ => {}
        }
        if self.help {
            self.help = key_help::key_help(ui, |_| true);
        }
        self.notices.show(ui.ctx());
    }
}
