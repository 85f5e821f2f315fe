//! Opens the window on the data directory; where the file cannot be opened, a window that says so in words.

use std::path::{Path, PathBuf};

use eframe::NativeOptions;
use egui::{CentralPanel, Ui, ViewportBuilder};

use super::app::Window;
use super::books::Books;
use super::theme;
use super::widgets::{button, card};
use crate::engine::{self, Config, EngineHandle};
use crate::store::OpenError;

/// Runs until the window is closed; what was entered is on the disk before that.
pub fn run(dir: &Path) -> Result<(), String> {
    let options = options(dir);
    let opened = open(dir);
    let ended = match opened {
        Ok((engine, books)) => {
            let handle = engine.clone();
            let ended = eframe::run_native(
                "Waybill",
                options,
                Box::new(move |cc| Ok(Box::new(Window::new(cc, handle, books)))),
            );
            engine.stop();
            ended
        }
        Err(error) => {
            let trouble = Trouble { words: error.to_string(), dir: dir.to_owned(), exported: None };
            eframe::run_native(
                "Waybill",
                options,
                Box::new(move |cc| Ok(Box::new(trouble.shown_on(&cc.egui_ctx)))),
            )
        }
    };
    ended.map_err(|error| {
        format!("The window could not be opened: {error}. `waybill --help` lists what works without.")
    })
}

fn open(dir: &Path) -> Result<(EngineHandle, Books), OpenError> {
    let engine = engine::start(Config { dir: dir.to_owned(), online: true, listen: true })?;
    let books = Books::open(dir, engine::now())?;
    Ok((engine, books))
}

fn options(dir: &Path) -> NativeOptions {
    let viewport = ViewportBuilder::default()
        .with_title("Waybill")
        .with_app_id("waybill")
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([320.0, 480.0]);
    NativeOptions { viewport, persistence_path: Some(dir.join("window.ron")), ..Default::default() }
}

/// The file is left as it is; what was not sent can be saved from it.
struct Trouble {
    words: String,
    dir: PathBuf,
    exported: Option<String>,
}

impl Trouble {
    fn shown_on(self, ctx: &egui::Context) -> Self {
        theme::install(ctx);
        self
    }
}

impl eframe::App for Trouble {
    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        CentralPanel::default().show(ui, |ui| {
            ui.set_max_width(ui.available_width().min(560.0));
            ui.add_space(48.0);
            card::card(ui, |ui| {
                ui.label(theme::strong("Waybill cannot open its file", theme::TITLE));
                ui.label(&self.words);
                let tip = "Entries that the server does not have yet, as a file";
                if button::primary(ui, "Save what was not sent", tip).clicked() {
                    let to = crate::store::free_name(&self.dir);
                    let exported = crate::store::export_unsent(&self.dir, &to, engine::now());
                    self.exported =
                        Some(exported.map_or_else(|error| error.to_string(), |done| done.words(&to)));
                }
                if let Some(words) = &self.exported {
                    ui.label(words);
                }
            });
        });
    }
}
