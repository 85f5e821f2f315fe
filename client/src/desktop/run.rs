//! Opens the window on the data directory; where the file cannot be opened, a window that says so in words, and where it
//! is encrypted, one that asks for a PIN first.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use eframe::NativeOptions;
use egui::{Context, Ui, ViewportBuilder};

use super::app::Window;
use super::books::Books;
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
        format!("The window could not be opened: {error}. `waybill --help` lists what works without.")
    })
}

type Started = Rc<RefCell<Option<EngineHandle>>>;

struct App {
    dir: PathBuf,
    remembered: Remembered,
    started: Started,
    stage: Stage,
}

enum Stage {
    /// Encrypted; somebody gives a PIN.
    Sealed(Box<Sealed>),
    Open(Box<Window>),
    /// Says why there is no other one.
    Refused(Trouble),
}

impl App {
    fn begin(ctx: &Context, dir: PathBuf, remembered: Remembered, started: Started) -> Self {
        let opened = engine::start_when_free(Config { dir: dir.clone(), online: true, listen: true })
            .inspect(|engine| {
                // Refused where there is no PIN to unlock it with.
                let _ = engine.ask(Request::Lock).wait();
            });
        let mut app = Self { dir, remembered, started, stage: Stage::Sealed(Box::default()) };
        app.opened(ctx, opened);
        app
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
