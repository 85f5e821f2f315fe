//! Signing in at the window: with a password, or with an admin's code and a new password.

use std::sync::{Arc, Mutex};

use egui::accesskit::Role as Part;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use waybill_client::desktop::intent::Intent;
use waybill_client::desktop::panels::sign_in::{SignInData, SignInState, sign_in_ui};
use waybill_client::desktop::theme;

#[test]
fn who_forgot_the_password_gives_a_code_and_a_new_one() {
    let mut state = SignInState::default();
    state.form.server = "shop.example".into();
    state.form.name = "anna".into();
    state.form.password = "half remembered".into();
    state.form.device = "Till 2".into();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    let mut screen =
        Harness::builder().with_context_setup(theme::install).with_size((600.0, 800.0)).build_ui_state(
            move |ui, state: &mut SignInState| {
                kept.lock().unwrap().extend(sign_in_ui(ui, &SignInData::default(), state));
            },
            state,
        );
    screen.run_steps(3);
    assert!(screen.query_by_role_and_label(Part::TextInput, "Code").is_none());
    screen.get_by_label("I have a code").click();
    screen.run_steps(3);
    screen.get_by_label("Sign in").click();
    screen.run_steps(3);
    for words in ["Give the code that an admin made for you.", "Choose a new password."] {
        assert!(screen.query_by_label_contains(words).is_some(), "{words}");
    }
    for (part, field, words) in [
        (Part::TextInput, "Code", "7k2md-0qx4t-9wbzc-hj5re"),
        (Part::PasswordInput, "New password", "rain over the bay"),
    ] {
        screen.get_by_role_and_label(part, field).focus();
        screen.run_steps(2);
        screen.event(egui::Event::Text(words.to_owned()));
        screen.run_steps(3);
    }
    assert!(asked.lock().unwrap().is_empty());
    screen.get_by_label("Sign in").click();
    screen.run_steps(3);
    let asked = std::mem::take(&mut *asked.lock().unwrap());
    let [Intent::SignIn(form)] = asked.as_slice() else { panic!("{} intents", asked.len()) };
    assert!(form.with_code);
    assert_eq!(
        (form.code.as_str(), form.password.as_str()),
        ("7k2md-0qx4t-9wbzc-hj5re", "rain over the bay")
    );
    assert_eq!(form.authority, None, "the public authorities");
    screen.get_by_label("Our server's certificate is our own").click();
    screen.run_steps(3);
    screen.get_by_role_and_label(Part::TextInput, "Your company's certificate authority (file)").focus();
    screen.run_steps(2);
    screen.event(egui::Event::Text("/home/anna/ca.pem".to_owned()));
    screen.run_steps(3);
    assert_eq!(screen.state().form.authority.as_deref(), Some("/home/anna/ca.pem"));
    // Back to the password, nothing of the code stays.
    screen.get_by_label("I have a password").click();
    screen.run_steps(3);
    let form = &screen.state().form;
    assert!(!form.with_code && form.code.is_empty() && form.password.is_empty());
}

#[test]
fn where_it_did_not_work_the_password_is_typed_again_and_tab_goes_on_from_there() {
    let mut state = SignInState::default();
    state.form.server = "shop.example".into();
    state.form.name = "anna".into();
    state.form.password = "wrong one".into();
    state.form.device = "Till 2".into();
    let mut screen =
        Harness::builder().with_context_setup(theme::install).with_size((600.0, 800.0)).build_ui_state(
            |ui, (data, state): &mut (SignInData, SignInState)| {
                sign_in_ui(ui, data, state);
            },
            (SignInData::default(), state),
        );
    screen.run_steps(3);
    screen.state_mut().0.error = Some("The name or the password is wrong.".into());
    screen.run_steps(3);
    let has = |screen: &Harness<'_, _>, kind, name| {
        screen.get_by_role_and_label(kind, name).accesskit_node().is_focused()
    };
    assert!(has(&screen, Part::PasswordInput, "Password"));
    screen.event(egui::Event::Text("right one".to_owned()));
    screen.run_steps(3);
    assert_eq!(screen.state().1.form.password, "right one", "it replaces what was wrong");
    screen.key_press(egui::Key::Tab);
    screen.run_steps(4);
    assert!(has(&screen, Part::TextInput, "This device"));
}
