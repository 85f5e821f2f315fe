//! Who has the keyboard, and what Enter, Esc and Ctrl+Enter do. ARCHITECTURE.md says the rules; they are held here and
//! in the widgets, so that no sheet and no place has its own.
//!
//! egui drops the focus at Esc before anything is drawn, presses whatever has the focus at Ctrl+Enter, and gives all
//! that was typed since the last pass to one pass, in which a form reads its fields before or after that. So these keys
//! are taken out before egui sees them, and a key that moves something has a pass of its own, behind what was typed
//! before it.

use std::collections::VecDeque;

use egui::{Context, Event, Id, Key, Modifiers, Popup, RawInput, Response, Ui};

#[derive(Default)]
struct Keyboard {
    /// What was typed and has not had its pass yet.
    waiting: VecDeque<Event>,
    /// What the last key led to is drawn first.
    settles: bool,
    pass: u64,
    esc: bool,
    next_step: bool,
    /// The field in which Enter was pressed.
    entered: Option<Id>,
    /// The pass from which on the first field that is drawn takes the keyboard, and whether that is one in a sheet.
    first: Option<(u64, bool)>,
    /// What is drawn now is in a sheet.
    inside: bool,
    /// The pass in which the first field with an error does.
    wrong: Option<u64>,
    /// The sheets that were drawn in the last pass, and in this one.
    before: Vec<Id>,
    now: Vec<Id>,
}

impl egui::Plugin for Keyboard {
    fn debug_name(&self) -> &'static str {
        "keyboard"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        self.pass += 1;
        // What nobody took has gone with its pass.
        (self.esc, self.next_step, self.entered) = (false, false, None);
        self.before = std::mem::take(&mut self.now);
        self.waiting.extend(std::mem::take(&mut input.events));
        let settles = std::mem::take(&mut self.settles);
        while let Some(event) = self.waiting.pop_front() {
            let behind_typed = moves(&event) && input.events.iter().any(is_typed);
            if behind_typed || settles && is_typed(&event) {
                self.waiting.push_front(event);
                break;
            }
            if !moves(&event) {
                input.events.push(event);
                continue;
            }
            self.settles = true;
            match event {
                event if is(&event, Key::Escape, Modifiers::NONE) => self.esc = !closes_popup(ctx),
                event if is(&event, Key::Enter, Modifiers::COMMAND) => self.next_step = true,
                event => input.events.push(event),
            }
            break;
        }
        if !self.waiting.is_empty() {
            ctx.request_repaint();
        }
    }
}

/// Before the first pass of a window.
pub fn install(ctx: &Context) {
    ctx.add_plugin(Keyboard::default());
}

/// An open menu or choice is the topmost thing.
fn closes_popup(ctx: &Context) -> bool {
    let open = Popup::is_any_open(ctx);
    if open {
        Popup::close_all(ctx);
    }
    open
}

/// The keys that lead on: what was typed before is read before them, and what comes of them drawn before more is read.
fn moves(event: &Event) -> bool {
    let Event::Key { key, pressed: true, modifiers, .. } = event else { return false };
    matches!(key, Key::Enter | Key::Escape | Key::Tab | Key::ArrowUp | Key::ArrowDown) || modifiers.command
}

fn is_typed(event: &Event) -> bool {
    matches!(event, Event::Text(_) | Event::Paste(_) | Event::Ime(_) | Event::Key { pressed: true, .. })
}

fn is(event: &Event, wanted: Key, with: Modifiers) -> bool {
    matches!(event, Event::Key { key, modifiers, .. } if *key == wanted && modifiers.matches_logically(with))
}

fn with<T: Default>(ctx: &Context, look: impl FnOnce(&mut Keyboard) -> T) -> T {
    ctx.with_plugin(look).unwrap_or_default()
}

/// Esc was pressed, and nothing above took it.
pub fn take_esc(ctx: &Context) -> bool {
    with(ctx, |keyboard| std::mem::take(&mut keyboard.esc))
}

/// Ctrl+Enter was pressed; whatever has the keyboard never sees it.
pub fn take_next_step(ctx: &Context) -> bool {
    with(ctx, |keyboard| std::mem::take(&mut keyboard.next_step))
}

