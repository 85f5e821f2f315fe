//! Icons, drawn with lines in a 20-unit square so that they take the colour and size of their place.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Orders,
    NewOrder,
    Till,
    Customers,
    Products,
    Locations,
    Attention,
    Held,
    Devices,
    Reports,
    Settings,
    Search,
    Back,
    More,
    Plus,
    Minus,
    Close,
    Person,
    Picture,
    Paper,
}

pub fn paint(painter: &Painter, icon: Icon, rect: Rect, color: Color32) {
    let pen = Pen { painter, rect, stroke: Stroke::new((rect.width() / 20.0 * 1.6).max(1.2), color) };
    match icon {
        Icon::Orders => {
            pen.block(4.0, 2.5, 16.0, 17.5);
            for y in [7.0, 10.5, 14.0] {
                pen.line(&[(7.0, y), (13.0, y)]);
            }
        }
        Icon::NewOrder => {
            pen.block(3.0, 2.5, 13.0, 17.5);
            pen.line(&[(6.0, 7.0), (10.0, 7.0)]);
            pen.line(&[(15.5, 5.0), (15.5, 11.0)]);
            pen.line(&[(12.5, 8.0), (18.5, 8.0)]);
        }
        Icon::Till => {
            pen.line(&[(3.0, 10.5), (5.5, 4.0), (14.5, 4.0), (17.0, 10.5)]);
            pen.block(2.5, 10.5, 17.5, 16.5);
            pen.line(&[(8.0, 13.5), (12.0, 13.5)]);
            pen.line(&[(7.5, 7.3), (12.5, 7.3)]);
        }
        Icon::Customers => {
            pen.circle(7.5, 6.5, 3.0);
            pen.line(&[(2.0, 16.5), (2.6, 13.4), (4.6, 12.0), (10.4, 12.0), (12.4, 13.4), (13.0, 16.5)]);
            pen.line(&[(13.2, 3.9), (14.9, 5.0), (15.2, 7.0), (14.2, 8.8), (13.0, 9.3)]);
            pen.line(&[(15.0, 12.2), (17.2, 13.4), (18.0, 16.5)]);
        }
        Icon::Products => {
            pen.line(&[
                (10.0, 2.5),
                (17.0, 6.0),
                (17.0, 14.0),
                (10.0, 17.5),
                (3.0, 14.0),
                (3.0, 6.0),
                (10.0, 2.5),
            ]);
            pen.line(&[(3.0, 6.0), (10.0, 9.5), (17.0, 6.0)]);
            pen.line(&[(10.0, 9.5), (10.0, 17.5)]);
        }
        Icon::Locations => {
            pen.line(&[(3.5, 8.0), (10.0, 2.5), (16.5, 8.0)]);
            pen.line(&[(5.0, 7.0), (5.0, 17.0), (15.0, 17.0), (15.0, 7.0)]);
            pen.line(&[(8.0, 17.0), (8.0, 11.0), (12.0, 11.0), (12.0, 17.0)]);
        }
        Icon::Attention => {
            pen.line(&[(10.0, 3.0), (18.0, 16.5), (2.0, 16.5), (10.0, 3.0)]);
            pen.line(&[(10.0, 8.0), (10.0, 11.8)]);
            pen.dot(10.0, 14.0, 1.0);
        }
        Icon::Held => {
            pen.circle(10.0, 10.0, 7.5);
            pen.line(&[(8.0, 7.0), (8.0, 13.0)]);
            pen.line(&[(12.0, 7.0), (12.0, 13.0)]);
        }
        Icon::Devices => {
            pen.block(2.5, 3.5, 13.5, 12.5);
            pen.line(&[(5.0, 16.0), (11.0, 16.0)]);
            pen.line(&[(8.0, 12.5), (8.0, 16.0)]);
            pen.block(13.0, 8.5, 17.5, 17.0);
        }
        Icon::Reports => {
            pen.line(&[(3.0, 3.0), (3.0, 17.0), (17.5, 17.0)]);
            for (x, y) in [(6.8, 11.0), (10.6, 7.5), (14.4, 4.5)] {
                pen.line(&[(x, 16.0), (x, y)]);
            }
        }
        Icon::Settings => {
            for (y, x) in [(5.0, 13.0), (10.0, 7.0), (15.0, 12.0)] {
                pen.line(&[(2.5, y), (x - 2.0, y)]);
                pen.line(&[(x + 2.0, y), (17.5, y)]);
                pen.circle(x, y, 2.0);
            }
        }
        Icon::Search => {
            pen.circle(8.5, 8.5, 5.5);
            pen.line(&[(12.6, 12.6), (17.5, 17.5)]);
        }
        Icon::Back => {
            pen.line(&[(9.0, 4.0), (3.0, 10.0), (9.0, 16.0)]);
            pen.line(&[(3.0, 10.0), (17.0, 10.0)]);
        }
        Icon::More => {
            for x in [4.0, 10.0, 16.0] {
                pen.dot(x, 10.0, 1.6);
            }
        }
        Icon::Plus => {
            pen.line(&[(10.0, 4.0), (10.0, 16.0)]);
            pen.line(&[(4.0, 10.0), (16.0, 10.0)]);
        }
        Icon::Minus => pen.line(&[(4.0, 10.0), (16.0, 10.0)]),
        Icon::Close => {
            pen.line(&[(4.5, 4.5), (15.5, 15.5)]);
            pen.line(&[(15.5, 4.5), (4.5, 15.5)]);
        }
        Icon::Picture => {
            pen.block(2.5, 4.0, 17.5, 16.0);
            pen.circle(7.0, 8.2, 1.5);
            pen.line(&[(2.5, 14.5), (8.0, 10.8), (11.5, 13.6), (14.0, 11.6), (17.5, 14.2)]);
        }
        Icon::Paper => {
            pen.line(&[(12.0, 2.5), (4.5, 2.5), (4.5, 17.5), (15.5, 17.5), (15.5, 6.0), (12.0, 2.5)]);
            pen.line(&[(12.0, 2.5), (12.0, 6.0), (15.5, 6.0)]);
        }
        Icon::Person => {
            pen.circle(10.0, 6.5, 3.5);
            pen.line(&[(3.5, 17.0), (4.4, 13.6), (6.8, 12.2), (13.2, 12.2), (15.6, 13.6), (16.5, 17.0)]);
        }
    }
}

