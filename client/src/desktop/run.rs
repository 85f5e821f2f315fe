//! Opens the window on the data directory; where the file cannot be opened, a window that says so in words, and where it
//! is encrypted, one that asks for a PIN first.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use eframe::NativeOptions;
use egui::{Context, Ui, ViewportBuilder};

use super::app::Window;
use super::books::Books;
use super::frame;
use super::panels::trouble::{Trouble, trouble_ui};
use super::remembered::Remembered;
use super::sealed::{Opened, Sealed};
use super::theme;
use crate::engine::{self, Config, EngineHandle, Request};
use crate::store::OpenError;

/// Runs until the window is closed; what was entered is on the disk before that.
pub fn run(dir: &Path) -> Result<(), String> {
    let started = Started::default();
    let (place, engine) = (dir.to_owned(), Rc::clone(&started));
    let ended = eframe::run_native(
        "Waybill",
        options(dir),
        Box::new(move |cc| {
            theme::install(&cc.egui_ctx);
            let remembered = Remembered::load(cc.storage);
            theme::choose(&cc.egui_ctx, remembered.theme);
            Ok(Box::new(App::begin(&cc.egui_ctx, place, remembered, engine)))
        }),
    );
    if let Some(engine) = started.take() {
        // Whoever opens it next gives a PIN, also on the command line.
        let _ = engine.ask(Request::Lock).wait();
        engine.stop();
    }
    ended.map_err(|error| {
        let why = without_places(&error.to_string());
        format!("The window could not be opened: {why}. `waybill --help` lists what works without.")
    })
}

/// What a library says of where in its source it gave up helps nobody: `os error at …/mod.rs:765: no display`.
fn without_places(text: &str) -> String {
    let behind = text.rsplit_once(".rs:").and_then(|(_, rest)| rest.split_once(": "));
    let said = behind.filter(|(line, _)| line.chars().all(|c| c.is_ascii_digit() || c == ':'));
    said.map_or(text, |(_, said)| said).trim_end_matches('.').to_owned()
}

type Started = Rc<RefCell<Option<EngineHandle>>>;

struct App {
    dir: PathBuf,
    remembered: Remembered,
    started: Started,
    stage: Stage,
}

enum Stage {
    /// Another program of this device has the file.
    Waiting {
        until: Instant,
    },
    /// Encrypted; somebody gives a PIN.
    Sealed(Box<Sealed>),
    Open(Box<Window>),
    /// Says why there is no other one.
    Refused(Trouble),
}

impl App {
    fn begin(ctx: &Context, dir: PathBuf, remembered: Remembered, started: Started) -> Self {
        let until = Instant::now() + PATIENCE;
        let mut app = Self { dir, remembered, started, stage: Stage::Waiting { until } };
        app.open(ctx, until);
        app
    }

    /// A command that has the file just now is waited for, and that is said meanwhile.
    fn open(&mut self, ctx: &Context, until: Instant) {
        match engine::start(Config { dir: self.dir.clone(), online: true, listen: true }) {
            Err(OpenError::InUse(_)) if Instant::now() < until => {
                ctx.request_repaint_after(Duration::from_millis(50));
            }
            opened => {
                let opened = opened.inspect(|engine| {
                    // Refused where there is no PIN to unlock it with.
                    let _ = engine.ask(Request::Lock).wait();
                });
                self.opened(ctx, opened);
            }
        }
    }

    fn opened(&mut self, ctx: &Context, opened: Result<EngineHandle, OpenError>) {
        let books = opened.and_then(|engine| Ok((Books::open(&self.dir, engine::now())?, engine)));
        self.stage = match books {
            Ok((books, engine)) => {
                let again = ctx.clone();
                engine.on_change(move || again.request_repaint());
                *self.started.borrow_mut() = Some(engine.clone());
                Stage::Open(Box::new(Window::with(engine, books, self.remembered.clone())))
            }
            Err(OpenError::Sealed(_)) => Stage::Sealed(Box::new(Sealed::of(&self.dir))),
            Err(error) => Stage::Refused(Trouble::new(error.to_string(), &self.dir)),
        };
    }
}

/// How long a command of this device is waited for. Most take a moment, `sync` on a slow line longer.
const PATIENCE: Duration = Duration::from_secs(10);

fn waiting_ui(ui: &mut Ui) {
    frame::alone(ui, "waiting", 420.0, |ui| {
        ui.label("Waiting for a command of Waybill that works with this device's file just now.");
    });
}

impl eframe::App for App {
    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        let opened = match &mut self.stage {
            Stage::Open(window) => {
                window.show(ui, engine::now());
                None
            }
            Stage::Refused(trouble) => {
                trouble_ui(ui, trouble);
                None
            }
            Stage::Sealed(sealed) => sealed.show(ui, &self.remembered.device),
            Stage::Waiting { until } => {
                let until = *until;
                waiting_ui(ui);
                let ctx = ui.ctx().clone();
                self.open(&ctx, until);
                None
            }
        };
        if let Some(Opened(opened)) = opened {
            self.opened(ui.ctx(), opened);
            ui.ctx().request_repaint();
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        if let Stage::Open(window) = &mut self.stage {
            window.save(storage);
        }
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }
}

fn options(dir: &Path) -> NativeOptions {
    let viewport = ViewportBuilder::default()
        .with_title("Waybill")
        .with_app_id("waybill")
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([320.0, 480.0]);
    NativeOptions { viewport, persistence_path: Some(dir.join("window.ron")), ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn a_file_that_a_command_has_is_waited_for_with_a_word_and_opened_then() {
        let dir = tempfile::tempdir().expect("a directory");
        let command = Store::open(dir.path(), engine::now()).expect("opens");
        let ctx = Context::default();
        let (started, remembered) = (Started::default(), Remembered::default());
        let began = Instant::now();
        let mut app = App::begin(&ctx, dir.path().to_owned(), remembered, Rc::clone(&started));
        assert!(matches!(app.stage, Stage::Waiting { .. }));
        assert!(began.elapsed() < Duration::from_secs(2), "the window is there before the file");
        command.close().expect("closes");
        app.open(&ctx, Instant::now() + PATIENCE);
        assert!(matches!(app.stage, Stage::Open(_)));
        drop(app);
        started.take().expect("it runs").stop();
    }

    #[test]
    fn a_screen_that_is_not_there_is_told_without_the_source_of_a_library() {
        let said = "winit EventLoopError: os error at /home/ana/.cargo/registry/src/index.crates.io-1/winit-0.30.12/src/\
                    platform_impl/linux/mod.rs:765: neither WAYLAND_DISPLAY nor WAYLAND_SOCKET nor DISPLAY is set.";
        let words = "neither WAYLAND_DISPLAY nor WAYLAND_SOCKET nor DISPLAY is set";
        assert_eq!(super::without_places(said), words);
        assert_eq!(super::without_places("Not supported"), "Not supported");
    }
}