/// Takes Enter for a field of one line, before it is drawn: the field keeps the keyboard.
pub fn enters(ui: &Ui, field: Id) -> bool {
    let has = ui.memory(|memory| memory.has_focus(field));
    let pressed = has && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    if pressed {
        with(ui.ctx(), |keyboard| keyboard.entered = Some(field));
    }
    pressed
}

/// Enter was pressed in this very field, which does something of its own with it.
pub fn entered(field: &Response) -> bool {
    with(&field.ctx, |keyboard| keyboard.entered.take_if(|id| *id == field.id).is_some())
}

/// Enter in any field, or Ctrl+Enter: the primary button of a sheet or of a card that stands alone.
pub fn asked(ctx: &Context) -> bool {
    let asked = with(ctx, |keyboard| keyboard.entered.take().is_some()) | take_next_step(ctx);
    if asked {
        seek_wrong(ctx);
    }
    asked
}

/// The primary button of a card that stands alone was pressed, in whichever way.
pub fn pressed(primary: &Response) -> bool {
    let clicked = primary.clicked();
    if clicked {
        seek_wrong(&primary.ctx);
    }
    asked(&primary.ctx) || clicked
}

/// Where something is wrong, the first field that says so has the keyboard in the next pass.
pub fn seek_wrong(ctx: &Context) {
    with(ctx, |keyboard| keyboard.wrong = Some(keyboard.pass + 1));
    ctx.request_repaint();
}

/// True for the first field with an error after something was pressed.
pub fn is_wrong_one(ctx: &Context) -> bool {
    with(ctx, |keyboard| keyboard.wrong.take_if(|pass| *pass == keyboard.pass).is_some())
}

/// A sheet is drawn. When it was not there in the last pass, its first field takes the keyboard.
pub fn sheet(ctx: &Context, id: Id) {
    with(ctx, |keyboard| {
        if !keyboard.before.contains(&id) && !keyboard.now.contains(&id) {
            keyboard.first = Some((keyboard.pass, true));
        }
        keyboard.now.push(id);
        keyboard.inside = true;
    });
}

/// The fields of a form are others now: the first of them takes the keyboard.
pub fn first_again(ctx: &Context) {
    with(ctx, |keyboard| keyboard.first = Some((keyboard.pass + 1, keyboard.inside)));
    ctx.request_repaint();
}

/// True where this one is the first, and takes the keyboard.
pub fn claim(response: &Response) -> bool {
    let wanted = response.enabled()
        && with(&response.ctx, |keyboard| {
            let Keyboard { first, pass, inside, .. } = keyboard;
            first.take_if(|(from, sheet)| *from <= *pass && *sheet == *inside).is_some()
        });
    if wanted {
        response.request_focus();
    }
    wanted
}

/// The sheet is drawn whole. What of it was first has the keyboard, where it was drawn to be seen.
pub fn sheet_ends(ctx: &Context, seen: bool) {
    with(ctx, |keyboard| {
        keyboard.inside = false;
        if seen {
            keyboard.first.take_if(|(from, _)| *from <= keyboard.pass);
        }
    });
}

/// Something is asked for over the screen: its keys are not for what lies below.
pub fn is_below_a_sheet(ctx: &Context) -> bool {
    with(ctx, |keyboard| !(keyboard.before.is_empty() && keyboard.now.is_empty()))
}

/// What is typed and is for no other field goes here. Called before the field is drawn.
pub fn home(ctx: &Context, field: Id) {
    if is_below_a_sheet(ctx) || Popup::is_any_open(ctx) {
        return;
    }
    let word = |event: &Event| matches!(event, Event::Text(text) if !text.trim().is_empty());
    let typed = ctx.input(|input| input.events.iter().any(word));
    let free = ctx.memory(|memory| memory.focused().is_none());
    if free || typed && !ctx.text_edit_focused() {
        ctx.memory_mut(|memory| memory.request_focus(field));
    }
}

/// Nothing has the keyboard.
pub fn leave(ctx: &Context) {
    ctx.memory_mut(|memory| {
        if let Some(id) = memory.focused() {
            memory.surrender_focus(id);
        }
    });
}
