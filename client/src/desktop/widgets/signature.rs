//! A field to sign in with a finger, pen or mouse, and the picture of what was signed.

use std::io::Cursor;

use egui::{Color32, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};
use image::{GrayImage, ImageFormat, Luma};

use super::button;
use crate::desktop::theme::{self, tokens};

/// The picture: dark on white, three times as wide as high.
const SIZE: (u32, u32) = (900, 300);
const PEN: f32 = 3.0;
/// Nobody signs with more; and the picture stays small.
const MOST_POINTS: usize = 4_000;

/// What was drawn, in parts of the field's width and height.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signature {
    strokes: Vec<Vec<Pos2>>,
}

impl Signature {
    pub fn is_empty(&self) -> bool {
        self.strokes.is_empty()
    }

    /// The field over the whole width, and no higher than this.
    pub fn show(&mut self, ui: &mut Ui, most_high: f32) {
        let t = tokens(ui);
        ui.horizontal(|ui| {
            ui.label(theme::caption(ui, "Signature"));
            if !self.is_empty() && button::quiet(ui, "Sign anew", "").clicked() {
                self.strokes.clear();
            }
        });
        let size = vec2(ui.available_width(), (ui.available_width() / 3.0).min(most_high));
        let (rect, response) = ui.allocate_exact_size(size, Sense::drag());
        let said = if self.is_empty() { "Sign here" } else { "Signed" };
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, said));
        // The field may be flatter than the picture: what is drawn keeps its shape.
        let paper = Rect::from_center_size(rect.center(), vec2(rect.height() * 3.0, rect.height()));
        let within = |at: Pos2| {
            let Vec2 { x, y } = (at - paper.min) / paper.size();
            pos2(x.clamp(0.0, 1.0), y.clamp(0.0, 1.0))
        };
        if let Some(at) = response.interact_pointer_pos() {
            if response.drag_started() || self.is_empty() {
                self.strokes.push(Vec::new());
            }
            let room = self.strokes.iter().map(Vec::len).sum::<usize>() < MOST_POINTS;
            if let Some(stroke) = self.strokes.last_mut().filter(|stroke| {
                let at = within(at);
                room && stroke.last().is_none_or(|last| (*last - at).length() > 0.002)
            }) {
                stroke.push(within(at));
            }
        }
        let painter = ui.painter().with_clip_rect(rect);
        painter.rect(
            rect,
            theme::CORNER,
            Color32::WHITE,
            Stroke::new(1.0, t.line_strong),
            egui::StrokeKind::Inside,
        );
        let line_y = rect.top() + rect.height() * 0.78;
        painter.hline(rect.shrink(16.0).x_range(), line_y, Stroke::new(1.0, theme::LIGHT.line_strong));
        if self.is_empty() {
            let ink = theme::LIGHT.muted;
            let words = painter.layout_no_wrap("Sign here".into(), theme::font(theme::CAPTION, false), ink);
            painter.galley(pos2(rect.left() + 16.0, line_y + 4.0), words, ink);
        }
        let pen = Stroke::new(PEN * paper.width() / SIZE.0 as f32, Color32::BLACK);
        for stroke in &self.strokes {
            let points: Vec<Pos2> = stroke.iter().map(|at| paper.min + at.to_vec2() * paper.size()).collect();
            match points.as_slice() {
                [dot] => drop(painter.circle_filled(*dot, pen.width / 2.0, pen.color)),
                _ => drop(painter.line(points, pen)),
            }
        }
    }

    /// As a PNG of a few kilobytes; none of an empty field.
    pub fn png(&self) -> Option<Vec<u8>> {
        if self.is_empty() {
            return None;
        }
        let mut picture = GrayImage::from_pixel(SIZE.0, SIZE.1, Luma([255]));
        let (width, height) = (SIZE.0 as f32, SIZE.1 as f32);
        for stroke in &self.strokes {
            let points: Vec<Pos2> = stroke.iter().map(|at| pos2(at.x * width, at.y * height)).collect();
            let ends = points.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)));
            let dot = points.first().map(|first| (*first, *first));
            for (from, to) in ends.chain(dot) {
                line(&mut picture, from, to);
            }
        }
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
        Some(bytes)
    }
}

/// With soft edges: each point as dark as the pen covers it on its way.
fn line(picture: &mut GrayImage, from: Pos2, to: Pos2) {
    let steps = ((to - from).length() * 2.0).ceil().max(1.0);
    for step in 0..=steps as u32 {
        let pen = from + (to - from) * (step as f32 / steps);
        let near = |at: f32| (at - PEN).floor().max(0.0) as u32..(at + PEN).ceil().max(0.0) as u32;
        for (x, y) in near(pen.y).flat_map(|y| near(pen.x).map(move |x| (x, y))) {
            let distance = (pen - pos2(x as f32 + 0.5, y as f32 + 0.5)).length();
            let light = ((distance - PEN / 2.0 + 0.5).clamp(0.0, 1.0) * 255.0) as u8;
            if let Some(point) = picture.get_pixel_mut_checked(x, y) {
                point.0 = point.0.map(|before| before.min(light));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_drawn_is_a_small_picture_of_it() {
        assert_eq!(Signature::default().png(), None);
        let across = vec![pos2(0.1, 0.5), pos2(0.9, 0.5)];
        let dot = vec![pos2(0.5, 0.1)];
        let png = Signature { strokes: vec![across, dot] }.png().unwrap();
        assert!(png.len() < 20_000, "{} bytes", png.len());
        let picture = image::load_from_memory(&png).unwrap().into_luma8();
        assert_eq!((picture.width(), picture.height()), SIZE);
        let dark = |x, y| picture.get_pixel(x, y).0[0] < 128;
        assert!(dark(450, 150) && dark(100, 150) && dark(450, 30), "the stroke and the dot");
        assert!(!dark(450, 200) && !dark(20, 150), "and nothing else");
    }

    #[test]
    fn the_longest_signature_fits_the_smallest_limit() {
        let scribble = |n: usize| pos2((n % 97) as f32 / 97.0, (n % 61) as f32 / 61.0);
        let png = Signature { strokes: vec![(0..MOST_POINTS).map(scribble).collect()] }.png().unwrap();
        assert!(png.len() < 1024 * 1024, "{} bytes", png.len());
    }
}
