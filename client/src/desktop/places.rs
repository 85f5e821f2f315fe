//! Which panel stands in which place, and what it is given to draw.

use egui::Ui;
use waybill_shared::id::LocationId;
use waybill_shared::session::store::StoreError;

use super::app::Window;
use super::books::role_words;
use super::desk::Desk;
use super::frame::{self, Size};
use super::intent::Intent;
use super::panels::booked_at::{PlaceForm, place_sheet};
use super::panels::{
    attention, customers, devices, held, locations, new_order, order, orders, products, reports, settings,
    till,
};
use super::place::Place;
use super::sync_state;
use super::widgets::empty_state::{self, choose};
use crate::booked_at::{BookedAt, Deed};
use crate::engine::{Carrying, LinkState, SyncStatus};

/// The channel of what is entered at a desk.
const OFFICE: &str = "office";

type Shown = Result<Option<Intent>, StoreError>;

impl Window {
    pub(super) fn panel(&mut self, ui: &mut Ui, place: Place, size: Size, status: &SyncStatus) -> Shown {
        match place {
            Place::Orders => self.orders_place(ui, size, status),
            Place::NewOrder => self.new_order_place(ui, size),
            Place::Till => self.till_place(ui, size),
            Place::Customers => self.customers_place(ui, size),
            Place::Products => self.products_place(ui, size),
            Place::Attention => {
                Ok(attention::attention_ui(ui, self.books.attention()?, &mut self.desk.attention))
            }
            Place::Reports => {
                let ctx = ui.ctx().clone();
                let data =
                    self.books.revenue(&self.desk.reports, move |after| ctx.request_repaint_after(after));
                Ok(reports::reports_ui(ui, data, &mut self.desk.reports))
            }
            Place::Locations => self.locations_place(ui, size),
            Place::Held => Ok(self.held_place(ui, size, status)),
            Place::Devices => Ok(self.devices_place(ui, size, status)),
            Place::Settings => Ok(self.settings_place(ui, status)),
        }
    }

    fn orders_place(&mut self, ui: &mut Ui, size: Size, status: &SyncStatus) -> Shown {
        let carrying = status.carrying;
        let Self { books, desk: Desk { orders, detail, opened, .. }, .. } = self;
        if size != Size::Wide {
            if *opened && orders.selected.is_some() {
                return detail_half(ui, books, orders, detail, carrying, true);
            }
            return Ok(orders::orders_ui(ui, books.orders(orders)?, orders, false));
        }
        let mut list = Ok(None);
        let mut one = Ok(None);
        // Both halves look things up, one after the other.
        let shared = std::cell::RefCell::new((books, orders));
        frame::halves(
            ui,
            "orders",
            0.6,
            |ui| {
                let (books, orders) = &mut *shared.borrow_mut();
                list = books.orders(orders).map(|data| orders::orders_ui(ui, data, orders, true));
            },
            |ui| {
                let (books, orders) = &mut *shared.borrow_mut();
                one = detail_half(ui, books, orders, detail, carrying, false);
            },
        );
        Ok(one?.or(list?))
    }

    fn new_order_place(&mut self, ui: &mut Ui, size: Size) -> Shown {
        let books = &self.books;
        let (contact, delivery) = match &self.desk.new_order.chosen_customer {
            Some(hit) => books.contact_of(hit.id)?,
            None => Default::default(),
        };
        let no_customer = books.around().settings.no_customer.get(OFFICE).copied().unwrap_or(false);
        let data = new_order::NewOrderData {
            customers: books.find_customers(&self.desk.new_order.customer.typed)?,
            products: books.find_products(&self.desk.new_order.product.typed)?,
            contact,
            delivery,
            today: books.today(),
            currency: books.currency(),
            at: books.around().orders_at.clone(),
            channel: OFFICE.into(),
            no_customer,
            limits: books.around().settings.limits.clone(),
        };
        let here = self.desk.new_order.here(&data).map(|row| row.id);
        let asked = self.ask_place(ui, Deed::Order, &data.at, here);
        Ok(asked.or(new_order::new_order_ui(ui, &data, &mut self.desk.new_order, size)))
    }

