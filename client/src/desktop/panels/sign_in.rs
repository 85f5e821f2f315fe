//! Signing in once, online: afterwards this device works without network.

use egui::Ui;

use crate::desktop::focus;
use crate::desktop::frame;
use crate::desktop::intent::{Intent, SignIn};
use crate::desktop::theme::{self, tokens};
use crate::desktop::widgets::button;
use crate::desktop::widgets::field::{Field, select_all};

#[derive(Clone, Debug, Default)]
pub struct SignInData {
    /// It is being tried.
    pub trying: bool,
    /// Why it did not work, in a sentence or two.
    pub error: Option<String>,
    /// Entries of the person who was signed in before; they are safe.
    pub waiting: usize,
    /// Somebody works here already and can go on without signing in.
    pub can_go_back: bool,
    /// The company removed its data from this device before.
    pub wiped: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct SignInState {
    pub form: SignIn,
    /// The button was pressed once: what is missing is now said below its field.
    pub pressed: bool,
    pub focused: bool,
    /// The error that was shown last.
    said: Option<String>,
}

pub fn sign_in_ui(ui: &mut Ui, data: &SignInData, state: &mut SignInState) -> Option<Intent> {
    let mut intent = None;
    frame::alone(ui, "sign in", 400.0, |ui| intent = form(ui, data, state));
    intent
}

fn form(ui: &mut Ui, data: &SignInData, state: &mut SignInState) -> Option<Intent> {
    let t = tokens(ui);
    ui.label(theme::strong("Waybill", theme::FIGURE).color(t.accent));
    ui.label(
        egui::RichText::new("Sign in once while online. After that everything works offline too.")
            .color(t.muted),
    );
    if let Some(words) = &data.wiped {
        ui.label(words);
    }
    if data.waiting > 0 {
        let entries =
            if data.waiting == 1 { "1 entry is".into() } else { format!("{} entries are", data.waiting) };
        ui.label(format!("{entries} safe on this device and will be sent after signing in."));
    }
    let pressed = state.pressed;
    let form = &mut state.form;
    let missing =
        |text: &str, sentence: &'static str| (pressed && text.trim().is_empty()).then_some(sentence);
    let server = Field {
        name: "Server",
        hint: "https://waybill.example.com",
        error: missing(&form.server, "Give the server's address; your administrator knows it."),
        ..Default::default()
    }
    .show(ui, &mut form.server);
    let name_error = missing(&form.name, "Give the name you sign in with.");
    let name = Field { name: "Name", error: name_error, ..Default::default() }.show(ui, &mut form.name);
    if form.with_code {
        let error = missing(&form.code, "Give the code that an admin made for you.");
        Field { name: "Code", hint: "XXXXX-XXXXX-XXXXX-XXXXX", error, ..Default::default() }
            .show(ui, &mut form.code);
    }
    let (called, lacking) = match form.with_code {
        true => ("New password", "Choose a new password."),
        false => ("Password", "Give your password."),
    };
    let password_error = missing(&form.password, lacking);
    let password = Field { name: called, error: password_error, password: true, ..Default::default() }
        .show(ui, &mut form.password);
    let device_error = missing(&form.device, "Give this device a name that colleagues know, such as Till 2.");
    Field { name: "This device", hint: "Till 2", error: device_error, ..Default::default() }
        .show(ui, &mut form.device);
    if let Some(file) = form.authority.as_mut() {
        let name = "Your company's certificate authority (file)";
        Field { name, hint: "company-ca.pem", ..Default::default() }.show(ui, file);
    }
    if !std::mem::replace(&mut state.focused, true) {
        if form.server.is_empty() { server.request_focus() } else { name.request_focus() }
    }
    // Where it did not work, the password is typed again.
    if data.error != state.said {
        state.said.clone_from(&data.error);
        if data.error.is_some() {
            password.request_focus();
            select_all(ui, password.id, &form.password);
        }
    }
    if let Some(error) = &data.error {
        egui::Frame::new().fill(t.bad.ground).corner_radius(theme::CORNER).inner_margin(10).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.label(egui::RichText::new(error).color(t.bad.ink));
        });
    }
    let words = if data.trying { "Signing in…" } else { "Sign in" };
    let clicked = focus::pressed(&button::primary_wide(ui, words, "Enter", !data.trying));
    let other = if form.with_code { "I have a password" } else { "I have a code" };
    if button::quiet(ui, other, "For whoever forgot the password: an admin makes one").clicked()
        && !data.trying
    {
        form.with_code = !form.with_code;
        form.password.clear();
        form.code.clear();
        state.pressed = false;
        return None;
    }
    if form.authority.is_none()
        && button::quiet(
            ui,
            "Our server's certificate is our own",
            "Give the file of your company's authority",
        )
        .clicked()
    {
        form.authority = Some(String::new());
    }
    if data.can_go_back
        && button::quiet(ui, "Go on without signing in", "What you enter waits here").clicked()
    {
        return Some(Intent::GoBack);
    }
    if !clicked || data.trying {
        return None;
    }
    state.pressed = true;
    let code_given = !form.with_code || !form.code.trim().is_empty();
    let complete = code_given
        && [&form.server, &form.name, &form.password, &form.device]
            .iter()
            .all(|text| !text.trim().is_empty());
    complete.then(|| Intent::SignIn(form.clone()))
}
