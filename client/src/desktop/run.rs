//! Opens the window on the data directory; where the file cannot be opened, a window that says so in words.

use std::path::Path;

use eframe::NativeOptions;
use egui::{Ui, ViewportBuilder};

use super::app::Window;
use super::books::Books;
use super::panels::trouble::{Trouble, trouble_ui};
use super::theme;
use crate::engine::{self, Config, EngineHandle, Request};
use crate::store::OpenError;

/// Runs until the window is closed; what was entered is on the disk before that.
pub fn run(dir: &Path) -> Result<(), String> {
    let options = options(dir);
    let opened = open(dir);
    let ended = match opened {
        Ok((engine, books)) => {
            let (handle, last) = (engine.clone(), engine.clone());
            let ended = eframe::run_native(
                "Waybill",
                options,
                Box::new(move |cc| Ok(Box::new(Window::new(cc, handle, books)))),
            );
            // Whoever opens it next gives a PIN, also on the command line.
            let _ = last.ask(Request::Lock).wait();
            drop(last);
            engine.stop();
            ended
        }
        Err(error) => {
            let refused = Refused(Trouble::new(error.to_string(), dir));
            eframe::run_native(
                "Waybill",
                options,
                Box::new(move |cc| {
                    theme::install(&cc.egui_ctx);
                    Ok(Box::new(refused))
                }),
            )
        }
    };
    ended.map_err(|error| {
        format!("The window could not be opened: {error}. `waybill --help` lists what works without.")
    })
}

fn open(dir: &Path) -> Result<(EngineHandle, Books), OpenError> {
    let engine = engine::start(Config { dir: dir.to_owned(), online: true, listen: true })?;
    // Refused where there is no PIN to unlock it with.
    let _ = engine.ask(Request::Lock).wait();
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

/// A window that says why there is no other one.
struct Refused(Trouble);

impl eframe::App for Refused {
    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        trouble_ui(ui, &mut self.0);
    }
}
