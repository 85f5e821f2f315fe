//! Every word can be read: contrast after WCAG 2.2, computed from the tokens; and digits stand in columns.

use egui::{Color32, FontId};
use waybill_client::desktop::fonts;
use waybill_client::desktop::theme::{self, DARK, LIGHT, Tokens};

/// What WCAG AA asks of ordinary text.
const AA: f32 = 4.5;

fn luminance(color: Color32) -> f32 {
    let channel = |value: u8| {
        let value = f32::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
}

fn contrast(a: Color32, b: Color32) -> f32 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn pairs(t: &Tokens) -> Vec<(&'static str, Color32, Color32)> {
    let grounds = [
        ("page", t.page),
        ("surface", t.surface),
        ("raised", t.raised),
        ("accent soft", t.accent_soft),
        ("good ground", t.good.ground),
        ("warn ground", t.warn.ground),
        ("bad ground", t.bad.ground),
    ];
    let mut pairs = Vec::new();
    for (name, ground) in grounds {
        pairs.push((name, t.text, ground));
        pairs.push((name, t.muted, ground));
    }
    for (name, ground) in &grounds[..4] {
        pairs.push((name, t.accent, *ground));
    }
    pairs.push(("good", t.good.ink, t.good.ground));
    pairs.push(("warn", t.warn.ink, t.warn.ground));
    pairs.push(("bad", t.bad.ink, t.bad.ground));
    for (name, ground) in &grounds[..3] {
        pairs.push((name, t.warn.ink, *ground));
        pairs.push((name, t.bad.ink, *ground));
        pairs.push((name, t.good.ink, *ground));
    }
    pairs.push(("on accent", t.on_accent, t.accent));
    pairs
}

#[test]
fn words_reach_aa_on_every_ground_they_stand_on() {
    for (theme, tokens) in [("light", &LIGHT), ("dark", &DARK)] {
        for (name, ink, ground) in pairs(tokens) {
            let ratio = contrast(ink, ground);
            assert!(ratio >= AA, "{theme}: {ink:?} on {name} {ground:?} is {ratio:.2}, needs {AA}");
        }
    }
}

#[test]
fn the_measure_itself_is_right() {
    assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
    assert!((contrast(Color32::from_rgb(0x77, 0x77, 0x77), Color32::WHITE) - 4.48).abs() < 0.01);
}

#[test]
fn digits_are_as_wide_as_each_other() {
    let mut fonts = egui::epaint::text::Fonts::new(Default::default(), fonts::definitions());
    let mut view = fonts.with_pixels_per_point(1.0);
    for strong in [false, true] {
        for size in [theme::CAPTION, theme::BODY, theme::FIGURE] {
            let font = theme::font(size, strong);
            let mut width = |text: &str| {
                view.layout_no_wrap(text.to_owned(), font.clone(), Color32::WHITE).intrinsic_size().x
            };
            let eights = width("8888888888");
            for digit in '0'..='9' {
                let same: String = std::iter::repeat_n(digit, 10).collect();
                assert!((width(&same) - eights).abs() < 0.01, "{digit} at {size}, strong {strong}");
            }
            assert!((width("1,174.71") - width("8,888.88")).abs() < 0.01, "kerning between digits at {size}");
        }
    }
}

#[test]
fn every_sign_that_the_screens_use_is_in_both_cuts() {
    let mut fonts = egui::epaint::text::Fonts::new(Default::default(), fonts::definitions());
    let mut view = fonts.with_pixels_per_point(1.0);
    for family in [egui::FontFamily::Proportional, fonts::semibold()] {
        let font = FontId::new(14.0, family);
        for sign in "●○✓×−·…–—→←↑↓⚠“”‘’€£$¥₹złKčÅéßőșğłñΑωЖя№%".chars()
        {
            assert!(view.has_glyph(&font, sign), "{sign} in {:?}", font.family);
        }
    }
}