    fn till_place(&mut self, ui: &mut Ui, size: Size) -> Shown {
        let books = &self.books;
        let data = till::TillData {
            products: books.find_products(&self.desk.till.product.typed)?,
            currency: books.currency(),
            at: books.around().sales_at.clone(),
        };
        let here = data.at.usual.as_ref().map(|row| row.id);
        let asked = self.ask_place(ui, Deed::Sale, &data.at, here);
        Ok(asked.or(till::till_ui(ui, &data, &mut self.desk.till, size)))
    }

    /// Once by itself where it is not known, and whenever it was asked for.
    fn ask_place(
        &mut self,
        ui: &mut Ui,
        deed: Deed,
        at: &BookedAt,
        here: Option<LocationId>,
    ) -> Option<Intent> {
        if here.is_none() && at.is_open() && self.desk.asked_place.insert(deed) {
            self.desk.place = Some(PlaceForm::of(deed, at));
        }
        place_sheet(ui, at, here, &mut self.desk.place)
    }

    fn customers_place(&mut self, ui: &mut Ui, size: Size) -> Shown {
        let Self { books, desk: Desk { customers: state, opened, .. }, .. } = self;
        let form = customers::form_ui(ui, state);
        if size != Size::Wide {
            let shown = if *opened { state.selected } else { None };
            let shown = match shown {
                Some(id) => books.customer(id)?,
                None => None,
            };
            let intent = match shown {
                Some(data) => customers::customer_ui(ui, data, state, true),
                None => customers::customers_ui(ui, books.customers(&state.words.clone())?, state, false),
            };
            return Ok(form.or(intent));
        }
        let (mut list, mut one) = (Ok(None), Ok(None));
        let shared = std::cell::RefCell::new((books, state));
        frame::halves(
            ui,
            "customers",
            0.5,
            |ui| {
                let (books, state) = &mut *shared.borrow_mut();
                let words = state.words.clone();
                list = books.customers(&words).map(|data| customers::customers_ui(ui, data, state, true));
            },
            |ui| {
                let (books, state) = &mut *shared.borrow_mut();
                let Some(id) = state.selected else { return choose(ui, "Choose a customer on the left.") };
                one = books.customer(id).map(|data| match data {
                    Some(data) => customers::customer_ui(ui, data, state, false),
                    None => None,
                });
            },
        );
        Ok(form.or(one?).or(list?))
    }

    fn products_place(&mut self, ui: &mut Ui, size: Size) -> Shown {
        let Self { books, desk: Desk { products: state, opened, .. }, .. } = self;
        let classes = books.tax_classes();
        let form = products::form_ui(ui, state, &classes, books.today());
        if size != Size::Wide {
            let shown = if *opened { state.selected } else { None };
            let shown = match shown {
                Some(id) => books.product(id)?,
                None => None,
            };
            let intent = match shown {
                Some(data) => products::product_ui(ui, data, state, true),
                None => {
                    products::products_ui(ui, books.products(&state.words.clone())?, state, &classes, false)
                }
            };
            return Ok(form.or(intent));
        }
        let (mut list, mut one) = (Ok(None), Ok(None));
        let shared = std::cell::RefCell::new((books, state));
        frame::halves(
            ui,
            "products",
            0.5,
            |ui| {
                let (books, state) = &mut *shared.borrow_mut();
                let words = state.words.clone();
                list =
                    books.products(&words).map(|data| products::products_ui(ui, data, state, &classes, true));
            },
            |ui| {
                let (books, state) = &mut *shared.borrow_mut();
                let Some(id) = state.selected else { return choose(ui, "Choose a product on the left.") };
                one = books.product(id).map(|data| match data {
                    Some(data) => products::product_ui(ui, data, state, false),
                    None => None,
                });
            },
        );
        Ok(form.or(one?).or(list?))
    }

