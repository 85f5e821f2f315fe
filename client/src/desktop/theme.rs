//! The tokens that every screen is drawn from: colours of both themes, spacing, type and corners.

use std::sync::Arc;

use egui::style::{Selection, WidgetVisuals};
use egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, TextStyle, Theme, Visuals, vec2,
};

use super::{focus, fonts};

/// Text of a state on the soft ground that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tone {
    pub ink: Color32,
    pub ground: Color32,
}

/// The colours of one theme. `faint` is for rules and decoration, never for words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub page: Color32,
    pub surface: Color32,
    pub raised: Color32,
    pub line: Color32,
    pub line_strong: Color32,
    pub text: Color32,
    pub muted: Color32,
    pub faint: Color32,
    pub accent: Color32,
    pub on_accent: Color32,
    pub accent_soft: Color32,
    pub good: Tone,
    pub warn: Tone,
    pub bad: Tone,
}

pub const LIGHT: Tokens = Tokens {
    page: hex(0xF6F7F5),
    surface: hex(0xFFFFFF),
    raised: hex(0xFFFFFF),
    line: hex(0xE1E4E0),
    line_strong: hex(0xC6CBC5),
    text: hex(0x1B1F1D),
    muted: hex(0x5B645F),
    faint: hex(0x8C958F),
    accent: hex(0x0F6B5F),
    on_accent: hex(0xFFFFFF),
    accent_soft: hex(0xE0F0ED),
    good: Tone { ink: hex(0x1F7A3D), ground: hex(0xE4F3E8) },
    warn: Tone { ink: hex(0x8A5A00), ground: hex(0xFBF0D9) },
    bad: Tone { ink: hex(0xA62B2B), ground: hex(0xFBE6E4) },
};

pub const DARK: Tokens = Tokens {
    page: hex(0x15181A),
    surface: hex(0x1C2023),
    raised: hex(0x24292D),
    line: hex(0x30363A),
    line_strong: hex(0x434B50),
    text: hex(0xE8ECEA),
    muted: hex(0xA3ADA8),
    faint: hex(0x6F7974),
    accent: hex(0x4FB8A8),
    on_accent: hex(0x0B1513),
    accent_soft: hex(0x17332F),
    good: Tone { ink: hex(0x6CCB8A), ground: hex(0x16301F) },
    warn: Tone { ink: hex(0xE0B050), ground: hex(0x33280F) },
    bad: Tone { ink: hex(0xF08A80), ground: hex(0x3A1B19) },
};

pub const SPACE: [f32; 6] = [4.0, 8.0, 12.0, 16.0, 24.0, 32.0];
pub const CAPTION: f32 = 12.0;
pub const BODY: f32 = 14.0;
pub const EMPHASIS: f32 = 16.0;
pub const TITLE: f32 = 20.0;
pub const FIGURE: f32 = 28.0;
pub const CORNER: u8 = 6;
pub const CARD_CORNER: u8 = 10;
/// Height of a row and of a control where there is a mouse, and where there is a thumb.
pub const ROW: f32 = 28.0;
pub const TOUCH: f32 = 44.0;

/// The tokens of the theme that `ui` is drawn in.
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

/// What the user chose; remembered between runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ThemeChoice {
    #[default]
    System,
    Light,
    Dark,
}

