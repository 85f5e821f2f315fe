//! Draws each place with the made-up data, as the window does with what is in the store.

use waybill_client::desktop::frame::{self, Size};
use waybill_client::desktop::intent::Intent;
use waybill_client::desktop::panels::{
    attention, customers, devices, held, locations, new_order, order, orders, products, reports, settings,
    till,
};
use waybill_client::desktop::place::Place;
use waybill_shared::id::DeviceId;

use super::{Gallery, Scene, sample};

impl Gallery {
    pub fn panel(&mut self, ui: &mut egui::Ui, place: Place, size: Size) {
        let beside = size == Size::Wide;
        let intent = match place {
            Place::Orders => self.orders(ui, beside),
            Place::NewOrder => {
                let data = sample::new_order(&self.new_order);
                new_order::new_order_ui(ui, &data, &mut self.new_order, size)
            }
            Place::Till => till::till_ui(ui, &sample::till(&self.till), &mut self.till, size),
            Place::Customers => self.customers(ui, beside),
            Place::Products => self.products(ui, beside),
            Place::Locations => self.locations(ui, beside),
            Place::Attention => attention::attention_ui(ui, &self.attention_data, &mut self.attention),
            Place::Held => {
                let names = sample::names();
                let data = held::HeldData { heard: &self.online.held, names: &names, live: !self.offline };
                held::place_ui(ui, &data, &mut self.held, size, self.open)
            }
            Place::Devices => {
                let (names, own) = (sample::names(), DeviceId::new(sample::uuid(1)));
                let data =
                    devices::DevicesData { online: &self.online, names: &names, own, live: !self.offline };
                devices::place_ui(ui, &data, &mut self.devices, size, self.open)
            }
            Place::Reports => {
                let days = if self.no_revenue { 0 } else { self.reports.span.days() };
                reports::reports_ui(ui, &sample::reports(days), &mut self.reports)
            }
            Place::Settings => {
                let business = sample::business();
                settings::form_ui(ui, &business, &mut self.settings);
                settings::settings_ui(ui, &sample::settings(), &business, &mut self.settings)
            }
        };
        match intent {
            Some(Intent::Open(_)) => self.open = true,
            Some(Intent::OpenHeld(edit)) => (self.held.selected, self.open) = (Some(edit), true),
            Some(Intent::OpenDevice(device)) => (self.devices.selected, self.open) = (Some(device), true),
            Some(Intent::Go(to)) if to == place => self.open = false,
            Some(Intent::Go(to)) => self.scene = Scene::At(to),
            _ => {}
        }
    }

    fn orders(&mut self, ui: &mut egui::Ui, beside: bool) -> Option<Intent> {
        let Self { orders: state, listed, detail, shown, open, .. } = self;
        if let Some(n) = state.selected.and_then(|id| listed.rows.position(|row| row.id == id)) {
            *shown = n;
        }
        let one = sample::detail(*shown);
        let typed = detail.sheet.as_ref().and_then(|sheet| sheet.product_words()).unwrap_or_default();
        let found = sample::products(typed);
        if beside {
            let (mut left, mut right) = (None, None);
            let list = |ui: &mut egui::Ui| left = orders::orders_ui(ui, listed, state, true);
            frame::halves(ui, "orders", 0.6, list, |ui| {
                right = order::order_ui(ui, &one, detail, &found, None, false);
            });
            left.or(right)
        } else if *open {
            order::order_ui(ui, &one, detail, &found, None, true)
        } else {
            orders::orders_ui(ui, listed, state, false)
        }
    }

    fn customers(&mut self, ui: &mut egui::Ui, beside: bool) -> Option<Intent> {
        let one = sample::customer_detail();
        customers::form_ui(ui, &mut self.customers);
        let state = std::cell::RefCell::new(&mut self.customers);
        let data = &self.customers_data;
        let mut intent = None;
        let list = |ui: &mut egui::Ui| customers::customers_ui(ui, data, &mut state.borrow_mut(), beside);
        let detail = |ui: &mut egui::Ui| customers::customer_ui(ui, &one, &mut state.borrow_mut(), !beside);
        if beside {
            frame::halves(ui, "customers", 0.5, |ui| intent = list(ui), |ui| drop(detail(ui)));
            intent
        } else if self.open {
            detail(ui)
        } else {
            list(ui)
        }
    }

    fn products(&mut self, ui: &mut egui::Ui, beside: bool) -> Option<Intent> {
        let one = sample::product_detail();
        let classes = &one.tax_classes;
        products::form_ui(ui, &mut self.products, classes, sample::today());
        let state = std::cell::RefCell::new(&mut self.products);
        let data = &self.products_data;
        let mut intent = None;
        let list =
            |ui: &mut egui::Ui| products::products_ui(ui, data, &mut state.borrow_mut(), classes, beside);
        let detail = |ui: &mut egui::Ui| products::product_ui(ui, &one, &mut state.borrow_mut(), !beside);
        if beside {
            frame::halves(ui, "products", 0.5, |ui| intent = list(ui), |ui| drop(detail(ui)));
            intent
        } else if self.open {
            detail(ui)
        } else {
            list(ui)
        }
    }

    fn locations(&mut self, ui: &mut egui::Ui, beside: bool) -> Option<Intent> {
        let one = sample::location_detail();
        locations::form_ui(ui, &mut self.locations);
        let state = std::cell::RefCell::new(&mut self.locations);
        let data = &self.locations_data;
        let mut intent = None;
        let list = |ui: &mut egui::Ui| locations::locations_ui(ui, data, &mut state.borrow_mut(), beside);
        let detail = |ui: &mut egui::Ui| locations::location_ui(ui, &one, &mut state.borrow_mut(), !beside);
        if beside {
            frame::halves(ui, "locations", 0.5, |ui| intent = list(ui), |ui| drop(detail(ui)));
            intent
        } else if self.open {
            detail(ui)
        } else {
            list(ui)
        }
    }
}
