//! The sync chip says what is so, in the words that were agreed, and opens what belongs to it.

use chrono::{NaiveDate, NaiveDateTime};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use waybill_client::desktop::theme;
use waybill_client::desktop::widgets::sync_chip::{Pressed, SyncDetail, SyncState, Waiting, sync_chip};
use waybill_shared::session::OTHER_COMPANY;

fn at(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(hour, minute, 0).unwrap()
}

#[test]
fn each_state_has_its_words() {
    let now = at(20, 12, 0);
    let since = Some(at(20, 9, 41));
    let states = [
        (SyncState::Live, "Live"),
        (SyncState::Connecting, "Connecting"),
        (SyncState::Offline { waiting: 0, since: None }, "Offline"),
        (SyncState::Offline { waiting: 3, since }, "Offline, 3 entries wait since 09:41"),
        (SyncState::Offline { waiting: 1, since }, "Offline, 1 entry waits since 09:41"),
        (
            SyncState::Offline { waiting: 2, since: Some(at(19, 18, 5)) },
            "Offline, 2 entries wait since yesterday 18:05",
        ),
        (SyncState::Sending { done: 3, of: 12 }, "Sending 3 of 12"),
        (SyncState::Attention { count: 2 }, "2 need your attention"),
        (SyncState::Attention { count: 1 }, "1 needs your attention"),
        (SyncState::SignedOut { waiting: 5 }, "Signed out, 5 entries safe on this device"),
        (SyncState::SignedOut { waiting: 0 }, "Signed out"),
        (SyncState::Clock { off: "3 days ahead".into() }, "This device's clock is 3 days ahead"),
        (SyncState::Problem { words: "The disk is full".into() }, "The disk is full"),
        (
            SyncState::Problem { words: OTHER_COMPANY.into() },
            "This server belongs to another company than the data on this device",
        ),
    ];
    for (state, words) in states {
        assert_eq!(state.words(now), words);
    }
}

#[test]
fn the_chip_opens_what_waits_and_names_each_entry() {
    let now = at(20, 12, 0);
    let state = SyncState::Offline { waiting: 1, since: Some(at(20, 9, 41)) };
    let detail = SyncDetail {
        last_contact: Some(at(20, 9, 38)),
        waiting: vec![Waiting { words: "Sold 3 × Oak chair".into(), at: at(20, 9, 41) }],
        clock: Some("This device's clock is 3 days ahead; Waybill uses the server's time".into()),
        version: "0.1.0".into(),
        diagnostics: "version 0.1.0".into(),
    };
    let mut harness =
        Harness::builder().with_context_setup(theme::install).with_size((600.0, 400.0)).build_ui(|ui| {
            sync_chip(ui, &state, &detail, now);
        });
    harness.run();
    assert!(harness.query_by_label("Sold 3 × Oak chair").is_none());
    harness.get_by_label("Offline, 1 entry waits since 09:41").click();
    harness.run();
    harness.get_by_label("Sold 3 × Oak chair");
    harness.get_by_label("Last contact with the server: 09:38");
    harness.get_by_label(
        "This device's clock is 3 days ahead; Waybill uses the server's time. Set it right in the system's settings.",
    );
    harness.get_by_label("Copy diagnostics").click();
    harness.step();
    let copied = harness
        .output()
        .platform_output
        .commands
        .iter()
        .any(|command| matches!(command, egui::OutputCommand::CopyText(text) if text == "version 0.1.0"));
    assert!(copied, "the diagnostics are on the clipboard");
}

#[test]
fn what_needs_attention_is_one_press_away() {
    let mut harness = Harness::builder().with_context_setup(theme::install).build_ui_state(
        |ui, pressed: &mut Option<Pressed>| {
            let state = SyncState::Attention { count: 2 };
            *pressed = pressed.or(sync_chip(ui, &state, &SyncDetail::default(), at(20, 12, 0)));
        },
        None,
    );
    harness.run();
    harness.get_by_label("2 need your attention").click();
    harness.run();
    assert_eq!(harness.state(), &Some(Pressed::OpenAttention));
}