    fn locations_place(&mut self, ui: &mut Ui, size: Size) -> Shown {
        let Self { books, desk: Desk { locations: state, opened, .. }, .. } = self;
        let form = locations::form_ui(ui, state);
        if size != Size::Wide {
            let shown = if *opened { state.selected } else { None };
            let shown = match shown {
                Some(id) => books.location_detail(id)?,
                None => None,
            };
            let intent = match shown {
                Some(data) => locations::location_ui(ui, data, state, true),
                None => locations::locations_ui(ui, books.locations()?, state, false),
            };
            return Ok(form.or(intent));
        }
        let (mut list, mut one) = (Ok(None), Ok(None));
        let shared = std::cell::RefCell::new((books, state));
        frame::halves(
            ui,
            "locations",
            0.5,
            |ui| {
                let (books, state) = &mut *shared.borrow_mut();
                list = books.locations().map(|data| locations::locations_ui(ui, data, state, true));
            },
            |ui| {
                let (books, state) = &mut *shared.borrow_mut();
                let Some(id) = state.selected else { return choose(ui, "Choose a location on the left.") };
                one = books.location_detail(id).map(|data| match data {
                    Some(data) => locations::location_ui(ui, data, state, false),
                    None => None,
                });
            },
        );
        Ok(form.or(one?).or(list?))
    }

    fn held_place(&mut self, ui: &mut Ui, size: Size, status: &SyncStatus) -> Option<Intent> {
        let Self { books, desk: Desk { held: state, online, opened, .. }, .. } = self;
        let (names, live) = (&books.around().names, status.link == LinkState::Live);
        held::place_ui(ui, &held::HeldData { heard: &online.held, names, live }, state, size, *opened)
    }

    fn devices_place(&mut self, ui: &mut Ui, size: Size, status: &SyncStatus) -> Option<Intent> {
        let Self { books, desk: Desk { devices: state, online, opened, .. }, .. } = self;
        let around = books.around();
        let (names, own, live) = (&around.names, around.meta.device, status.link == LinkState::Live);
        devices::place_ui(ui, &devices::DevicesData { online, names, own, live }, state, size, *opened)
    }

    fn settings_place(&mut self, ui: &mut Ui, status: &SyncStatus) -> Option<Intent> {
        let form = settings::form_ui(ui, self.books.business(), &mut self.desk.settings);
        let around = self.books.around();
        let data = settings::SettingsData {
            theme: self.remembered.theme,
            person: around.my_name.clone(),
            role: role_words(&around.roles),
            device: around.meta.device_name.clone(),
            server: around.server.clone(),
            company: around.settings.fields.company.clone(),
            people: around.people.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            diagnostics: sync_state::diagnostics(status, around),
            file: crate::store::file(self.engine.dir()).display().to_string(),
            waiting: status.waiting as usize,
            has_pin: around.has_pin(),
            lock_after: self.remembered.lock_after,
        };
        form.or(settings::settings_ui(ui, &data, self.books.business(), &mut self.desk.settings))
    }
}

fn detail_half(
    ui: &mut Ui,
    books: &mut super::books::Books,
    orders: &orders::OrdersState,
    detail: &mut order::DetailState,
    carrying: Option<Carrying>,
    back: bool,
) -> Shown {
    let Some(id) = orders.selected else {
        choose(ui, "Choose an order on the left.");
        return Ok(None);
    };
    let typed = detail.sheet.as_ref().and_then(|sheet| sheet.product_words()).unwrap_or_default();
    let products = books.find_products(typed)?;
    match books.order(id)? {
        Some(data) => Ok(order::order_ui(ui, data, detail, &products, carrying, back)),
        None => {
            empty_state::empty_state(ui, "Not here", "This order is not on this device.", None);
            Ok(None)
        }
    }
}