/// Places an icon in the layout, without words of its own: the widget that holds it says what it is.
pub fn show(ui: &mut egui::Ui, icon: Icon, size: f32, color: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(size, size), egui::Sense::hover());
    paint(ui.painter(), icon, rect, color);
}

struct Pen<'a> {
    painter: &'a Painter,
    rect: Rect,
    stroke: Stroke,
}

impl Pen<'_> {
    fn at(&self, x: f32, y: f32) -> Pos2 {
        let unit = self.rect.width() / 20.0;
        pos2(self.rect.left() + x * unit, self.rect.top() + y * unit)
    }

    fn line(&self, points: &[(f32, f32)]) {
        let points = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        self.painter.add(Shape::line(points, self.stroke));
    }

    fn circle(&self, x: f32, y: f32, radius: f32) {
        self.painter.circle_stroke(self.at(x, y), radius * self.rect.width() / 20.0, self.stroke);
    }

    fn dot(&self, x: f32, y: f32, radius: f32) {
        self.painter.circle_filled(self.at(x, y), radius * self.rect.width() / 20.0, self.stroke.color);
    }

    fn block(&self, x0: f32, y0: f32, x1: f32, y1: f32) {
        let rect = Rect::from_min_max(self.at(x0, y0), self.at(x1, y1));
        self.painter.rect_stroke(rect, 2.0, self.stroke, StrokeKind::Middle);
    }
}