impl ThemeChoice {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub fn words(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// Sets fonts and both styles; call once when the window is made.
pub fn install(ctx: &egui::Context) {
    focus::install(ctx);
    ctx.set_fonts(fonts::definitions());
    // Where the system does not say, light: most tills and desks stand in lit rooms.
    ctx.options_mut(|options| options.fallback_theme = Theme::Light);
    ctx.set_style_of(Theme::Light, style(&LIGHT, false));
    ctx.set_style_of(Theme::Dark, style(&DARK, true));
}

pub fn choose(ctx: &egui::Context, choice: ThemeChoice) {
    ctx.set_theme(match choice {
        ThemeChoice::System => egui::ThemePreference::System,
        ThemeChoice::Light => egui::ThemePreference::Light,
        ThemeChoice::Dark => egui::ThemePreference::Dark,
    });
}

/// The font of a size; `strong` is the heavier cut.
pub fn font(size: f32, strong: bool) -> FontId {
    FontId::new(size, if strong { fonts::semibold() } else { FontFamily::Proportional })
}

/// Text in the heavier cut.
pub fn strong(text: impl Into<String>, size: f32) -> egui::RichText {
    egui::RichText::new(text).font(font(size, true))
}

/// Small grey text: units, captions, second lines.
pub fn caption(ui: &egui::Ui, text: impl Into<String>) -> egui::RichText {
    egui::RichText::new(text).size(CAPTION).color(tokens(ui).muted)
}

/// Two small things in one line: `C-100 · Lübeck`.
pub fn dotted(first: &str, second: &str) -> String {
    if first.is_empty() || second.is_empty() {
        format!("{first}{second}")
    } else {
        format!("{first} · {second}")
    }
}

fn style(t: &Tokens, dark: bool) -> Arc<egui::Style> {
    let mut style = egui::Style {
        text_styles: [
            (TextStyle::Small, font(CAPTION, false)),
            (TextStyle::Body, font(BODY, false)),
            (TextStyle::Button, font(BODY, false)),
            (TextStyle::Heading, font(TITLE, true)),
            (TextStyle::Monospace, FontId::monospace(13.0)),
        ]
        .into(),
        animation_time: 0.08,
        visuals: visuals(t, dark),
        ..Default::default()
    };
    let s = &mut style.spacing;
    s.item_spacing = vec2(SPACE[1], SPACE[1]);
    s.button_padding = vec2(SPACE[2], SPACE[0]);
    s.interact_size = vec2(ROW, ROW);
    s.window_margin = Margin::same(16);
    s.menu_margin = Margin::same(8);
    s.combo_width = 120.0;
    s.tooltip_width = 320.0;
    s.scroll.bar_width = 8.0;
    s.scroll.floating_allocated_width = 0.0;
    style.interaction.selectable_labels = false;
    style.url_in_tooltip = true;
    Arc::new(style)
}

fn visuals(t: &Tokens, dark: bool) -> Visuals {
    let mut v = if dark { Visuals::dark() } else { Visuals::light() };
    let corner = CornerRadius::same(CORNER);
    let widget = |fill: Color32, line: Color32, ink: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        corner_radius: corner,
        fg_stroke: Stroke::new(1.0, ink),
        expansion: 0.0,
    };
    v.widgets.noninteractive = widget(t.surface, t.line, t.text);
    v.widgets.inactive = widget(t.raised, t.line_strong, t.text);
    v.widgets.hovered = widget(t.accent_soft, t.accent, t.text);
    v.widgets.active = widget(t.accent_soft, t.accent, t.text);
    v.widgets.active.bg_stroke.width = 2.0;
    v.widgets.open = widget(t.accent_soft, t.accent, t.text);
    v.selection = Selection { bg_fill: t.accent_soft, stroke: Stroke::new(2.0, t.accent) };
    v.weak_text_color = Some(t.muted);
    v.hyperlink_color = t.accent;
    v.faint_bg_color = t.page;
    v.extreme_bg_color = t.surface;
    v.text_edit_bg_color = Some(t.surface);
    v.code_bg_color = t.page;
    v.warn_fg_color = t.warn.ink;
    v.error_fg_color = t.bad.ink;
    v.panel_fill = t.page;
    v.window_fill = t.raised;
    v.window_stroke = Stroke::new(1.0, t.line_strong);
    v.window_corner_radius = CornerRadius::same(CARD_CORNER);
    v.menu_corner_radius = CornerRadius::same(CARD_CORNER);
    let shade = Color32::from_black_alpha(if dark { 96 } else { 32 });
    v.popup_shadow = Shadow { offset: [0, 4], blur: 16, spread: 0, color: shade };
    v.window_shadow = Shadow { offset: [0, 8], blur: 24, spread: 0, color: shade };
    v.text_cursor.stroke = Stroke::new(2.0, t.accent);
    v.striped = false;
    v.interact_cursor = Some(egui::CursorIcon::PointingHand);
    v
}

const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}
