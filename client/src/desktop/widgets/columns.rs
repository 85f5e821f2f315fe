//! The columns of a table: how wide each is, and which gives way where there is not room for all.

/// No column that carries a name gets narrower.
pub const NAME: f32 = 140.0;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    pub title: &'static str,
    /// What it has where there is room.
    pub width: f32,
    /// What it has at least, or it is not there.
    pub least: f32,
    /// Its part of what is left when every column has its width.
    pub share: f32,
    pub right: bool,
    pub sorts: bool,
    /// The lowest gives way first; who has none stays.
    pub gives: Option<u8>,
}

/// A column that keeps its width.
pub const fn exact(title: &'static str, width: f32) -> Column {
    Column { title, width, least: width, share: 0.0, right: false, sorts: true, gives: None }
}

/// A column of numbers.
pub const fn number(title: &'static str, width: f32) -> Column {
    let mut column = exact(title, width);
    column.right = true;
    column
}

/// A column that takes what is left, and carries a name.
pub const fn share(title: &'static str, share: f32) -> Column {
    let mut column = exact(title, NAME);
    column.share = share;
    column
}

impl Column {
    /// Its head does not sort.
    pub const fn fixed(mut self) -> Self {
        self.sorts = false;
        self
    }

    /// It may be as narrow as this before any column gives way.
    pub const fn least(mut self, least: f32) -> Self {
        self.least = least;
        if self.share > 0.0 {
            self.width = least;
        }
        self
    }

    /// The how manieth it is to give way.
    pub const fn gives(mut self, nth: u8) -> Self {
        self.gives = Some(nth);
        self
    }
}

/// Which columns are shown in this room, and how wide.
pub fn fit(columns: &[Column], room: f32) -> Vec<(usize, f32)> {
    let mut shown: Vec<(usize, &Column)> = columns.iter().enumerate().collect();
    let least = |shown: &[(usize, &Column)]| shown.iter().map(|(_, column)| column.least).sum::<f32>();
    while least(&shown) > room {
        let first = shown.iter().filter_map(|(at, column)| column.gives.map(|nth| (nth, *at))).min();
        let Some((_, gone)) = first else { break };
        shown.retain(|(at, _)| *at != gone);
    }
    let spare = (room - least(&shown)).max(0.0);
    let wanted: f32 = shown.iter().map(|(_, column)| column.width - column.least).sum();
    let given = if wanted > 0.0 { (spare / wanted).min(1.0) } else { 0.0 };
    let left = spare - wanted * given;
    let shares: f32 = shown.iter().map(|(_, column)| column.share).sum();
    let width = |column: &Column| {
        let part = if shares > 0.0 { left * column.share / shares } else { 0.0 };
        column.least + (column.width - column.least) * given + part
    };
    shown.into_iter().map(|(at, column)| (at, width(column))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_give_way_in_the_order_that_stands_beside_them() {
        let columns = [
            exact("Number", 92.0).least(80.0),
            share("Customer", 1.0),
            exact("Wanted", 90.0).gives(2),
            number("Total", 92.0).gives(1),
        ];
        for (room, expected) in [
            (500.0, &[(0, 92.0), (1, 226.0), (2, 90.0), (3, 92.0)][..]),
            (414.0, &[(0, 92.0), (1, 140.0), (2, 90.0), (3, 92.0)]),
            (402.0, &[(0, 80.0), (1, 140.0), (2, 90.0), (3, 92.0)]),
            (401.0, &[(0, 92.0), (1, 219.0), (2, 90.0)]),
            (300.0, &[(0, 92.0), (1, 208.0)]),
            (200.0, &[(0, 80.0), (1, 140.0)]),
        ] {
            assert_eq!(fit(&columns, room), expected, "{room}");
        }
    }
}
